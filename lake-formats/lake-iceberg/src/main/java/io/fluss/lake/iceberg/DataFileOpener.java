package io.fluss.lake.iceberg;

import java.io.IOException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;

/** Creates the data files of a writer one after another. */
interface DataFileOpener {
    OpenFile open() throws IOException;

    /** A data file in work. */
    interface OpenFile extends AutoCloseable {
        String location();

        void write(VectorSchemaRoot rows) throws IOException;

        /** Bytes so far, estimated. */
        long sizeBytes() throws IOException;

        /** Ends the file and describes it. */
        DataFile complete() throws IOException;

        @Override
        void close() throws IOException;
    }
}
