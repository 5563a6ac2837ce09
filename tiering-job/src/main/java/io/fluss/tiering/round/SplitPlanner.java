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
package io.fluss.tiering.round;

import io.fluss.errors.ErrorReason;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.tiering.round.BucketSplit.Source;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Cuts what is not tiered yet into splits (lakehouse document, section 5.5 step 3). Immutable.
 *
 * <p>Splits of one bucket keep their order, so that a round that is cut by time keeps a prefix of
 * each bucket; the buckets among themselves are shuffled, so that no bucket is always last.
 *
 * @param splitRecordsMax offsets of one split at most; 0 for no limit
 * @param splitBytesMax bytes of one split in the lake at most, estimated; 0 for no limit
 * @param bytesPerRow the estimate; 0 if not known yet
 * @param skipsGap goes on after offsets that the log has lost, instead of failing; a bucket of a
 *     table with a primary key is read anew then, and only what was deleted meanwhile stays
 */
public record SplitPlanner(
        long splitRecordsMax, long splitBytesMax, double bytesPerRow, boolean skipsGap) {

    /** Cuts by records only. */
    public SplitPlanner(long splitRecordsMax, boolean skipsGap) {
        this(splitRecordsMax, 0, 0, skipsGap);
    }

    /**
     * Cuts by bytes of this size of a row.
     *
     * @param bytes of a row; 0 if not known, then the types of the table tell
     */
    public SplitPlanner withBytesPerRow(double bytes) {
        return new SplitPlanner(splitRecordsMax, splitBytesMax, bytes, skipsGap);
    }

    SplitPlanner forTable(TableInfo table) {
        return bytesPerRow > 0 ? this : withBytesPerRow(RowSizes.guess(table));
    }

    /** Records of one split at most; 0 for no limit. */
    public long recordsMax() {
        if (splitBytesMax == 0 || bytesPerRow == 0) {
            return splitRecordsMax;
        }
        long byBytes = Math.max(1, (long) (splitBytesMax / bytesPerRow));
        return splitRecordsMax == 0 ? byBytes : Math.min(splitRecordsMax, byBytes);
    }

    /** The splits of a round of a log table, in the order in which tasks should start. */
    public List<BucketSplit> plan(
            TablePath path,
            List<BucketRange> ranges,
            Map<TableBucket, Long> tiered,
            long shuffleSeed) {
        return split(path, ranges, tiered, shuffleSeed, false);
    }

    /**
     * The splits of a round of a table with a primary key, in the order in which tasks should
     * start: one for each bucket, since the last change of a key is known only to whom sees all.
     */
    public List<BucketSplit> planKeyed(
            TablePath path,
            List<BucketRange> ranges,
            Map<TableBucket, Long> tiered,
            long shuffleSeed) {
        return split(path, ranges, tiered, shuffleSeed, true);
    }

    private List<BucketSplit> split(
            TablePath path,
            List<BucketRange> ranges,
            Map<TableBucket, Long> tiered,
            long shuffleSeed,
            boolean isKeyed) {
        record Piece(int index, int place, BucketRange range, Source source, long from, long to) {}
        List<BucketRange> shuffled = new ArrayList<>(ranges);
        shuffled.sort(Comparator.comparing(BucketRange::bucket));
        Collections.shuffle(shuffled, new Random(shuffleSeed));
        List<Piece> pieces = new ArrayList<>();
        for (int place = 0; place < shuffled.size(); place++) {
            BucketRange r = shuffled.get(place);
            if (isKeyed && isReadFromRows(r, tiered)) {
                if (r.end() > 0) {
                    pieces.add(new Piece(0, place, r, Source.ROWS, 0, r.end()));
                }
                continue;
            }
            long from = start(path, r, tiered);
            long step = isKeyed || recordsMax() == 0 ? Long.MAX_VALUE : recordsMax();
            for (int i = 0; from < r.end(); i++) {
                long to = r.end() - from <= step ? r.end() : from + step;
                pieces.add(new Piece(i, place, r, Source.LOG, from, to));
                from = to;
            }
        }
        pieces.sort(Comparator.comparingInt(Piece::index).thenComparingInt(Piece::place));
        List<BucketSplit> out = new ArrayList<>(pieces.size());
        for (Piece p : pieces) {
            out.add(
                    new BucketSplit(
                            out.size(),
                            p.range().bucket(),
                            p.range().partitionName(),
                            p.source(),
                            p.from(),
                            p.to()));
        }
        return out;
    }

    /** Of a bucket that was never tiered, or whose loss is accepted, the rows as they are now. */
    private boolean isReadFromRows(BucketRange r, Map<TableBucket, Long> tiered) {
        Long known = tiered.get(r.bucket());
        return known == null || (skipsGap && known < r.start() && known < r.end());
    }

    private long start(TablePath path, BucketRange r, Map<TableBucket, Long> tiered) {
        Long known = tiered.get(r.bucket());
        if (known == null) {
            return Math.max(0, r.start());
        }
        if (known >= r.start() || r.end() <= known) {
            return known;
        }
        if (!skipsGap) {
            throw ErrorReason.LOG_OFFSET_OUT_OF_RANGE.exception(
                    path
                            + " bucket "
                            + r.bucket()
                            + ": offsets ["
                            + known
                            + ", "
                            + r.start()
                            + ") are neither in the lake nor in the log any more; accept the loss"
                            + " with --skip-gap");
        }
        return r.start();
    }

    /** Records in the log that are not in the lake. */
    public static long lagRecords(List<BucketRange> ranges, Map<TableBucket, Long> tiered) {
        long lag = 0;
        for (BucketRange r : ranges) {
            Long known = tiered.get(r.bucket());
            lag += Math.max(0, r.end() - Math.max(r.start(), known == null ? 0 : known));
        }
        return lag;
    }
}
