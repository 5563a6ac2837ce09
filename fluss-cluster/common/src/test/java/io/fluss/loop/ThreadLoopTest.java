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
package io.fluss.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadLoopTest {
    private final CompletableFuture<Throwable> fault = new CompletableFuture<>();
    private final ThreadLoop loop = new ThreadLoop("test-loop", 10, fault::complete);

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void runsTasksOnItsThread() throws Exception {
        assertThat(loop.isOwner()).isFalse();
        assertThat(loop.submit(loop::isOwner).get(10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(loop::assertOwner).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aTaskThatEndsInAnErrorIsAnsweredReportedAndFollowedByTheNext() throws Exception {
        AssertionError broken = new AssertionError("broken");
        CompletableFuture<Object> answer =
                loop.submit(
                        () -> {
                            throw broken;
                        });
        assertThatThrownBy(() -> answer.get(10, TimeUnit.SECONDS)).hasCause(broken);
        assertThat(fault.get(10, TimeUnit.SECONDS)).isSameAs(broken);
        assertThat(loop.submit(() -> 1).get(10, TimeUnit.SECONDS)).isEqualTo(1);
    }
}
