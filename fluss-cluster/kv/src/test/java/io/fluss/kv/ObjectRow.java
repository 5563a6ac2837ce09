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

import io.fluss.formats.row.RowValues;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** A row of longs and texts, for tests. */
record ObjectRow(Object... values) implements RowValues {
    @Override
    public boolean isNull(int column) {
        return values[column] == null;
    }

    @Override
    public long integer(int column) {
        return (Long) values[column];
    }

    @Override
    public byte[] bytes(int column) {
        return values[column] instanceof byte[] b
                ? b
                : ((String) values[column]).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean bool(int column) {
        return (Boolean) values[column];
    }

    @Override
    public float floating(int column) {
        return (Float) values[column];
    }

    @Override
    public double doubling(int column) {
        return (Double) values[column];
    }

    @Override
    public BigInteger unscaled(int column) {
        return (BigInteger) values[column];
    }

    @Override
    public long timestampMs(int column) {
        return (Long) values[column];
    }

    @Override
    public int nanoOfMs(int column) {
        return 0;
    }
}
