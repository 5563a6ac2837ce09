/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.fluss.spark.types;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.constraints.Constraint;
import org.apache.spark.sql.connector.catalog.constraints.PrimaryKey;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.Literal;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.Transform;

/** Spark's CREATE TABLE as a table descriptor, and back for DESCRIBE. */
public final class TableDeclaration {
    public static final String BUCKET_COUNT = "bucket.num";
    public static final String BUCKET_KEY = "bucket.key";
    public static final String PRIMARY_KEY = "primary.key";
    private static final String OPTION_PREFIX = "table.";

    /** Properties that Spark adds by itself and that say nothing about the table. */
    private static final Set<String> SPARK_OWN =
            Set.of(
                    TableCatalog.PROP_OWNER,
                    TableCatalog.PROP_TABLE_TYPE,
                    TableCatalog.PROP_IS_MANAGED_LOCATION,
                    TableCatalog.PROP_COMMENT,
                    TableCatalog.PROP_PROVIDER,
                    BUCKET_COUNT,
                    BUCKET_KEY,
                    PRIMARY_KEY);

    private TableDeclaration() {}

    /**
     * The descriptor of a declared table.
     *
     * @throws FlussException with INVALID_TABLE naming the clause that cannot be expressed
     */
    public static TableDescriptor descriptor(
            org.apache.spark.sql.connector.catalog.Column[] columns,
            Transform[] partitioning,
            Map<String, String> properties,
            Constraint[] constraints) {
        refuseUnsupported(properties);
        Distribution distribution = Distribution.of(partitioning);
        List<String> bucketKeys =
                once(
                        "bucket keys",
                        "PARTITIONED BY (bucket(n, column))",
                        distribution.bucketKeys(),
                        BUCKET_KEY,
                        names(properties, BUCKET_KEY));
        OptionalInt count = bucketCount(properties, distribution);
        List<String> primaryKey =
                once(
                        "primary key",
                        "a PRIMARY KEY constraint",
                        primaryKey(constraints),
                        PRIMARY_KEY,
                        names(properties, PRIMARY_KEY));
        List<Column> declared =
                ColumnRoles.aggregated(
                        Arrays.stream(columns).map(TableDeclaration::column).toList(), properties);
        Map<String, String> options = new LinkedHashMap<>();
        Map<String, String> custom = new LinkedHashMap<>();
        properties.forEach(
                (k, v) -> {
                    if (k.startsWith(OPTION_PREFIX)) {
                        options.put(k, v);
                    } else if (!SPARK_OWN.contains(k)
                            && !ColumnRoles.isRole(k)
                            && !k.startsWith(TableCatalog.OPTION_PREFIX)) {
                        custom.put(k, v);
                    }
                });
        return new TableDescriptor(
                ColumnRoles.numbered(TableSchema.of(declared, primaryKey), properties),
                Optional.ofNullable(properties.get(TableCatalog.PROP_COMMENT)),
                distribution.partitionKeys(),
                bucketKeys,
                count,
                options,
                custom);
    }

    /** How Spark shows the distribution: identity of each partition key, then the buckets. */
    public static Transform[] partitioning(TableInfo table) {
        List<Transform> out = new ArrayList<>();
        table.descriptor().partitionKeys().forEach(k -> out.add(Expressions.identity(k)));
        List<String> keys = table.descriptor().bucketKeys();
        if (!keys.isEmpty()) {
            out.add(Expressions.bucket(table.bucketCount(), keys.toArray(String[]::new)));
        }
        return out.toArray(Transform[]::new);
    }

    /** The primary key, which holds because there is one row per key. */
    public static Constraint[] constraints(TableInfo table) {
        List<String> key = table.schema().primaryKey();
        return key.isEmpty()
                ? new Constraint[0]
                : new Constraint[] {
                    Constraint.primaryKey(
                                    table.path().table() + "_pk",
                                    key.stream()
                                            .map(Expressions::column)
                                            .toArray(NamedReference[]::new))
                            .enforced(false)
                            .validationStatus(Constraint.ValidationStatus.VALID)
                            .rely(true)
                            .build()
                };
    }

    /** Table options, custom properties, bucket count, bucket and primary key, comment. */
    public static Map<String, String> properties(TableInfo table) {
        TableDescriptor d = table.descriptor();
        Map<String, String> out = new LinkedHashMap<>(d.customProperties());
        out.putAll(d.properties());
        out.put(BUCKET_COUNT, Integer.toString(table.bucketCount()));
        if (!d.bucketKeys().isEmpty()) {
            out.put(BUCKET_KEY, String.join(",", d.bucketKeys()));
        }
        out.putAll(ColumnRoles.properties(d.schema()));
        if (d.hasPrimaryKey()) {
            out.put(PRIMARY_KEY, String.join(",", d.schema().primaryKey()));
        }
        d.comment().ifPresent(c -> out.put(TableCatalog.PROP_COMMENT, c));
        out.put(TableCatalog.PROP_PROVIDER, "fluss");
        return out;
    }

