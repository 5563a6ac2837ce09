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
package io.fluss.kv;

import io.fluss.table.TableOptions.ChangelogImage;
import io.fluss.table.TableOptions.DeleteBehavior;
import io.fluss.table.TableOptions.MergeEngine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a primary-key table should do, written down as plainly as possible and with nothing of the
 * real one: rows in a map, columns k (key), n (sum), m (max), v (version), t (joined with '|'), f
 * (first value).
 */
final class ModelTable {
    static final int COLUMNS = 6;

    private final Optional<MergeEngine> engine;
    private final DeleteBehavior deletes;
    private final ChangelogImage image;
    final Map<Long, List<Object>> rows = new HashMap<>();
    final List<String> changelog = new ArrayList<>();

    ModelTable(Optional<MergeEngine> engine, DeleteBehavior deletes, ChangelogImage image) {
        this.engine = engine;
        this.deletes = deletes;
        this.image = image;
    }

    static String logged(String change, List<Object> row) {
        return change + row;
    }

    /**
     * @param incoming null for a delete
     * @param targets empty for whole rows
     */
    void apply(long key, Object[] incoming, Set<Integer> targets, boolean overwrite) {
        List<Object> old = rows.get(key);
        Optional<MergeEngine> e = overwrite ? Optional.empty() : engine;
        boolean partial = !targets.isEmpty() && targets.size() < COLUMNS;
        if (incoming == null) {
            if (old != null && (overwrite || deletes == DeleteBehavior.ALLOW)) {
                delete(key, old, partial ? targets : Set.of());
            }
            return;
        }
        List<Object> in = java.util.Arrays.asList(incoming);
        if (e.isEmpty()) {
            if (!partial) {
                boolean blind = image == ChangelogImage.WAL;
                put(key, old, in, blind);
            } else if (old == null || targets.size() > 1) {
                List<Object> row = new ArrayList<>();
                for (int i = 0; i < COLUMNS; i++) {
                    row.add(targets.contains(i) ? in.get(i) : old == null ? null : old.get(i));
                }
                put(key, old, row, false);
            }
            return;
        }
        switch (e.get()) {
            case FIRST_ROW -> {
                if (old == null) {
                    put(key, null, in, false);
                }
            }
            case VERSIONED -> {
                if (old == null || version(in) >= version(old)) {
                    put(key, old, in, false);
                }
            }
            case AGGREGATION -> put(key, old, old == null ? in : sum(old, in, targets), false);
        }
    }

    private static long version(List<Object> row) {
        return row.get(3) == null ? Long.MIN_VALUE : (Long) row.get(3);
    }

    private static List<Object> sum(List<Object> old, List<Object> in, Set<Integer> targets) {
        List<Object> row = new ArrayList<>(old);
        for (int i = 1; i < COLUMNS; i++) {
            if (!targets.isEmpty() && !targets.contains(i)) {
                continue;
            }
            Object a = old.get(i);
            Object b = in.get(i);
            Object merged =
                    switch (i) {
                        case 1 ->
                                a == null
                                        ? b
                                        : b == null
                                                ? a
                                                : (Object) (long) (int) ((Long) a + (Long) b);
                        case 2 ->
                                a == null
                                        ? b
                                        : b == null
                                                ? a
                                                : ((String) a).compareTo((String) b) >= 0 ? a : b;
                        case 3 -> b;
                        case 4 -> a == null ? b : b == null ? a : a + "|" + b;
                        default -> a != null ? a : b;
                    };
            row.set(i, merged);
        }
        return row;
    }

    private void put(long key, List<Object> old, List<Object> row, boolean blind) {
        if (old == null) {
            changelog.add(logged(blind ? "+U" : "+I", row));
        } else {
            if (image == ChangelogImage.FULL) {
                changelog.add(logged("-U", old));
            }
            changelog.add(logged("+U", row));
        }
        rows.put(key, row);
    }

    private void delete(long key, List<Object> old, Set<Integer> targets) {
        List<Object> row = new ArrayList<>(old);
        boolean empty = true;
        for (int i = 1; i < COLUMNS; i++) {
            if (targets.contains(i)) {
                row.set(i, null);
            } else {
                empty &= old.get(i) == null;
            }
        }
        if (targets.isEmpty() || empty) {
            changelog.add(logged("-D", old));
            rows.remove(key);
        } else {
            put(key, old, row, false);
        }
    }
}
