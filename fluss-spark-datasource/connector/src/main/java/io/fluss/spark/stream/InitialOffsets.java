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
package io.fluss.spark.stream;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Where a query begins, kept in its checkpoint. Spark may ask for it several times, also after a
 * restart before the first batch, and must get the same answer.
 */
record InitialOffsets(Configuration hadoop, String checkpointLocation) {
    private static final String FILE_NAME = "fluss-initial-offsets.json";

    /** A name of the query, as long as it has this checkpoint. */
    String name() {
        return "fluss-stream-"
                + UUID.nameUUIDFromBytes(checkpointLocation.getBytes(StandardCharsets.UTF_8));
    }

    /** What was written before, or else the given offsets, written now. */
    String getOrWrite(Supplier<String> offsets) {
        Path file = new Path(checkpointLocation, FILE_NAME);
        try {
            FileSystem fs = file.getFileSystem(hadoop);
            if (!fs.exists(file)) {
                write(fs, file, offsets.get());
            }
            return read(fs, file);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** What was written before, if anything was. */
    Optional<String> known() {
        Path file = new Path(checkpointLocation, FILE_NAME);
        try {
            FileSystem fs = file.getFileSystem(hadoop);
            return fs.exists(file) ? Optional.of(read(fs, file)) : Optional.empty();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static String read(FileSystem fs, Path file) throws IOException {
        try (FSDataInputStream in = fs.open(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static FlussException failed(Path file, IOException e) {
        return ErrorReason.STORAGE.exception(
                "initial offsets of the query cannot be kept in " + file, e);
    }

    /** Through a temporary file, so that a crash leaves the whole text or none. */
    private static void write(FileSystem fs, Path file, String text) throws IOException {
        Path temporary = new Path(file.getParent(), "." + FILE_NAME + "." + UUID.randomUUID());
        try (FSDataOutputStream out = fs.create(temporary, false)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        if (!fs.rename(temporary, file)) {
            fs.delete(temporary, false);
            if (!fs.exists(file)) {
                throw new IOException("rename of " + temporary + " to " + file + " failed");
            }
        }
    }
}
