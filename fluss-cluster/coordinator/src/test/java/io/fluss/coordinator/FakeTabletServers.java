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

import io.fluss.errors.FlussException;
import io.fluss.metastore.Dropped;
import io.fluss.settings.Settings;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Tablet servers that note what they are told; a test decides when they answer. */
final class FakeTabletServers implements TabletServers {
    final List<LeaderAssignment> assignments = new ArrayList<>();
    final List<TableBucket> deleted = new ArrayList<>();
    final Map<TableBucket, Long> lakeOffsets = new HashMap<>();
    final Map<TableBucket, Long> logEnds = new HashMap<>();
    Settings options = Settings.of(Map.of());
    final List<TableInfo> changed = new ArrayList<>();
    Optional<FlussException> answer = Optional.empty();
    private final List<Pending> pending = new ArrayList<>();

    /** A question that has no answer yet. */
    private record Pending(
            List<LeaderAssignment> asked,
            CompletableFuture<Map<TableBucket, Optional<FlussException>>> result) {}

    @Override
    public CompletableFuture<Map<TableBucket, Optional<FlussException>>> becomeLeaders(
            int serverId, List<LeaderAssignment> asked) {
        assignments.addAll(asked);
        CompletableFuture<Map<TableBucket, Optional<FlussException>>> out =
                new CompletableFuture<>();
        pending.add(new Pending(asked, out));
        return out;
    }

    /** Answers everything that was asked. */
    void answerAll() {
        answerWhere(a -> true);
    }

    /** Answers calls of which every bucket is meant. */
    void answerWhere(Predicate<LeaderAssignment> isMeant) {
        List<Pending> now =
                pending.stream().filter(p -> p.asked().stream().allMatch(isMeant)).toList();
        pending.removeAll(now);
        for (Pending p : now) {
            Map<TableBucket, Optional<FlussException>> all = new HashMap<>();
            p.asked().forEach(a -> all.put(a.bucket(), answer));
            p.result().complete(all);
        }
    }

    @Override
    public CompletableFuture<Void> delete(Dropped.Group group) {
        deleted.addAll(group.buckets());
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Map<TableBucket, Long>> endOffsets(Collection<TableBucket> buckets) {
        Map<TableBucket, Long> out = new HashMap<>();
        buckets.forEach(b -> out.put(b, logEnds.getOrDefault(b, 0L)));
        return CompletableFuture.completedFuture(out);
    }

    @Override
    public void optionsChanged(Settings options) {
        this.options = options;
    }

    @Override
    public void tableChanged(TableInfo table) {
        changed.add(table);
    }

    @Override
    public void lakeOffsets(Map<TableBucket, Long> offsets) {
        lakeOffsets.putAll(offsets);
    }
}
