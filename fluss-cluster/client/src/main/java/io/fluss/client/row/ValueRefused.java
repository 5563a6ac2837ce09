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

/** A value does not fit its type; {@link #what} goes on after the name of the column. */
final class ValueRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN_MAX = 60;

    private ValueRefused(String what) {
        super(what, null, false, false);
    }

    static ValueRefused of(String what) {
        return new ValueRefused(what);
    }

    static ValueRefused notA(String wanted, Object value) {
        return new ValueRefused("takes " + wanted + ", but got " + described(value));
    }

    static ValueRefused outOfRange(Object value) {
        return new ValueRefused("cannot hold " + described(value));
    }

    String what() {
        return String.valueOf(getMessage());
    }

    /** Class and value, not longer than a line. */
    static String described(Object value) {
        String text =
                value instanceof byte[] bytes ? bytes.length + " bytes" : String.valueOf(value);
        String cut = text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "..." : text;
        return value.getClass().getSimpleName() + " '" + cut + "'";
    }
}
