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

/** Where an encoded row stands, to be set again and again. Belongs to one thread. */
final class KvRow {
    /** Memory that rows of one write stand in; it may be replaced by larger one, places stay. */
    enum Source {
        REQUEST,
        STORED,
        MERGED,
        CHANGES
    }

    Source source = Source.REQUEST;
    byte[] bytes = new byte[0];
    int at;
    int size;
    int schemaId;

    /** This, at a row without the schema id in front. */
    KvRow row(Source newSource, byte[] newBytes, int newAt, int newSize, int newSchemaId) {
        source = newSource;
        bytes = newBytes;
        at = newAt;
        size = newSize;
        schemaId = newSchemaId;
        return this;
    }

    /** This, at a stored value: schema id, then the row. */
    KvRow value(Source newSource, byte[] newBytes, int newAt, int newSize) {
        return row(
                newSource,
                newBytes,
                newAt + Short.BYTES,
                newSize - Short.BYTES,
                (short) ((newBytes[newAt] & 0xff) | (newBytes[newAt + 1] << 8)));
    }
}
