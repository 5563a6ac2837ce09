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
package io.fluss.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BytesDictionaryPropertyTest {
    @Test
    void equalBytesHaveOneIdWhereverTheyAre() {
        Random random = new Random(5);
        BytesDictionary dictionary = new BytesDictionary(10_000, 1_000_000);
        Map<String, Integer> ids = new HashMap<>();
        byte[] page = new byte[100];
        for (int i = 0; i < 50_000; i++) {
            int from = random.nextInt(40);
            int length = random.nextInt(20);
            random.nextBytes(page);
            for (int k = from; k < from + length; k++) {
                // Few values, of equal beginnings; often they differ in the last byte only.
                page[k] = (byte) (k < from + length - 2 ? length : random.nextInt(3) - 1);
            }
            int id = dictionary.idOf(page, from, length);
            String text = Arrays.toString(Arrays.copyOfRange(page, from, from + length));
            assertThat(id).isEqualTo(ids.computeIfAbsent(text, t -> ids.size()));
            assertThat(
                            Arrays.copyOfRange(
                                    dictionary.content(),
                                    dictionary.start(id),
                                    dictionary.start(id) + dictionary.length(id)))
                    .isEqualTo(Arrays.copyOfRange(page, from, from + length));
        }
        assertThat(dictionary.size()).isEqualTo(ids.size());
    }
}
