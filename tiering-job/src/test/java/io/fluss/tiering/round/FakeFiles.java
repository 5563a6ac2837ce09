package io.fluss.tiering.round;

import io.fluss.lake.LakeWriter;

/** Files that are only a name. */
record FakeFiles(String name, long rows) implements LakeWriter.Result {
    private static final long serialVersionUID = 1L;

    @Override
    public long sizeBytes() {
        return rows * 10;
    }

    @Override
    public int files() {
        return 1;
    }
}
