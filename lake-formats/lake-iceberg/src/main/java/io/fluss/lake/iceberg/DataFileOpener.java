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
