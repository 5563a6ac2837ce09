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
package io.fluss.metastore;

import java.util.List;
import java.util.Optional;

/**
 * A tree of small versioned documents with transactions. Paths start with a slash and have no slash
 * at the end. Thread-safe; calls block. Failures of the store are {@code STORAGE} errors.
 *
 * <p>Documents are handed over: neither side changes an array afterwards.
 */
@SuppressWarnings("ArrayRecordComponent")
public interface NodeTree extends AutoCloseable {

    /** The document of a node; empty if there is no such node. */
    Optional<Node> read(String path);

    /** Names (not paths) of the nodes below, in name order; empty if there is no such node. */
    List<String> children(String path);

    /**
     * Makes all changes or none, durably.
     *
     * @return false if a condition did not hold and nothing was changed: a node to be created
     *     exists or its parent does not, a node to be put or deleted is missing, has another
     *     version, or (deleted) has children
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
