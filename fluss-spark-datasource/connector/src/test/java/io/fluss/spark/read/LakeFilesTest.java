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
package io.fluss.spark.read;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.spark.hold.LakeUse;
import java.io.FileNotFoundException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LakeFilesTest {
    private static final LakeUse USE = new LakeUse("d.t", 7);

    @Test
    void saysWhatAMissingFileMeans() {
        RuntimeException missing =
                new RuntimeException(
                        "read", new IOException(new FileNotFoundException("a/b.parquet")));

        assertThatThrownBy(() -> LakeFiles.refuseMissing(USE, missing))
                .hasMessageContaining("a/b.parquet")
                .hasMessageContaining("d.t: lake snapshot 7")
                .hasMessageContaining("lake.hold-after")
                .hasMessageContaining("lake.tiering.expire.reader-window")
                .hasCause(missing);
        assertThatThrownBy(() -> LakeFiles.refuseMissing(USE, new NotFoundException("c.parquet")))
                .hasMessageContaining("c.parquet");
    }

    @Test
    void leavesOtherErrorsAlone() {
        assertThatCode(() -> LakeFiles.refuseMissing(USE, new IOException("broken")))
                .doesNotThrowAnyException();
    }

    /** Named as those of lake formats. */
    private static final class NotFoundException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotFoundException(String message) {
            super(message);
        }
    }
}
