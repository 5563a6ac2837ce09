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
package io.fluss.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HotRowsTest {
    private final HotRows rows = new HotRows(64 * 4096);
    private final ByteArena out = new ByteArena(16);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void put(long store, String key, String value) {
        byte[] k = bytes(key);
        byte[] v = bytes(value);
        rows.put(store, KeyHash.of(k, 0, k.length), k, 0, k.length, v, 0, v.length);
    }

    private void remove(long store, String key) {
        byte[] k = bytes(key);
        rows.remove(store, KeyHash.of(k, 0, k.length), k, 0, k.length);
    }

    /** The value, "unknown" or "gone". */
    private String get(long store, String key) {
        byte[] k = bytes(key);
        out.truncate(0);
        int size = rows.get(store, KeyHash.of(k, 0, k.length), k, 0, k.length, out);
        return size == HotRows.UNKNOWN
                ? "unknown"
                : size == HotRows.GONE
                        ? "gone"
                        : new String(Arrays.copyOf(out.array(), size), StandardCharsets.UTF_8);
    }

    @Test
    void neverGivesAnythingButTheLastValue() {
        Random random = new Random(3);
        Map<String, String> model = new HashMap<>();
        int known = 0;
        for (int i = 0; i < 300_000; i++) {
            long store = random.nextInt(3);
            String key = "k" + random.nextInt(3000);
            switch (random.nextInt(4)) {
                case 0 -> {
                    String value = "v".repeat(random.nextInt(40)) + i;
                    put(store, key, value);
                    model.put(store + key, value);
                }
                case 1 -> {
                    if (random.nextInt(5) == 0) {
                        remove(store, key);
                        model.put(store + key, "gone");
                    }
                }
                default -> {
                    String got = get(store, key);
                    if (!got.equals("unknown")) {
                        known++;
                        assertThat(got).isEqualTo(model.get(store + key));
                    }
                }
            }
        }
        assertThat(known).isGreaterThan(10_000);
    }

    @Test
    void aValueThatIsTooLargeReplacesTheOldOneByNothing() {
        put(1, "a", "small");
        put(1, "a", "x".repeat(100_000));
        assertThat(get(1, "a")).isEqualTo("unknown");
    }

    @Test
    void whatWasReadBeforeAWriteIsNotFilledIn() {
        byte[] k = bytes("a");
        long hash = KeyHash.of(k, 0, k.length);
        long stamp = rows.stamp(hash);
        put(1, "a", "new");
        remove(1, "a");
        rows.fill(stamp, 1, hash, k, 0, k.length, bytes("old"));
        assertThat(get(1, "a")).isEqualTo("gone");
        rows.fill(rows.stamp(hash), 1, hash, k, 0, k.length, bytes("now"));
        assertThat(get(1, "a")).isEqualTo("now");
    }
}