    private static void refuseUnsupported(Map<String, String> properties) {
        if (properties.containsKey(TableCatalog.PROP_LOCATION)) {
            throw invalid("LOCATION cannot be chosen: the cluster stores the table");
        }
        if (properties.containsKey(TableCatalog.PROP_EXTERNAL)) {
            throw invalid("EXTERNAL tables do not exist: the cluster stores the table");
        }
        String provider = properties.get(TableCatalog.PROP_PROVIDER);
        if (provider != null && !provider.equalsIgnoreCase("fluss")) {
            throw invalid(
                    "USING "
                            + provider
                            + " cannot be created here; leave USING out or write USING fluss");
        }
    }

    private static Column column(org.apache.spark.sql.connector.catalog.Column c) {
        if (c.defaultValue() != null
                || c.generationExpression() != null
                || c.identityColumnSpec() != null) {
            throw invalid(
                    "column '" + c.name() + "': DEFAULT, GENERATED and IDENTITY are not supported");
        }
        Column column = Column.of(c.name(), ColumnTypes.of(c.dataType(), c.nullable(), c.name()));
        return c.comment() == null ? column : column.withComment(c.comment());
    }

    private static OptionalInt bucketCount(
            Map<String, String> properties, Distribution distribution) {
        String text = properties.get(BUCKET_COUNT);
        if (text == null) {
            return distribution.bucketCount();
        }
        int count;
        try {
            count = Integer.parseInt(text.trim());
        } catch (NumberFormatException e) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "property '" + BUCKET_COUNT + "' is '" + text + "', but must be a number", e);
        }
        if (distribution.bucketCount().isPresent()
                && distribution.bucketCount().getAsInt() != count) {
            throw invalid(
                    "property '"
                            + BUCKET_COUNT
                            + "' = "
                            + count
                            + " contradicts the bucket count "
                            + distribution.bucketCount().getAsInt()
                            + " of PARTITIONED BY");
        }
        return OptionalInt.of(count);
    }

    private static List<String> primaryKey(Constraint[] constraints) {
        List<String> key = List.of();
        for (Constraint c : constraints) {
            if (!(c instanceof PrimaryKey p)) {
                throw invalid("constraint " + c.toDDL() + " is not supported, only PRIMARY KEY is");
            }
            key = Arrays.stream(p.columns()).map(TableDeclaration::topLevel).toList();
        }
        return key;
    }

    private static List<String> names(Map<String, String> properties, String property) {
        String text = properties.get(property);
        if (text == null || text.isBlank()) {
            return List.of();
        }
        return Arrays.stream(text.split(",", -1)).map(String::trim).toList();
    }

    private static List<String> once(
            String what, String clause, List<String> a, String property, List<String> b) {
        if (!a.isEmpty() && !b.isEmpty() && !a.equals(b)) {
            throw invalid(
                    what
                            + " declared twice: "
                            + a
                            + " by "
                            + clause
                            + ", "
                            + b
                            + " by property '"
                            + property
                            + "'");
        }
        return a.isEmpty() ? b : a;
    }

    private static String topLevel(NamedReference reference) {
        String[] parts = reference.fieldNames();
        if (parts.length != 1) {
            throw invalid("'" + reference + "' is a nested field; keys must be top-level columns");
        }
        return parts[0];
    }

    private static FlussException invalid(String message) {
        return ErrorReason.INVALID_TABLE.exception(message);
    }

    /** What PARTITIONED BY says. */
    private record Distribution(
            List<String> partitionKeys, List<String> bucketKeys, OptionalInt bucketCount) {

        static Distribution of(Transform[] transforms) {
            List<String> partitionKeys = new ArrayList<>();
            List<String> bucketKeys = new ArrayList<>();
            OptionalInt count = OptionalInt.empty();
            for (Transform t : transforms) {
                switch (t.name()) {
                    case "identity" -> partitionKeys.add(topLevel(t.references()[0]));
                    case "bucket" -> {
                        if (count.isPresent()) {
                            throw invalid("PARTITIONED BY has more than one bucket(…)");
                        }
                        count = OptionalInt.of(bucketNumber(t));
                        for (NamedReference r : t.references()) {
                            bucketKeys.add(topLevel(r));
                        }
                    }
                    default ->
                            throw invalid(
                                    "PARTITIONED BY "
                                            + t.describe()
                                            + " is not supported; use columns and bucket(n, column)");
                }
            }
            return new Distribution(partitionKeys, bucketKeys, count);
        }

        private static int bucketNumber(Transform bucket) {
            for (Expression e : bucket.arguments()) {
                if (e instanceof Literal<?> l && l.value() instanceof Number n) {
                    return n.intValue();
                }
            }
            throw invalid(bucket.describe() + " has no number of buckets");
        }
    }
}
