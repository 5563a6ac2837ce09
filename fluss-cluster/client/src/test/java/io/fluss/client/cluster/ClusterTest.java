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
package io.fluss.client.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.client.fake.FakeCluster;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.messages.ListDatabasesRequest;
import io.fluss.protocol.messages.ListDatabasesResponse;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.protocol.messages.MetadataResponse;
import io.fluss.table.TableBucket;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ClusterTest {
    private final ManualClock clock = new ManualClock(0);
    private final ManualLoop loop = new ManualLoop(clock);
    private final FakeCluster fake = new FakeCluster(loop, clock);
    private final Cluster cluster = fake.cluster();

    @Test
    void learnsLeadersAndForgetsThem() {
        TableBucket bucket = TableBucket.of(7, 0);
        assertThat(cluster.leader(bucket)).isEmpty();
        cluster.refresh(FakeCluster.table(1).path(), List.of()).join();
        assertThat(cluster.leader(bucket)).hasValue(1);
        cluster.forgetLeader(bucket);
        assertThat(cluster.leader(bucket)).isEmpty();
        fake.lead(-1);
        cluster.refresh(FakeCluster.table(1).path(), List.of()).join();
        assertThat(cluster.leader(bucket)).isEmpty();
    }

    @Test
    void namesEachAddressThatDoesNotAnswer() {
        fake.kill(1);
        fake.kill(2);
        assertThat(errorOf(cluster.refresh(MetadataRequest.getDefaultInstance())))
                .hasMessageContaining("localhost:1: connection refused by port 1")
                .hasMessageContaining("localhost:2: connection refused by port 2")
                .extracting(FlussException::reason)
                .isEqualTo(ErrorReason.NETWORK);
    }

    @Test
    void asksTheNextServerWhenOneKnowsNothingYet() {
        fake.server(1).on(ApiKey.GET_METADATA, q -> MetadataResponse.getDefaultInstance());
        cluster.refresh(FakeCluster.table(1).path(), List.of()).join();
        assertThat(cluster.leader(TableBucket.of(7, 0))).hasValue(1);
    }

    @Test
    void connectsAgainAfterAConnectionHasEnded() {
        cluster.refresh(MetadataRequest.getDefaultInstance()).join();
        fake.kill(1);
        fake.kill(2);
        fake.start(2);
        cluster.refresh(MetadataRequest.getDefaultInstance()).join();
        assertThat(fake.server(2).receivedCount(ApiKey.GET_METADATA)).isEqualTo(1);
    }

    @Test
    void repeatsReadsWithBackOffUntilTheyWork() {
        cluster.refresh(MetadataRequest.getDefaultInstance()).join();
        fake.kill(1);
        fake.kill(2);
        CompletableFuture<ListDatabasesResponse> answer = list();
        assertThat(answer).isNotDone();
        loop.advance(Duration.ofMillis(100));
        loop.advance(Duration.ofMillis(200));
        assertThat(answer).isNotDone();
        fake.start(1);
        fake.server(1)
                .on(
                        ApiKey.LIST_DATABASES,
                        q -> ListDatabasesResponse.newBuilder().addDatabaseName("db").build());
        loop.advance(Duration.ofMillis(400));
        assertThat(answer.join().getDatabaseNameList()).containsExactly("db");
    }

    @Test
    void givesUpReadsAfterTheRequestTimeout() {
        fake.kill(1);
        fake.kill(2);
        CompletableFuture<ListDatabasesResponse> answer = list();
        for (int i = 0; i < 20 && !answer.isDone(); i++) {
            loop.advance(Duration.ofSeconds(2));
        }
        assertThat(errorOf(answer).reason()).isEqualTo(ErrorReason.NETWORK);
        assertThat(clock.nanoTime()).isLessThan(Duration.ofSeconds(33).toNanos());
    }

    @Test
    void doesNotRepeatWhatIsRefused() {
        fake.server(1).refuse(ApiKey.LIST_DATABASES, ErrorReason.AUTHORIZATION);
        fake.server(2).refuse(ApiKey.LIST_DATABASES, ErrorReason.AUTHORIZATION);
        assertThat(errorOf(list()).reason()).isEqualTo(ErrorReason.AUTHORIZATION);
        assertThat(loop.delayedCount()).isZero();
    }

    @Test
    void refusesAddressesThatAreNone() {
        for (String bad : List.of("", " , ", "host", "host:", "host:0", "host:70000", ":1")) {
            assertThatThrownBy(() -> ServerAddress.parse("bootstrap.servers", bad))
                    .as(bad)
                    .hasMessageContaining("bootstrap.servers");
        }
        assertThat(ServerAddress.parse("o", "a:1, b:2 ,[::1]:3"))
                .extracting(ServerAddress::toString)
                .containsExactly("a:1", "b:2", "[::1]:3");
    }

    @Test
    void waitsLongerAfterEachFailureUpToABound() {
        assertThat(List.of(1, 2, 3, 4, 5, 6, 100))
                .extracting(n -> Backoff.after(n).toMillis())
                .containsExactly(100L, 200L, 400L, 800L, 1_600L, 2_000L, 2_000L);
    }

    private CompletableFuture<ListDatabasesResponse> list() {
        return cluster.read(ApiKey.LIST_DATABASES, ListDatabasesRequest.getDefaultInstance());
    }

    private static FlussException errorOf(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        return FlussException.from(future.handle((v, e) -> e).join());
    }
}
