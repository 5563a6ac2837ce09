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
package io.fluss.tablet;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.fluss.bytes.ByteParts;
import io.fluss.protocol.messages.FetchLogResponse;
import io.fluss.protocol.messages.LimitScanResponse;
import io.fluss.protocol.messages.PbFetchLogRespForBucket;
import io.fluss.protocol.messages.PbFetchLogRespForTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes answers that carry records, without touching the records: small pieces of memory with the
 * fields around them, and the records as they are. Pure functions.
 */
final class FetchResponse {
    private FetchResponse() {}

    record Table(long tableId, List<Bucket> buckets) {}

    /**
     * @param head the fields in front of the records
     * @param hasRecords whether the field is sent, be it empty
     */
    record Bucket(PbFetchLogRespForBucket head, boolean hasRecords, ByteParts records) {
        static Bucket of(PbFetchLogRespForBucket head, ByteParts records) {
            return new Bucket(head, true, records);
        }

        /** For a failure, or where to read remotely. */
        static Bucket withoutRecords(PbFetchLogRespForBucket head) {
            return new Bucket(head, false, ByteParts.empty());
        }

        int size() {
            int n = head.getSerializedSize();
            return hasRecords
                    ? n
                            + CodedOutputStream.computeTagSize(
                                    PbFetchLogRespForBucket.RECORDS_FIELD_NUMBER)
                            + lengthSize(records.size())
                            + Math.toIntExact(records.size())
                    : n;
        }
    }

    /**
     * The encoded message.
     *
     * @param release runs when it is closed, and gives back the records of all buckets
     */
    static ByteParts encode(List<Table> tables, Runnable release) {
        Pieces out = new Pieces();
        try {
            for (Table t : tables) {
                int size =
                        CodedOutputStream.computeInt64Size(
                                PbFetchLogRespForTable.TABLE_ID_FIELD_NUMBER, t.tableId());
                for (Bucket b : t.buckets()) {
                    size +=
                            CodedOutputStream.computeTagSize(
                                            PbFetchLogRespForTable.BUCKETS_RESP_FIELD_NUMBER)
                                    + lengthSize(b.size())
                                    + b.size();
                }
                out.lengthDelimited(FetchLogResponse.TABLES_RESP_FIELD_NUMBER, size);
                out.coded.writeInt64(PbFetchLogRespForTable.TABLE_ID_FIELD_NUMBER, t.tableId());
                for (Bucket b : t.buckets()) {
                    out.lengthDelimited(PbFetchLogRespForTable.BUCKETS_RESP_FIELD_NUMBER, b.size());
                    b.head().writeTo(out.coded);
                    if (b.hasRecords()) {
                        out.lengthDelimited(
                                PbFetchLogRespForBucket.RECORDS_FIELD_NUMBER,
                                Math.toIntExact(b.records().size()));
                        out.append(b.records());
                    }
                }
            }
            return out.finish(release);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The answer to a limit scan of a log table. */
    static ByteParts limitScan(ByteParts records) {
        Pieces out = new Pieces();
        try {
            out.coded.writeBool(LimitScanResponse.IS_LOG_TABLE_FIELD_NUMBER, true);
            out.lengthDelimited(
                    LimitScanResponse.RECORDS_FIELD_NUMBER, Math.toIntExact(records.size()));
            out.append(records);
            return out.finish(records::close);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int lengthSize(long length) {
        return CodedOutputStream.computeUInt32SizeNoTag(Math.toIntExact(length));
    }

    /** Collects pieces: what is written lies between what is appended. */
    private static final class Pieces {
        private final List<ByteParts.Part> parts = new ArrayList<>();
        private final ByteArrayOutputStream small = new ByteArrayOutputStream(256);
        private final CodedOutputStream coded = CodedOutputStream.newInstance(small, 256);

        void lengthDelimited(int field, int length) throws IOException {
            coded.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            coded.writeUInt32NoTag(length);
        }

        void append(ByteParts bytes) throws IOException {
            if (bytes.size() > 0) {
                cut();
                parts.addAll(bytes.parts());
            }
        }

        private void cut() throws IOException {
            coded.flush();
            if (small.size() > 0) {
                parts.add(new ByteParts.Memory(ByteBuffer.wrap(small.toByteArray())));
                small.reset();
            }
        }

        ByteParts finish(Runnable release) throws IOException {
            cut();
            return ByteParts.of(parts, release);
        }
    }
}
