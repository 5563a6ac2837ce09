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

import io.fluss.formats.row.RowValues;
import java.math.BigInteger;

/** A row of two BIGINTs. */
record Pair(long k, long v) implements RowValues {
    @Override
    public boolean isNull(int column) {
        return false;
    }

    @Override
    public long integer(int column) {
        return column == 0 ? k : v;
    }

    @Override
    public boolean bool(int column) {
        throw new AssertionError();
    }

    @Override
    public float floating(int column) {
        throw new AssertionError();
    }

    @Override
    public double doubling(int column) {
        throw new AssertionError();
    }

    @Override
    public byte[] bytes(int column) {
        throw new AssertionError();
    }

    @Override
    public BigInteger unscaled(int column) {
        throw new AssertionError();
    }

    @Override
    public long timestampMs(int column) {
        throw new AssertionError();
    }

    @Override
    public int nanoOfMs(int column) {
        throw new AssertionError();
    }
}
