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
package io.fluss.cli;

import io.fluss.client.scan.ScanRecord;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes consumed rows. Belongs to one thread. */
final class RecordWriter {
    private static final List<String> META =
            List.of("_partition", "_bucket", "_offset", "_timestamp");

    /** What a row does to its table; {@link ProduceCommand} reads it. */
    static final String CHANGE_TYPE = "_change_type";

    private final PrintWriter out;
    private final ClusterOptions.Format format;
    private final Function<ScanRecord, String> partitionName;
    private final boolean hasMeta;
    private final boolean hasChangeType;
    private final List<String> header = new ArrayList<>();
    private final TextGrid grid;
    private boolean isStarted;

    RecordWriter(
            PrintWriter out,
            ClusterOptions.Format format,
            List<String> columns,
            boolean hasMeta,
            boolean hasChangeType,
            Function<ScanRecord, String> partitionName) {
        this.out = out;
        this.format = format;
        this.partitionName = partitionName;
        this.hasMeta = hasMeta;
        this.hasChangeType = hasChangeType;
        if (hasMeta) {
            header.addAll(META);
        }
        if (hasChangeType) {
            header.add(CHANGE_TYPE);
        }
        header.addAll(columns);
        this.grid = new TextGrid(out, header);
    }

    /** Writes the header if there were no rows to write it with. */
    void finish() {
        if (!isStarted) {
            var unused = write(List.of());
        }
    }

    /** Writes rows; whether somebody still reads them. */
    boolean write(List<ScanRecord> records) {
        if (format == ClusterOptions.Format.CSV && !isStarted) {
            out.println(String.join(",", header.stream().map(CellText::csv).toList()));
        }
        isStarted = true;
        for (ScanRecord r : records) {
            Map<String, @Nullable Object> values = values(r);
            switch (format) {
                case JSON -> out.println(JsonText.write(values));
                case CSV -> out.println(String.join(",", cells(values, CellText::csv)));
                case TABLE -> grid.add(cells(values, CellText::shown));
            }
        }
        if (format == ClusterOptions.Format.TABLE) {
            grid.flush();
        }
        out.flush();
        return !out.checkError();
    }

    private Map<String, @Nullable Object> values(ScanRecord r) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        if (hasMeta) {
            String partition = partitionName.apply(r);
            values.put(META.get(0), partition.isEmpty() ? null : partition);
            values.put(META.get(1), r.bucket().bucket());
            boolean isLogged = r.offset() != ScanRecord.NONE;
            values.put(META.get(2), isLogged ? r.offset() : null);
            values.put(META.get(3), isLogged ? Instant.ofEpochMilli(r.commitTimestampMs()) : null);
        }
        if (hasChangeType) {
            values.put(CHANGE_TYPE, r.changeType().shortName());
        }
        values.putAll(r.row().toMap());
        return values;
    }

    private static List<String> cells(
            Map<String, @Nullable Object> values, Function<@Nullable Object, String> text) {
        List<String> cells = new ArrayList<>();
        values.values().forEach(v -> cells.add(text.apply(v)));
        return cells;
    }
}
