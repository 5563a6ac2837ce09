package io.fluss.metastore;

import java.util.List;
import java.util.Optional;

/**
 * A tree of small versioned documents with transactions. Paths start with a slash and have no slash
 * at the end. Thread-safe; calls block. Failures of the store are {@code STORAGE} errors.
 */
public interface NodeTree extends AutoCloseable {

    /** The document of a node; empty if there is no such node. */
    Optional<Node> read(String path);

    /** Names (not paths) of the nodes below, in name order; empty if there is no such node. */
    List<String> children(String path);

    /**
     * Makes all changes or none, durably.
     *
     * @return false if a condition did not hold and nothing was changed: a node to be created exists
     *     or its parent does not, a node to be put or deleted is missing, has another version, or
     *     (deleted) has children
     */
    boolean commit(List<Change> changes);

    @Override
    void close();

    /** A document and how often it was changed, from 0. */
    record Node(byte[] data, int version) {}

    /** One step of a transaction. */
    sealed interface Change {
        String path();
    }

    /** A node that must not exist yet, below one that does. */
    record Create(String path, byte[] data) implements Change {}

    /** A new document for a node; version {@link #ANY_VERSION} takes every version. */
    record Put(String path, byte[] data, int version) implements Change {}

    /** Removes a node without children. */
    record Delete(String path) implements Change {}

    /** For {@link Put}: no matter which version is there. */
    int ANY_VERSION = -1;
}
