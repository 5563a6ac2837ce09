package io.fluss.spark.read;

import org.apache.spark.sql.connector.read.InputPartition;

/** A partition of the lake scan, opaque to us. */
record LakePartition(InputPartition inner) implements InputPartition {
    private static final long serialVersionUID = 1L;

    @Override
    public String[] preferredLocations() {
        return inner.preferredLocations();
    }
}
