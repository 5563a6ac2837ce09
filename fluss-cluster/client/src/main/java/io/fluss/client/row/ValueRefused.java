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
package io.fluss.client.row;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;

/** A value does not fit its type. Messages go on after the name of the column. */
final class ValueRefused {
    private static final int SHOWN_MAX = 60;

    private ValueRefused() {}

    static FlussException of(String what) {
        return ErrorReason.INVALID_TARGET_COLUMN.exception(what);
    }

    static FlussException notA(String wanted, Object value) {
        return of("takes " + wanted + ", but got " + described(value));
    }

    static FlussException outOfRange(Object value) {
        return of("cannot hold " + described(value));
    }

    /** Class and value, not longer than a line. */
    static String described(Object value) {
        String text =
                value instanceof byte[] bytes ? bytes.length + " bytes" : String.valueOf(value);
        String cut = text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "..." : text;
        return value.getClass().getSimpleName() + " '" + cut + "'";
    }
}
