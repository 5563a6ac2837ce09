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
package io.fluss.formats.row;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;

/** Makes the one error of readers. */
final class CorruptRow {
    private CorruptRow() {}

    static FlussException of(String problem) {
        return ErrorReason.CORRUPT_RECORD.exception("damaged row: " + problem);
    }

    static int nanoOfMs(long value, FieldShape field) {
        if (value < 0 || value > 999_999) {
            throw of(value + " nanoseconds of a millisecond in " + field.type());
        }
        return (int) value;
    }

    static void checkDecimal(int size, FieldShape field) {
        if (size < 1 || size > SlotEncoder.BIG_DECIMAL_SIZE) {
            throw of(size + " bytes of digits in " + field.type());
        }
    }
}
