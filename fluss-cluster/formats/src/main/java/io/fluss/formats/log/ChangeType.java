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
package io.fluss.formats.log;

import io.fluss.errors.ErrorReason;
import java.util.List;

/** What a record does to a table (data formats document, section 4.4). */
public enum ChangeType {
    APPEND(0, "+A"),
    INSERT(1, "+I"),
    UPDATE_BEFORE(2, "-U"),
    UPDATE_AFTER(3, "+U"),
    DELETE(4, "-D");

    private static final List<ChangeType> BY_CODE = List.of(values());

    private final byte code;
    private final String shortName;

    ChangeType(int code, String shortName) {
        this.code = (byte) code;
        this.shortName = shortName;
    }

    public static boolean isCode(byte code) {
        return code >= 0 && code < BY_CODE.size();
    }

    /**
     * The change type of a code.
     *
     * @throws io.fluss.errors.FlussException with CORRUPT_RECORD for an unknown code
     */
    public static ChangeType of(byte code) {
        if (!isCode(code)) {
            throw ErrorReason.CORRUPT_RECORD.exception("change type " + code + " is unknown");
        }
        return BY_CODE.get(code);
    }

    /** The byte in a batch. */
    public byte code() {
        return code;
    }

    /** Two characters, such as {@code +I}. */
    public String shortName() {
        return shortName;
    }
}
