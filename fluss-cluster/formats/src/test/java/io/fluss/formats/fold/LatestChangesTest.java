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
package io.fluss.formats.fold;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.log.ChangeType;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatestChangesTest {
    private static final DataType.RowType TYPE =
            DataTypes.row(
                    DataTypes.field("id", DataTypes.bigInt()),
                    DataTypes.field("name", DataTypes.string()));
    private static final KeyEncoder ID = KeyEncoder.compacted(TYPE, List.of("id"));
    private static final KeyEncoder BOTH = KeyEncoder.compacted(TYPE, List.of("id", "name"));

    private record Change(ChangeType type, long id, String name) {}

    private static Change change(ChangeType type, long id, String name) {
        return new Change(type, id, name);
    }

    private static void add(
            LatestChanges fold, BufferAllocator allocator, long offset, List<Change> changes) {
        ByteBuffer types = ByteBuffer.allocate(changes.size() + 1).position(1);
        try (VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.of(TYPE), allocator)) {
            for (int i = 0; i < changes.size(); i++) {
                Change c = changes.get(i);
                ((BigIntVector) root.getVector(0)).setSafe(i, c.id());
                ((VarCharVector) root.getVector(1))
                        .setSafe(i, c.name().getBytes(java.nio.charset.StandardCharsets.UTF_8));
                types.put(c.type().code());
            }
            root.setRowCount(changes.size());
            fold.add(root, types.position(1), offset, offset * 10);
        }
    }

    /** The parts as text: {@code offset id=name} of the rows that stay and {@code offset -id}. */
    private static Set<String> shown(LatestChanges fold) {
        Set<String> out = new HashSet<>();
        for (LatestChanges.Part part : fold.parts()) {
            ArrowRow row = ArrowRow.of(part.rows());
            for (int i : part.live()) {
                row.at(i);
                out.add(
                        (part.baseOffset() + i)
                                + " "
                                + row.integer(0)
                                + "="
                                + part.rows().getVector(1).getObject(i));
            }
            for (int i : part.gone()) {
                out.add((part.baseOffset() + i) + " -" + row.at(i).integer(0));
            }
        }
        return out;
    }

    @Test
    void theLastChangeOfAKeyWinsAcrossBatches() {
        try (BufferAllocator allocator = new RootAllocator();
                LatestChanges fold = new LatestChanges(ID)) {
            add(
                    fold,
                    allocator,
                    0,
                    List.of(
                            change(ChangeType.INSERT, 1, "a"),
                            change(ChangeType.INSERT, 2, "b"),
                            change(ChangeType.INSERT, 3, "c")));
            add(
                    fold,
                    allocator,
                    3,
                    List.of(
                            change(ChangeType.UPDATE_BEFORE, 1, "a"),
                            change(ChangeType.UPDATE_AFTER, 1, "a2"),
                            change(ChangeType.DELETE, 2, "b")));

            assertThat(fold.keys()).isEqualTo(3);
            assertThat(shown(fold)).containsExactlyInAnyOrder("2 3=c", "4 1=a2", "5 -2");
            assertThat(fold.parts().get(1).timestampMs()).isEqualTo(30);
        }
    }

    @Test
    void aKeyCanComeBackAndALoneRowBeforeAnUpdateIsADeletion() {
        try (BufferAllocator allocator = new RootAllocator();
                LatestChanges fold = new LatestChanges(ID)) {
            add(
                    fold,
                    allocator,
                    0,
                    List.of(
                            change(ChangeType.DELETE, 1, "a"),
                            change(ChangeType.INSERT, 1, "b"),
                            change(ChangeType.UPDATE_BEFORE, 2, "x"),
                            change(ChangeType.DELETE, 3, "x"),
                            change(ChangeType.UPDATE_BEFORE, 4, "x")));

            assertThat(shown(fold)).containsExactlyInAnyOrder("1 1=b", "2 -2", "3 -3", "4 -4");
        }
    }

    @Test
    void forgetsEverythingWhenCleared() {
        try (BufferAllocator allocator = new RootAllocator();
                LatestChanges fold = new LatestChanges(BOTH)) {
            add(fold, allocator, 0, List.of(change(ChangeType.INSERT, 1, "a")));
            fold.clear();
            assertThat(fold.keys()).isZero();
            assertThat(fold.parts()).isEmpty();
            add(fold, allocator, 7, List.of(change(ChangeType.UPDATE_AFTER, 2, "c")));
            assertThat(shown(fold)).containsExactly("7 2=c");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void equalsAMapOfTheLastChanges(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        KeyEncoder encoder = seed % 2 == 0 ? ID : BOTH;
        int keys = 1 << random.nextInt(1, 15);
        try (BufferAllocator allocator = new RootAllocator();
                LatestChanges fold = new LatestChanges(encoder)) {
            for (int round = 0; round < 3; round++) {
                Map<Long, String> expected = new HashMap<>();
                long offset = 0;
                for (int b = 0; b < 20; b++) {
                    List<Change> changes = new ArrayList<>();
                    for (int i = random.nextInt(500); i > 0; i--) {
                        long id = random.nextInt(keys);
                        // With both columns as the key, the name belongs to the id.
                        String name = encoder == BOTH ? "n".repeat((int) (id % 20)) : "v" + i;
                        if (random.nextInt(3) == 0) {
                            expected.put(id, (offset + changes.size()) + " -" + id);
                            changes.add(change(ChangeType.DELETE, id, name));
                        } else {
                            expected.put(id, (offset + changes.size()) + " " + id + "=" + name);
                            changes.add(change(ChangeType.UPDATE_AFTER, id, name));
                        }
                    }
                    add(fold, allocator, offset, changes);
                    offset += changes.size();
                }
                assertThat(fold.keys()).isEqualTo(expected.size());
                assertThat(shown(fold)).isEqualTo(new HashSet<>(expected.values()));
                fold.clear();
            }
        }
    }
}
