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
package io.fluss.protocol;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.protocol.messages.ErrorResponse;
import java.util.EnumMap;
import java.util.Map;

/**
 * The one table between reasons and the numbers on the wire (wire protocol document, section 5).
 * Number 0, "none", is never sent: on success the field is left out.
 */
public final class ErrorCodes {
    /** Highest code on the wire; reasons behind it are internal and travel as -1. */
    private static final int MAX = 73;

    private static final ErrorReason[] BY_CODE = new ErrorReason[MAX + 1];
    private static final Map<ErrorReason, Integer> CODES = new EnumMap<>(ErrorReason.class);

    static {
        // The reasons are declared in the order of their codes: -1, then 1, 2, 3 … 73.
        ErrorReason[] all = ErrorReason.values();
        for (int code = 1; code <= MAX; code++) {
            BY_CODE[code] = all[code];
            CODES.put(all[code], code);
        }
    }

    private ErrorCodes() {}

    public static int code(ErrorReason reason) {
        return CODES.getOrDefault(reason, -1);
    }

    /** The reason of a code; unknown codes are {@link ErrorReason#UNKNOWN_SERVER_ERROR}. */
    public static ErrorReason reason(int code) {
        return code < 1 || code > MAX ? ErrorReason.UNKNOWN_SERVER_ERROR : BY_CODE[code];
    }

    public static ErrorResponse toResponse(FlussException error) {
        return ErrorResponse.newBuilder()
                .setErrorCode(code(error.reason()))
                .setErrorMessage(String.valueOf(error.getMessage()))
                .build();
    }

    /** The error that a peer reported; {@code where} says which call on which server. */
    public static FlussException toException(int code, String message, String where) {
        ErrorReason reason = reason(code);
        String text = message.isEmpty() ? reason.name() : message;
        return reason.exception(text + " (" + where + ")");
    }
}
