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
package io.fluss.transport;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What handlers remember of one connection, one note per type; forgotten with the connection.
 * Thread-safe; whoever keeps a note bounds it.
 */
public final class ConnectionNotes {
    private final Map<Class<?>, Object> notes = new ConcurrentHashMap<>(2);

    /** The note of this type; the first caller makes it. */
    public <T> T of(Class<T> type, Supplier<T> first) {
        return type.cast(notes.computeIfAbsent(type, t -> first.get()));
    }
}
