package io.fluss.spark.read;

import io.fluss.spark.types.SparkTypes;
import io.fluss.types.DataType;

/** Estimated bytes of a value, as Spark's statistics assume them. */
final class ColumnWidth {
    private ColumnWidth() {}

    static int of(DataType type) {
        return SparkTypes.of(type).defaultSize();
    }
}
