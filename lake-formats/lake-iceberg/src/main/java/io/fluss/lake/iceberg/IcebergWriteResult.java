package io.fluss.lake.iceberg;

import io.fluss.lake.LakeWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.DataFile;

/** Data files of one writer. */
record IcebergWriteResult(List<DataFile> dataFiles) implements LakeWriter.Result {
    private static final long serialVersionUID = 1L;

    IcebergWriteResult {
        // Not List.copyOf: the list travels, and an ArrayList is what every serializer knows.
        dataFiles = new ArrayList<>(dataFiles);
    }

    @Override
    public long rows() {
        return dataFiles.stream().mapToLong(DataFile::recordCount).sum();
    }

    @Override
    public long sizeBytes() {
        return dataFiles.stream().mapToLong(DataFile::fileSizeInBytes).sum();
    }

    @Override
    public int files() {
        return dataFiles.size();
    }
}
