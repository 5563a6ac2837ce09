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

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** A node tree in memory, with the conditions of ZooKeeper. Thread-safe. */
public final class InMemoryNodeTree implements NodeTree {
    private TreeMap<String, Node> nodes = new TreeMap<>();

    /** A metastore in memory. */
    public static Metastore metastore() {
        return Metastore.over(new InMemoryNodeTree());
    }

    @Override
    public synchronized Optional<Node> read(String path) {
        return Optional.ofNullable(nodes.get(path));
    }

    @Override
    public synchronized List<String> children(String path) {
        return children(nodes, path);
    }

    @Override
    public synchronized boolean commit(List<Change> changes) {
        TreeMap<String, Node> next = new TreeMap<>(nodes);
        for (Change change : changes) {
            if (!apply(next, change)) {
                return false;
            }
        }
        nodes = next;
        return true;
    }

    private static boolean apply(TreeMap<String, Node> next, Change change) {
        Node old = next.get(change.path());
        if (change instanceof Create c) {
            String parent = c.path().substring(0, c.path().lastIndexOf('/'));
            if (old != null || !parent.isEmpty() && !next.containsKey(parent)) {
                return false;
            }
            next.put(c.path(), new Node(c.data(), 0));
            return true;
        }
        if (old == null) {
            return false;
        }
        if (change instanceof Put p) {
            if (p.version() != ANY_VERSION && p.version() != old.version()) {
                return false;
            }
            next.put(p.path(), new Node(p.data(), old.version() + 1));
            return true;
        }
        if (!children(next, change.path()).isEmpty()) {
            return false;
        }
        next.remove(change.path());
        return true;
    }

    private static List<String> children(TreeMap<String, Node> nodes, String path) {
        List<String> out = new ArrayList<>();
        String prefix = path + "/";
        for (String name : nodes.tailMap(prefix).keySet()) {
            if (!name.startsWith(prefix)) {
                break;
            }
            if (name.indexOf('/', prefix.length()) < 0) {
                out.add(name.substring(prefix.length()));
            }
        }
        return out;
    }

    @Override
    public void close() {}
}
