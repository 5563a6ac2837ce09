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
package io.fluss.spark.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiPredicate;
import org.apache.spark.sql.Row;

/**
 * What the writers of a table know: the changes that may be there, because they were sent, and
 * those that must be, because they were acknowledged. The version of a row is the number of the
 * change at its writer; the writer is known from the id. Thread-safe.
 */
final class CellTruth {
    static final int WRITERS = 2;
    private static final int KEYS = 400;
    private static final int DELETE_ONE_OF = 5;
    private static final long ABSENT = -1;

    /**
     * A change.
     *
     * @param version number of the change at its writer
     */
    record Change(long id, long version, boolean isDelete) {}

    /**
     * What is asked of the table.
     *
     * @param columns that are selected, id and version among them
     * @param filter as SQL, or empty
     * @param matches the filter, of id and version
     */
    record Question(String columns, String filter, BiPredicate<Long, Long> matches) {
        String sql(LakeCell cell) {
            return "SELECT " + columns + " FROM fluss." + cell.path() + where();
        }

        String count(LakeCell cell) {
            return "SELECT count(*) FROM fluss." + cell.path() + where();
        }

        private String where() {
            return filter.isEmpty() ? "" : " WHERE " + filter;
        }
    }

    private final LakeCell cell;
    private final Map<Long, List<Change>> changesById = new HashMap<>();
    private final AtomicLongArray sent = new AtomicLongArray(WRITERS);
    private final AtomicLongArray acknowledged = new AtomicLongArray(WRITERS);

    CellTruth(LakeCell cell) {
        this.cell = cell;
    }

    /** Changes that their writer will send now, of random keys of its own. */
    List<Change> next(int writer, int count, Random random) {
        List<Change> changes = new ArrayList<>();
        long first = sent.get(writer);
        for (int i = 0; i < count; i++) {
            long version = first + i;
            long id = version * WRITERS + writer;
            if (cell.isKeyed()) {
                // Half of the changes are of a tenth of the keys.
                int range = random.nextBoolean() ? KEYS / 10 : KEYS;
                id = random.nextInt(range / WRITERS) * (long) WRITERS + writer;
            }
            boolean isDelete = cell.isKeyed() && random.nextInt(DELETE_ONE_OF) == 0;
            changes.add(new Change(id, version, isDelete));
        }
        synchronized (changesById) {
            changes.forEach(
                    c -> changesById.computeIfAbsent(c.id(), id -> new ArrayList<>()).add(c));
        }
        sent.set(writer, first + count);
        return changes;
    }

    /** All that the writer has sent is in the table. */
    void acknowledge(int writer) {
        acknowledged.set(writer, sent.get(writer));
    }

    List<Long> acknowledged() {
        return copy(acknowledged);
    }

    List<Long> sent() {
        return copy(sent);
    }

    private static List<Long> copy(AtomicLongArray numbers) {
        List<Long> copy = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            copy.add(numbers.get(w));
        }
        return copy;
    }

    /** One of the questions that have an answer which can be checked. */
    Question question(Random random) {
        long versions = Math.max(1, sent.get(0));
        return switch (random.nextInt(4)) {
            case 0 -> {
                String day = LakeCell.DAYS.get(random.nextInt(LakeCell.DAYS.size()));
                yield new Question(
                        "version, id",
                        "day = '" + day + "'",
                        (id, version) -> cell.day(id, version).equals(day));
            }
            case 1 -> {
                long below = random.nextLong(cell.isKeyed() ? KEYS : versions * WRITERS);
                yield new Question(
                        "id, version, text", "id < " + below, (id, version) -> id < below);
            }
            case 2 -> {
                long from = random.nextLong(versions);
                yield new Question(
                        "id, version", "version >= " + from, (id, version) -> version >= from);
            }
            default -> all();
        };
    }

    static Question all() {
        return new Question("text, version, id, day", "", (id, version) -> true);
    }

    /**
     * Fails unless each row is in a state that it had between two moments.
     *
     * @param acknowledgedBefore the rows were asked for
     * @param sentAfter the answer came
     */
    void check(
            Question question,
            List<Row> rows,
            List<Long> acknowledgedBefore,
            List<Long> sentAfter) {
        Map<Long, Long> found = new HashMap<>();
        for (Row row : rows) {
            long id = row.<Long>getAs("id");
            long version = row.<Long>getAs("version");
            if (found.put(id, version) != null) {
                throw new AssertionError("second row of id " + id + " in " + rows.size());
            }
            checkValues(row, id, version);
        }
        states(question, acknowledgedBefore, sentAfter)
                .forEach(
                        (id, states) -> {
                            Long shown = found.remove(id);
                            if (!states.contains(shown == null ? ABSENT : shown)) {
                                throw new AssertionError(
                                        question
                                                + " shows id "
                                                + id
                                                + " in version "
                                                + shown
                                                + ", not in one of "
                                                + states);
                            }
                        });
        assertThat(found).as("ids that nobody has written").isEmpty();
    }

    private void checkValues(Row row, long id, long version) {
        for (String column : row.schema().fieldNames()) {
            Object expected =
                    switch (column) {
                        case "text" -> LakeCell.text(id, version);
                        case "day" -> cell.day(id, version);
                        default -> row.getAs(column);
                    };
            if (!Objects.equals(row.getAs(column), expected)) {
                throw new AssertionError(column + " of " + row + " is not " + expected);
            }
        }
    }

    /** As {@link #check}, of the number of rows. */
    void checkCount(
            Question question, long count, List<Long> acknowledgedBefore, List<Long> sentAfter) {
        long least = 0;
        long most = 0;
        for (Set<Long> states : states(question, acknowledgedBefore, sentAfter).values()) {
            least += states.contains(ABSENT) ? 0 : 1;
            most += states.equals(Set.of(ABSENT)) ? 0 : 1;
        }
        assertThat(count).as("rows where " + question.filter()).isBetween(least, most);
    }

    /** The versions of all rows once everything is acknowledged. */
    Map<Long, Long> last() {
        Map<Long, Long> last = new HashMap<>();
        List<Long> end = sent();
        assertThat(acknowledged()).isEqualTo(end);
        states(all(), end, end)
                .forEach(
                        (id, states) -> {
                            if (!states.contains(ABSENT)) {
                                last.put(id, states.iterator().next());
                            }
                        });
        return last;
    }

    /** By id, what a filter may show of it: a version or that it is absent. */
    private Map<Long, Set<Long>> states(
            Question question, List<Long> acknowledgedBefore, List<Long> sentAfter) {
        Map<Long, Set<Long>> all = new HashMap<>();
        synchronized (changesById) {
            changesById.forEach(
                    (id, changes) -> {
                        int writer = (int) (id % WRITERS);
                        Set<Long> states = new HashSet<>();
                        boolean isKnown = false;
                        for (int i = changes.size() - 1; i >= 0 && !isKnown; i--) {
                            Change c = changes.get(i);
                            if (c.version() < sentAfter.get(writer)) {
                                boolean isShown =
                                        !c.isDelete() && question.matches().test(id, c.version());
                                states.add(isShown ? c.version() : ABSENT);
                                isKnown = c.version() < acknowledgedBefore.get(writer);
                            }
                        }
                        if (!isKnown) {
                            states.add(ABSENT);
                        }
                        all.put(id, states);
                    });
        }
        return all;
    }
}
