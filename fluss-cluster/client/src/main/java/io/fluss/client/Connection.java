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
package io.fluss.client;

import io.fluss.client.append.AppendWriter;
import io.fluss.client.append.UpsertOptions;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.current.BucketRows;
import io.fluss.client.lake.TieringAdmin;
import io.fluss.client.lookup.LookupOptions;
import io.fluss.client.lookup.Lookuper;
import io.fluss.client.lookup.PrefixLookuper;
import io.fluss.client.row.Row;
import io.fluss.client.scan.LastRows;
import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.LogScanner;
import io.fluss.client.scan.RowScanner;
import io.fluss.client.scan.ScanRecord;
import io.fluss.formats.filter.Predicate;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A connection to a cluster; owns sockets, threads and the metadata cache. Thread-safe, expensive:
 * share one. Everything made from it must be closed before it.
 */
public interface Connection extends AutoCloseable {

    /**
     * Connects through {@code bootstrap.servers} (comma-separated host:port).
     *
     * @param settings client options, names as in the published client; unknown ones are ignored
     * @throws io.fluss.errors.FlussException with INVALID_CONFIG for bad options, NETWORK if no
     *     server answers, naming each address and why
     */
    static Connection open(Map<String, String> settings) {
        return ClusterConnection.open(ClientSettings.from(settings));
    }

    Admin admin();

    TieringAdmin tieringAdmin();

    /** A writer for a log table. */
    AppendWriter appendWriter(TableInfo table);

    /** A writer of whole rows for a table with a primary key, which merges as the table says. */
    default UpsertWriter upsertWriter(TableInfo table) {
        return upsertWriter(table, UpsertOptions.DEFAULT);
    }

    /**
     * A writer for a table with a primary key.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TARGET_COLUMN for columns that cannot be
     *     written by themselves, naming table, column and reason
     */
    UpsertWriter upsertWriter(TableInfo table, UpsertOptions options);

    /** Looks up whole rows by primary key. */
    default Lookuper lookuper(TableInfo table) {
        return lookuper(table, LookupOptions.DEFAULT);
    }

    /** Looks up rows by primary key. */
    Lookuper lookuper(TableInfo table, LookupOptions options);

    /** Looks up whole rows by bucket key, where that is a leading part of the primary key. */
    default PrefixLookuper prefixLookuper(TableInfo table) {
        return prefixLookuper(table, Optional.empty());
    }

    /**
     * Looks up rows by bucket key, where that is a leading part of the primary key.
     *
     * @param columns names of the wanted columns in the wanted order; empty for all
     */
    PrefixLookuper prefixLookuper(TableInfo table, Optional<List<String>> columns);

    /**
     * A scanner without buckets yet.
     *
     * @param columns positions of the wanted columns in the wanted order; empty for all
     * @param allocator parent of the vectors that are handed out
     */
    LogScanner logScanner(
            TableInfo table, Optional<List<Integer>> columns, BufferAllocator allocator);

    /**
     * Reads exactly the offsets {@code [from, to)} of one bucket. {@code from} -2 is the earliest
     * available.
     *
     * @param columns positions of the wanted columns in the wanted order; empty for all
     */
    LogRangeReader logRange(
            TableInfo table,
            TableBucket bucket,
            long from,
            long to,
            Optional<List<Integer>> columns,
            BufferAllocator allocator);

    /** A scanner of rows as Java values, with all columns, without buckets yet. */
    default RowScanner rowScanner(TableInfo table) {
        return rowScanner(table, table.schema().columnNames());
    }

    /**
     * A scanner of rows as Java values, without buckets yet.
     *
     * @param columns names of the wanted columns in the wanted order
     * @throws io.fluss.errors.FlussException with INVALID_COLUMN_PROJECTION for a name that does
     *     not exist or is given twice
     */
    default RowScanner rowScanner(TableInfo table, List<String> columns) {
        return RowScanner.open(this, table, columns);
    }

    /**
     * The last rows of a bucket, oldest first; fewer if it holds fewer. Waits for them.
     *
     * @param columns names of the wanted columns in the wanted order
     * @param limit how many rows at most, from 1
     */
    default List<ScanRecord> lastRows(
            TableInfo table, TableBucket bucket, List<String> columns, int limit) {
        return LastRows.read(this, table, bucket, columns, limit);
    }

    /**
     * As {@link #logRange(TableInfo, TableBucket, long, long, Optional, BufferAllocator)} for rows
     * that a predicate wants: batches that have none may be left out, see {@link
     * LogScanner#filter}. The columns of the predicate need not be read.
     */
    default LogRangeReader logRange(
            TableInfo table,
            TableBucket bucket,
            long from,
            long to,
            Optional<List<Integer>> columns,
            Predicate wanted,
            BufferAllocator allocator) {
        LogRangeReader reader = logRange(table, bucket, from, to, columns, allocator);
        reader.filter(wanted);
        return reader;
    }

    /**
     * Rows of a bucket of a table with a primary key as of an offset of its changelog, to go on
     * from with {@link #logScanner}. Where the server has no scan of rows these are the rows of its
     * last snapshot, or none at the beginning of the changelog.
     *
     * @param columns positions of the wanted columns in the wanted order; empty for all
     * @param allocator parent of the vectors that are handed out
     */
    BucketRows snapshot(
            TableInfo table,
            TableBucket bucket,
            Optional<List<Integer>> columns,
            BufferAllocator allocator);

    /**
     * As {@link #snapshot}, but with all changes that are acknowledged by now: the rows that
     * lookups would find.
     */
    BucketRows currentRows(
            TableInfo table,
            TableBucket bucket,
            Optional<List<Integer>> columns,
            BufferAllocator allocator);

    /**
     * Some rows of a bucket of a table with a primary key, those whose keys' bytes come first.
     * Waits for them.
     *
     * @param columns names of the wanted columns in the wanted order
     * @param limit how many rows at most, from 1
     */
    List<Row> firstRows(TableInfo table, TableBucket bucket, List<String> columns, int limit);

    /** Closes sockets and threads; calls in flight fail. */
    @Override
    void close();
}
