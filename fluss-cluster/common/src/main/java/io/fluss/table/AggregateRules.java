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
package io.fluss.table;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.types.DataType;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which aggregate functions go with which columns (table semantics document, section 6.4). */
public final class AggregateRules {
    private static final Set<String> NAMES =
            Set.of(
                    "sum",
                    "product",
                    "max",
                    "min",
                    "last_value",
                    "last_value_ignore_nulls",
                    "first_value",
                    "first_value_ignore_nulls",
                    "listagg",
                    "string_agg",
                    "bool_and",
                    "bool_or",
                    "rbm32",
                    "rbm64");

    private AggregateRules() {}

    /** The name in the form in which the rules know it. */
    public static String canonical(String name) {
        return name.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /**
     * Checks the function of a column; one without is fine.
     *
     * @throws FlussException with INVALID_CONFIG for an unknown function, a type it does not work
     *     on, or wrong parameters
     */
    public static void check(Column column) {
        if (column.aggregate().isEmpty()) {
            return;
        }
        String name = canonical(column.aggregate().get().name());
        if (!NAMES.contains(name)) {
            throw unknown(column, name);
        }
        checkParameters(column, name, column.aggregate().get().parameters());
        checkType(column, name);
    }

    private static void checkType(Column column, String name) {
        DataType t = column.type();
        boolean fits =
                switch (name) {
                    case "sum", "product" -> isNumber(t);
                    case "max", "min" -> isNumber(t) || isText(t) || isTime(t);
                    case "listagg", "string_agg" -> isText(t);
                    case "bool_and", "bool_or" -> t instanceof DataType.BooleanType;
                    case "rbm32", "rbm64" -> t instanceof DataType.BytesType;
                    default -> true;
                };
        if (!fits) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "column '"
                            + column.name()
                            + "': the aggregate function "
                            + name
                            + " does not work on "
                            + t);
        }
    }

    private static boolean isNumber(DataType t) {
        return t instanceof DataType.TinyIntType
                || t instanceof DataType.SmallIntType
                || t instanceof DataType.IntType
                || t instanceof DataType.BigIntType
                || t instanceof DataType.FloatType
                || t instanceof DataType.DoubleType
                || t instanceof DataType.DecimalType;
    }

    private static boolean isText(DataType t) {
        return t instanceof DataType.StringType || t instanceof DataType.CharType;
    }

    private static boolean isTime(DataType t) {
        return t instanceof DataType.DateType
                || t instanceof DataType.TimeType
                || t instanceof DataType.TimestampType
                || t instanceof DataType.TimestampLtzType;
    }

    private static void checkParameters(
            Column column, String name, Map<String, String> parameters) {
        boolean hasDelimiter = name.equals("listagg") || name.equals("string_agg");
        for (Map.Entry<String, String> p : parameters.entrySet()) {
            if (!hasDelimiter || !p.getKey().equals("delimiter")) {
                throw ErrorReason.INVALID_CONFIG.exception(
                        "column '"
                                + column.name()
                                + "': the aggregate function "
                                + name
                                + " has no parameter '"
                                + p.getKey()
                                + "'");
            }
            if (p.getValue().isEmpty()) {
                throw ErrorReason.INVALID_CONFIG.exception(
                        "column '" + column.name() + "': the delimiter must not be empty");
            }
        }
    }

    private static FlussException unknown(Column column, String name) {
        return ErrorReason.INVALID_CONFIG.exception(
                "column '" + column.name() + "': there is no aggregate function '" + name + "'");
    }
}
