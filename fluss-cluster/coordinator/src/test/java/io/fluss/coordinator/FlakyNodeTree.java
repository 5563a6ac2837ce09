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
package io.fluss.coordinator;

import io.fluss.errors.ErrorReason;
import io.fluss.metastore.NodeTree;
import java.util.List;
import java.util.Optional;

/** A node tree that loses its connection when a test says so. Not thread-safe. */
final class FlakyNodeTree implements NodeTree {
    private final NodeTree tree;
    private Fault fault = Fault.NONE;
    private int commitsBefore;

    /** What happens to commits. */
    enum Fault {
        NONE,
        /** The commit is done, its answer is lost; once. */
        ANSWER_LOST,
        /** The commit is lost; once. */
        COMMIT_LOST,
        /** Nothing works. */
        DOWN
    }

    FlakyNodeTree(NodeTree tree) {
        this.tree = tree;
    }

    /** Takes effect after that many commits. */
    void fail(Fault next, int afterCommits) {
        fault = next;
        commitsBefore = afterCommits;
    }

    @Override
    public Optional<Node> read(String path) {
        checkUp();
        return tree.read(path);
    }

    @Override
    public List<String> children(String path) {
        checkUp();
        return tree.children(path);
    }

    @Override
    public boolean commit(List<Change> changes) {
        checkUp();
        if (fault == Fault.NONE || commitsBefore-- > 0) {
            return tree.commit(changes);
        }
        boolean isDone = fault == Fault.ANSWER_LOST;
        fault = Fault.NONE;
        if (isDone) {
            // Nobody learns the result.
            boolean unused = tree.commit(changes);
        }
        throw lost();
    }

    private void checkUp() {
        if (fault == Fault.DOWN) {
            throw lost();
        }
    }

    private static RuntimeException lost() {
        return ErrorReason.STORAGE.exception("the connection is lost");
    }

    @Override
    public void close() {
        tree.close();
    }
}
