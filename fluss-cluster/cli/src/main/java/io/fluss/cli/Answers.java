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
package io.fluss.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Results of commands, as grid for people or as one JSON document for programs. */
final class Answers {
    private final Terminal terminal;
    private final ClusterOptions options;

    Answers(Terminal terminal, ClusterOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    boolean isJson() {
        return options.format() == ClusterOptions.Format.JSON;
    }

    /** Names, one a line; an array in JSON. */
    void names(List<String> names) {
        if (isJson()) {
            json(names);
        } else {
            names.forEach(terminal.out()::println);
        }
    }

    /** Objects with the same keys: a grid with these as header; an array in JSON. */
    void objects(List<String> keys, List<? extends Map<String, ? extends @Nullable Object>> all) {
        if (isJson()) {
            json(all);
            return;
        }
        TextGrid grid =
                new TextGrid(
                        terminal.out(),
                        keys.stream()
                                .map(k -> k.replace('_', ' ').toUpperCase(java.util.Locale.ROOT))
                                .toList());
        for (Map<String, ? extends @Nullable Object> one : all) {
            List<String> cells = new ArrayList<>();
            for (String key : keys) {
                Object value = one.get(key);
                cells.add(value == null ? "-" : CellText.shown(value));
            }
            grid.add(cells);
        }
        grid.flush();
    }

    /** One object: a line for each key; an object in JSON. */
    void object(Map<String, ? extends @Nullable Object> one) {
        if (isJson()) {
            json(one);
            return;
        }
        int width = one.keySet().stream().mapToInt(String::length).max().orElse(0);
        one.forEach(
                (key, value) -> {
                    String label = key.replace('_', ' ');
                    for (String line : lines(value)) {
                        terminal.out()
                                .println(label + " ".repeat(width - label.length() + 2) + line);
                        label = "";
                    }
                });
    }

    private static List<String> lines(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return List.of(
                    list.isEmpty()
                            ? "-"
                            : String.join(", ", list.stream().map(CellText::shown).toList()));
        }
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            return map.entrySet().stream()
                    .map(e -> CellText.shown(e.getKey()) + "=" + CellText.shown(e.getValue()))
                    .toList();
        }
        return List.of(value == null || value instanceof Map<?, ?> ? "-" : CellText.shown(value));
    }

    void json(Object value) {
        terminal.out().println(JsonText.write(value));
    }

    /** What was done, for people; nothing in JSON. */
    void done(String what) {
        if (!isJson()) {
            terminal.out().println(what);
        }
    }

    /** A map in the order of its arguments: key, value, key, value. */
    static Map<String, @Nullable Object> map(@Nullable Object... pairs) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(String.valueOf(pairs[i]), pairs[i + 1]);
        }
        return map;
    }
}
