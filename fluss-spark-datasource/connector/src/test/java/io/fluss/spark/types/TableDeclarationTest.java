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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.table.Column.AggregateFunction;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.constraints.Constraint;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

class TableDeclarationTest {
    private static final Column[] COLUMNS = {
        Column.create("id", DataTypes.LongType, false, "number", null),
        Column.create("region", DataTypes.StringType),
    };

    @Test
    void takesPartitionsBucketsAndProperties() {
        TableDescriptor d =
                declare(
                        Map.of(
                                "comment", "all",
                                "owner", "me",
                                "table.log.ttl", "1d",
                                "option.colour", "blue",
                                "colour", "blue"),
                        Expressions.identity("region"),
                        Expressions.bucket(4, "id"));

        assertThat(d.partitionKeys()).containsExactly("region");
        assertThat(d.bucketKeys()).containsExactly("id");
        assertThat(d.bucketCount()).hasValue(4);
        assertThat(d.comment()).contains("all");
        assertThat(d.properties()).containsExactly(Map.entry("table.log.ttl", "1d"));
        assertThat(d.customProperties()).containsExactly(Map.entry("colour", "blue"));
        assertThat(d.schema().column("id").comment()).contains("number");
        assertThat(d.schema().column("id").type().isNullable()).isFalse();
    }

    @Test
    void takesBucketsAndPrimaryKeyFromProperties() {
        TableDescriptor d =
                declare(
                        Map.of(
                                "bucket.num",
                                "3",
                                "bucket.key",
                                "id",
                                "primary.key",
                                "id , region"));

        assertThat(d.bucketCount()).hasValue(3);
        assertThat(d.bucketKeys()).containsExactly("id");
        assertThat(d.schema().primaryKey()).containsExactly("id", "region");
    }

    @Test
    void takesThePrimaryKeyConstraint() {
        NamedReference[] key = {Expressions.column("id")};

        TableDescriptor d =
                TableDeclaration.descriptor(
                        COLUMNS,
                        new Transform[0],
                        Map.of(),
                        new Constraint[] {Constraint.primaryKey("pk", key).build()});

        assertThat(d.schema().primaryKey()).containsExactly("id");
    }

    @Test
    void takesTheRolesOfColumnsFromProperties() {
        Map<String, String> roles =
                Map.of(
                        "primary.key", "id",
                        "fields.region.agg", "LISTAGG",
                        "fields.region.agg.delimiter", ";",
                        "colour", "blue");

        TableDescriptor d = declare(roles);

        assertThat(d.schema().column("region").aggregate())
                .contains(new AggregateFunction("listagg", Map.of("delimiter", ";")));
        assertThat(d.customProperties()).containsExactly(Map.entry("colour", "blue"));
        TableInfo table = new TableInfo(TablePath.of("d", "t"), 1, 1, d.withBuckets(1), 0, 0);
        assertThat(TableDeclaration.properties(table))
                .containsEntry("fields.region.agg", "listagg")
                .containsEntry("fields.region.agg.delimiter", ";")
                .containsEntry("primary.key", "id");
        assertThat(TableDeclaration.constraints(table)[0].toDDL()).contains("PRIMARY KEY (id)");
        assertThat(
                        declare(Map.of("primary.key", "region", "auto-increment.fields", "id"))
                                .schema()
                                .autoIncrementColumn())
                .contains("id");
    }

    @Test
    void refusesWhatContradictsItselfOrIsUnknown() {
        assertThatThrownBy(() -> declare(Map.of("fields.x.agg", "sum")))
                .hasMessageContaining("[x]");
        assertThatThrownBy(() -> declare(Map.of("fields.id.agg.delimiter", ",")))
                .hasMessageContaining("[id]");
        // Whether a table with a primary key can have a lake is for the cluster to say.
        assertThat(
                        declare(Map.of("primary.key", "id", "table.datalake.enabled", "true"))
                                .properties())
                .containsEntry("table.datalake.enabled", "true");

        assertThatThrownBy(() -> declare(Map.of("bucket.num", "5"), Expressions.bucket(4, "id")))
                .hasMessageContaining("5")
                .hasMessageContaining("4");
        assertThatThrownBy(
                        () -> declare(Map.of("bucket.key", "region"), Expressions.bucket(4, "id")))
                .hasMessageContaining("bucket keys declared twice");
        assertThatThrownBy(() -> declare(Map.of("bucket.num", "many")))
                .hasMessageContaining("'many'");
        assertThatThrownBy(() -> declare(Map.of(), Expressions.years("id")))
                .hasMessageContaining("years(id)");
        assertThatThrownBy(() -> declare(Map.of("location", "/x")))
                .hasMessageContaining("LOCATION");
        assertThatThrownBy(() -> declare(Map.of("provider", "parquet")))
                .hasMessageContaining("USING parquet");
    }

    private static TableDescriptor declare(
            Map<String, String> properties, Transform... transforms) {
        return TableDeclaration.descriptor(COLUMNS, transforms, properties, new Constraint[0]);
    }
}
