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
package io.fluss.coordinator.api;

import io.fluss.coordinator.Coordinator;
import io.fluss.coordinator.lake.TieringRound;
import io.fluss.coordinator.lake.TieringSchedule;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.PbTieringRound;
import io.fluss.protocol.messages.PbTieringStatus;
import io.fluss.protocol.messages.TieringStatusRequest;
import io.fluss.protocol.messages.TieringStatusResponse;
import io.fluss.table.TableInfo;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the coordinator knows of the tiering of tables. Thread-safe, never blocks. */
public final class TieringApi {
    private final Coordinator coordinator;

    public TieringApi(Coordinator coordinator) {
        this.coordinator = coordinator;
    }

    /** TABLE_NOT_EXIST if one of the named tables does not exist. */
    public CompletableFuture<TieringStatusResponse> status(TieringStatusRequest r) {
        List<TableInfo> tables = r.getTablesCount() == 0 ? lakeTables() : named(r);
        return coordinator.onTiering((schedule, epoch, now) -> answer(tables, schedule, now));
    }

    private List<TableInfo> lakeTables() {
        return coordinator.image().tables().values().stream()
                .map(t -> t.info())
                .filter(t -> t.options().isLakeEnabled())
                .sorted(Comparator.comparing(t -> t.path().toString()))
                .toList();
    }

    private List<TableInfo> named(TieringStatusRequest r) {
        return r.getTablesList().stream()
                .map(p -> coordinator.image().existing(Wire.path(p)).info())
                .toList();
    }

    private static TieringStatusResponse answer(
            List<TableInfo> tables, TieringSchedule schedule, long nowMs) {
        TieringStatusResponse.Builder out = TieringStatusResponse.newBuilder().setNowMs(nowMs);
        for (TableInfo t : tables) {
            PbTieringStatus.Builder status =
                    out.addTablesBuilder()
                            .setTableId(t.tableId())
                            .setTablePath(Wire.path(t.path()));
            schedule.status(t.tableId()).ifPresent(s -> fill(status, s));
        }
        return out.build();
    }

    private static void fill(PbTieringStatus.Builder out, TieringSchedule.Status s) {
        out.setState(s.state())
                .setSinceMs(s.sinceMs())
                .setFreshnessMs(s.freshnessMs())
                .setDueMs(s.dueMs())
                .setAhead(s.ahead())
                .setFailuresInRow(s.failuresInRow());
        s.rounds().forEach(r -> out.addRounds(message(r)));
    }

    private static PbTieringRound message(TieringRound r) {
        PbTieringRound.Builder out =
                PbTieringRound.newBuilder()
                        .setStartedMs(r.endedMs() - r.durationMs())
                        .setEndedMs(r.endedMs())
                        .setDurationMs(r.durationMs());
        TieringRound.Sizes sizes = r.sizes();
        if (sizes.rows() >= 0) {
            out.setRows(sizes.rows()).setFiles(sizes.files()).setSizeBytes(sizes.bytes());
        }
        if (sizes.lagRecords() >= 0) {
            out.setLagRecords(sizes.lagRecords());
        }
        if (r.hasMore()) {
            out.setHasMore(true);
        }
        r.error().ifPresent(out::setError);
        if (r.restMs() > 0) {
            out.setRestMs(r.restMs());
        }
        if (!r.service().isEmpty()) {
            out.setService(r.service());
        }
        return out.build();
    }

    /** A round as a service reports it. */
    static TieringRound round(PbTieringRound r, long nowMs) {
        return new TieringRound(
                nowMs,
                Math.max(0, r.getDurationMs()),
                new TieringRound.Sizes(
                        r.hasRows() ? r.getRows() : -1,
                        r.getFiles(),
                        r.getSizeBytes(),
                        r.hasLagRecords() ? r.getLagRecords() : -1),
                r.getHasMore(),
                r.hasError() ? Optional.of(r.getError()) : Optional.empty(),
                r.getRestMs(),
                r.getService());
    }
}
