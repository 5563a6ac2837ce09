package io.fluss.filestore;

import java.util.List;
import java.util.Optional;

/**
 * Reads and writes whole files that are named by a URI text such as {@code file:///data/remote/x}
 * or a plain absolute path. Thread-safe; calls block. Failures of the storage are {@code STORAGE}
 * errors that name the file.
 */
public interface FileStore {

    /**
     * Writes a file atomically and durably: a reader sees nothing, the old content or the whole new
     * content, also after a crash. Missing directories are made.
     */
    void write(String uri, byte[] content);

    /** The whole content; empty if there is no such file. */
    Optional<byte[]> read(String uri);

    /** URIs of the files directly in a directory, in name order; empty if there is none. */
    List<String> list(String directoryUri);

    /** Deletes a file, or a directory with all it holds; does nothing if it is absent. */
    void delete(String uri);
}
