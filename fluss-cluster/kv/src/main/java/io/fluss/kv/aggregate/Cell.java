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
package io.fluss.kv.aggregate;

import java.math.BigInteger;

/** One computed value; which field counts depends on the type of the column. */
public final class Cell {
    boolean bool;
    long integer;
    float floating;
    double doubling;
    byte[] bytes = new byte[0];
    BigInteger unscaled = BigInteger.ZERO;

    public boolean bool() {
        return bool;
    }

    public long integer() {
        return integer;
    }

    public void setInteger(long value) {
        integer = value;
    }

    public float floating() {
        return floating;
    }

    public double doubling() {
        return doubling;
    }

    public byte[] bytes() {
        return bytes;
    }

    public BigInteger unscaled() {
        return unscaled;
    }
}
