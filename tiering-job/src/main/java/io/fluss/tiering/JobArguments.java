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
package io.fluss.tiering;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Splits a command line into options for the parser and dotted settings: {@code --fluss.x v},
 * {@code --datalake.x v}, {@code --lake.tiering.x v} (also with {@code =}, and as {@code -Dx=v}).
 */
record JobArguments(List<String> options, Map<String, String> settings) {
    private static final List<String> PREFIXES =
            List.of("--fluss.", "--datalake.", "--lake.tiering.");

    JobArguments {
        options = List.copyOf(options);
        settings = Map.copyOf(settings);
    }

    static JobArguments of(String... arguments) {
        List<String> options = new ArrayList<>();
        Map<String, String> settings = new LinkedHashMap<>();
        for (int i = 0; i < arguments.length; i++) {
            String a = arguments[i];
            boolean isDotted = PREFIXES.stream().anyMatch(a::startsWith);
            if (!isDotted && !(a.startsWith("-D") && a.contains("="))) {
                options.add(a);
                continue;
            }
            String pair = a.substring(2);
            int at = pair.indexOf('=');
            if (at >= 0) {
                settings.put(pair.substring(0, at), pair.substring(at + 1));
            } else if (i + 1 < arguments.length && !arguments[i + 1].startsWith("--")) {
                settings.put(pair, arguments[++i]);
            } else {
                throw new IllegalArgumentException(a + " needs a value");
            }
        }
        return new JobArguments(options, settings);
    }
}
