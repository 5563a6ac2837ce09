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
package io.fluss.client.lookup;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.fluss.client.append.Destination;
import io.fluss.client.append.RowCheck;
import io.fluss.client.append.RowRouter;
import io.fluss.client.cluster.Cluster;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.RowConverter;
import io.fluss.client.row.ValueRows;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.row.RowValues;
import io.fluss.loop.Loop;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.KvFormat;
import io.fluss.time.Clock;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * What lookups by key and by prefix share: the calling thread checks, encodes and groups keys and
 * waits for room. Thread-safe.
 */
final class KeyedLookups implements AutoCloseable {
    private final TableInfo table;
    private final LookupSettings settings;
    private final List<Integer> positions;
    private final KeyEncoder keys;
    private final RowCheck check;
    private final RowConverter converter;
    private final RowRouter router;
    private final ValueRows decoding;
    private final LookupSender sender;
    private final Clock clock;
    private final Semaphore room;

    /**
     * Lookups with some columns of a table.
     *
     * @param positions of the columns that are given, in their order
     * @param keys makes of rows of the whole table what the server is asked for
     */
    KeyedLookups(
            TableInfo table,
            LookupSettings settings,
            List<Integer> positions,
            KeyEncoder keys,
            ValueRows decoding,
            LookupApi api,
            Cluster cluster,
            Loop loop,
            Clock clock) {
        this.table = table;
        this.settings = settings;
        this.positions = positions;
        this.keys = keys;
        this.check =
                new RowCheck(
                        table.path(),
                        positions.stream().map(table.schema().columns()::get).toList(),
                        table.options().kvFormat() == KvFormat.INDEXED);
        this.converter = RowConverter.of(table, positions);
        this.router = RowRouter.byKey(table, cluster);
        this.decoding = decoding;
        this.sender = new LookupSender(table, settings, api, cluster, loop, clock);
        this.clock = clock;
        this.room = new Semaphore(settings.queueSize());
    }

    List<String> columns() {
        return positions.stream().map(p -> table.schema().columns().get(p).name()).toList();
    }

    ValueRows decoding() {
        return decoding;
    }

    /** The values of one key, whose schemas are known then. */
    CompletableFuture<List<ByteBuffer>> lookup(GenericRow key) {
        RowValues values = converter.convert(key).values();
        Destination destination = router.destination(values);
        return ask(destination, List.of(UnsafeByteOperations.unsafeWrap(keys.encode(values))))
                .thenCompose(
                        all ->
                                decoding.schemas()
                                        .know(all.get(0).stream())
                                        .thenApply(done -> all.get(0)));
    }

    /** The values of many keys. */
    CompletableFuture<LookupRows> lookup(VectorSchemaRoot given) {
        check.check(given);
        int count = given.getRowCount();
        ArrowRow row = wide(given);
        Map<Destination, List<Integer>> groups = new LinkedHashMap<>();
        List<ByteString> encoded = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            encoded.add(UnsafeByteOperations.unsafeWrap(keys.encode(row.at(i))));
            groups.computeIfAbsent(router.destination(row.at(i)), d -> new ArrayList<>()).add(i);
        }
        List<List<ByteBuffer>> found = Arrays.asList(newLists(count));
        List<CompletableFuture<Void>> parts = new ArrayList<>();
        groups.forEach(
                (destination, members) -> {
                    for (int at = 0; at < members.size(); at += settings.batchSize()) {
                        List<Integer> some =
                                members.subList(
                                        at, Math.min(members.size(), at + settings.batchSize()));
                        List<ByteString> chunk = some.stream().map(encoded::get).toList();
                        parts.add(ask(destination, chunk).thenAccept(v -> place(v, some, found)));
                    }
                });
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenCompose(done -> known(found))
                .thenApply(done -> LookupRows.of(decoding, found));
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // Arrays of lists have no other constructor.
    private static List<ByteBuffer>[] newLists(int count) {
        return new List[count];
    }

    /** Each group has places of its own. */
    private static void place(
            List<List<ByteBuffer>> values, List<Integer> members, List<List<ByteBuffer>> found) {
        for (int i = 0; i < members.size(); i++) {
            found.set(members.get(i), values.get(i));
        }
    }

    private CompletableFuture<Void> known(List<List<ByteBuffer>> found) {
        return decoding.schemas().know(found.stream().flatMap(List::stream));
    }

    private ArrowRow wide(VectorSchemaRoot given) {
        List<FieldVector> vectors = new ArrayList<>();
        for (Column c : table.schema().columns()) {
            vectors.add(new NullVector(c.name(), given.getRowCount()));
        }
        for (int i = 0; i < positions.size(); i++) {
            vectors.set(positions.get(i), given.getVector(i));
        }
        return ArrowRow.of(vectors);
    }

    private CompletableFuture<List<List<ByteBuffer>>> ask(
            Destination destination, List<ByteString> some) {
        acquire(some.size());
        long deadline = clock.nanoTime() + settings.timeout().toNanos();
        KeyGroup group = new KeyGroup(destination, some, deadline);
        CompletableFuture<List<List<ByteBuffer>>> answered =
                group.values().whenComplete((v, e) -> room.release(some.size()));
        sender.add(group);
        return answered;
    }

    private void acquire(int count) {
        try {
            if (!room.tryAcquire(count, settings.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
                throw noRoom(count);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorReason.NETWORK.exception(
                    table.path()
                            + ": interrupted while waiting for room for a lookup;"
                            + " client.lookup.queue-size is "
                            + settings.queueSize(),
                    e);
        }
    }

    private FlussException noRoom(int count) {
        return ErrorReason.REQUEST_TIME_OUT.exception(
                table.path()
                        + ": no room for "
                        + count
                        + " keys within client.lookup.timeout ("
                        + settings.timeout().toMillis()
                        + " ms): "
                        + settings.queueSize()
                        + " (client.lookup.queue-size) are not answered yet");
    }

    @Override
    public void close() {
        sender.close();
    }
}
