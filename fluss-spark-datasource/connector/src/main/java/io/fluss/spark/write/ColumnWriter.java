package io.fluss.spark.write;

import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;

/** Copies values of one column, or of one nested place, into its vector. */
interface ColumnWriter {
    /**
     * Writes a value.
     *
     * @param source row or array that holds it
     * @param ordinal where in the source
     * @param index where in the vector
     * @throws RefusedValue if it does not fit
     */
    void write(SpecializedGetters source, int ordinal, int index);
}
