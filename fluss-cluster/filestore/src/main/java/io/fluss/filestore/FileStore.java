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
package io.fluss.filestore;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads and writes whole files that are named by a URI text such as {@code file:///data/remote/x}
 * or a plain absolute path. Thread-safe; calls block. Failures of the storage are {@code STORAGE}
 * errors that name the file.
 */
public interface FileStore extends AutoCloseable {

    /**
     * Writes a file atomically and durably: a reader sees nothing, the old content or the whole new
     * content, also after a crash. Missing directories are made.
     */
    void write(String uri, byte[] content);

    /** The whole content; empty if there is no such file. */
    Optional<byte[]> read(String uri);

    /**
     * Copies a local file as {@link #write} would write it, without holding it in memory.
     *
     * @throws io.fluss.errors.FlussException also if the local file cannot be read
     */
    void upload(Path source, String uri);

    /**
     * Fills the buffer with the bytes from a position on, fewer only at the end of the file.
     *
     * @return number of bytes read, 0 at or behind the end; empty if there is no such file
     */
    OptionalInt read(String uri, long position, ByteBuffer into);

    /** URIs of the files directly in a directory, in name order; empty if there is none. */
    List<String> list(String directoryUri);

    /** URIs of the directories directly in a directory, in name order; empty if there is none. */
    List<String> listDirectories(String directoryUri);

    /** Deletes a file, or a directory with all it holds; does nothing if it is absent. */
    void delete(String uri);

    /**
     * Deletes what writes directly into a directory have left that a crash has ended. A write that
     * is under way may fail.
     */
    default void deleteUnfinished(String directoryUri) {}

    /** Gives back connections; stores without any do nothing. */
    @Override
    default void close() {}
}
