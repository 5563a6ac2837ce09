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
package io.fluss.spark.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.sql.connector.read.Scan;
import org.junit.jupiter.api.Test;

class LakePartsTest {
    private static final long NO_LIMIT = Long.MAX_VALUE;

    @Test
    void goesAsFarAsTheLimitsAllowButNeverStays() {
        LakeParts parts =
                new Sizes(List.of(size(10, 100), size(10, 100), size(50, 100), size(1, 900)));

        assertThat(parts.end(0, NO_LIMIT, NO_LIMIT)).isEqualTo(4);
        assertThat(parts.end(0, 20, NO_LIMIT)).isEqualTo(2);
        assertThat(parts.end(0, 19, NO_LIMIT)).isEqualTo(1);
        assertThat(parts.end(0, 1, NO_LIMIT)).isEqualTo(1);
        assertThat(parts.end(2, 20, NO_LIMIT)).isEqualTo(3);
        assertThat(parts.end(0, NO_LIMIT, 300)).isEqualTo(3);
        assertThat(parts.end(3, NO_LIMIT, 300)).isEqualTo(4);
        assertThat(parts.end(4, 1, 1)).isEqualTo(4);
        assertThat(new Sizes(List.of()).end(0, 1, 1)).isZero();
    }

    private static LakeParts.Size size(long rows, long bytes) {
        return new LakeParts.Size(rows, bytes);
    }

    private record Sizes(List<Size> sizes) implements LakeParts {
        @Override
        public Scan scan(int from, int to) {
            throw new UnsupportedOperationException();
        }
    }
}
