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

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.server.LocalCluster;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a real cluster, as a user gives them. */
@Timeout(180)
class FlussCliIT {
    private static final int INTERRUPTED = 130;

    @TempDir static Path directory;
    private static LocalCluster cluster;

    @BeforeAll
    static void start() {
        cluster = LocalCluster.start(directory.resolve("data"), 0, Map.of());
        assertThat(run("", "database", "create", "shop").status).isZero();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private record Result(int status, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    private static Result run(String input, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                FlussCli.run(
                        new Terminal(
                                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                                new PrintWriter(out),
                                new PrintWriter(err),
                                Map.of("FLUSS_BOOTSTRAP_SERVERS", cluster.bootstrap())),
                        arguments);
        return new Result(status, out.toString(), err.toString());
    }

    private static Result done(String input, String... arguments) {
        Result result = run(input, arguments);
        assertThat(result.status).as(result.err).isZero();
        return result;
    }

    private static void refused(int status, String what, String... arguments) {
        Result result = run("", arguments);
        assertThat(result.status).isEqualTo(status);
        assertThat(result.err).startsWith("error: ").contains(what).doesNotContain("\tat ");
        assertThat(result.out).isEmpty();
    }

    @Test
    void databasesComeAndGo() {
        done("", "database", "create", "d1", "--comment", "the first", "-p", "owner=me");
        done("", "database", "create", "d1", "--if-not-exists");
        assertThat(done("", "database", "list").lines()).contains("d1", "shop");
        assertThat(done("", "database", "list", "-l").out).contains("TABLES");
        assertThat(done("", "database", "info", "d1", "-o", "json").out)
                .contains("\"comment\":\"the first\"", "\"owner\":\"me\"");
        done("", "table", "create", "d1.t", "--columns", "id INT");
        refused(1, "d1", "database", "drop", "d1");
        refused(1, "d1", "database", "create", "d1");
        done("", "database", "drop", "d1", "--cascade");
        done("", "database", "drop", "d1", "--if-exists");
        refused(1, "d1", "database", "info", "d1");
        refused(1, "a/b", "database", "create", "a/b");
    }

    @Test
    void rowsGoInAsJsonAndComeOutInEachForm() {
        done(
                "",
                "table",
                "create",
                "shop.all",
                "--columns",
                "id BIGINT NOT NULL, b BOOLEAN, d DECIMAL(20, 4), f FLOAT, g DOUBLE, s STRING,"
                        + " x BYTES, day DATE, t TIME(3), ts TIMESTAMP(6), ltz TIMESTAMP_LTZ(3),"
                        + " a ARRAY<INT>, m MAP<STRING, BIGINT>, r ROW<n INT, s STRING>",
                "--buckets",
                "1");
        String row =
                "{\"id\":1,\"b\":true,\"d\":12345.6789,\"f\":0.1,\"g\":1.0E-5,\"s\":\"ä,\\\"\\n\","
                        + "\"x\":\"AQI=\",\"day\":\"2024-05-06\",\"t\":\"07:08:09.123\","
                        + "\"ts\":\"2024-05-06T07:08:09.123456\",\"ltz\":\"2024-05-06T07:08:09.123Z\","
                        + "\"a\":[1,null],\"m\":{\"k\":2},\"r\":{\"n\":3,\"s\":null}}";
        String nulls =
                "{\"id\":2,\"b\":null,\"d\":null,\"f\":null,\"g\":null,\"s\":null,\"x\":null,"
                        + "\"day\":null,\"t\":null,\"ts\":null,\"ltz\":null,\"a\":null,\"m\":null,"
                        + "\"r\":null}";
        assertThat(done(row + "\n{\"id\":2}\n", "produce", "shop.all").err)
                .contains("appended 2 rows to shop.all");
        Result json = done("", "consume", "shop.all", "-o", "json");
        assertThat(json.lines()).containsExactly(row, nulls);
        Result csv = done("", "consume", "shop.all", "-o", "csv");
        done(json.out, "produce", "shop.all");
        done(csv.out, "produce", "shop.all", "-f", "csv");
        assertThat(done("", "consume", "shop.all", "-o", "json").lines())
                .containsExactly(row, nulls, row, nulls, row, nulls);
        assertThat(done("", "consume", "shop.all", "--columns", "s,id", "-n", "2").lines())
                .containsExactly("s      id", "ä,\"\\n  1", "NULL   2");
        assertThat(done("", "consume", "shop.all", "--from", "4", "--columns", "id").lines())
                .containsExactly("id", "1", "2");
        assertThat(done("", "consume", "shop.all", "--from", "latest").lines()).hasSize(1);
        assertThat(done("", "consume", "shop.all", "--from", "1h", "-o", "json", "-n", "1").lines())
                .containsExactly(row);
        assertThat(done("", "offsets", "shop.all", "-o", "json").out)
                .isEqualTo("[{\"bucket\":0,\"earliest\":0,\"end\":6,\"rows\":6}]\n");
    }

    @Test
    void tieringStatusTellsTheLagOfATableWithoutLake() {
        assertThat(done("", "tiering", "status").lines())
                .containsExactly("no table has table.datalake.enabled=true");
        assertThat(done("", "tiering", "status", "-o", "json").out).isEqualTo("[]\n");
        done("", "table", "create", "shop.hot", "--columns", "id BIGINT", "--buckets", "1");
        done("{\"id\":1}\n{\"id\":2}\n", "produce", "shop.hot");
        Result one = done("", "tiering", "status", "shop.hot");
        assertThat(one.out).contains("off", "the lake of the table is off", "TIERED TO");
        Result json = done("", "tiering", "status", "shop.hot", "-o", "json");
        assertThat(json.out)
                .contains(
                        "\"state\":\"off\"",
                        "\"lag_rows\":2",
                        "\"tiered_to\":null,\"end\":2",
                        "\"rounds\":[]");
        refused(1, "shop.none", "tiering", "status", "shop.none");
    }

    @Test
    void rowsOfATableWithAPrimaryKeyAreUpsertedLookedUpAndDeleted() {
        done(
                "",
                "table",
                "create",
                "shop.users",
                "--columns",
                "name STRING, id BIGINT, age INT",
                "--primary-key",
                "id",
                "--buckets",
                "1");
        assertThat(
                        done(
                                        "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n",
                                        "produce",
                                        "shop.users")
                                .err)
                .contains("upserted 2 rows to shop.users");
        done("id,age\n1,30\n", "produce", "shop.users", "-f", "csv", "--columns", "id,age");
        assertThat(done("", "lookup", "shop.users", "id=1", "-o", "json").lines())
                .containsExactly("{\"name\":\"a\",\"id\":1,\"age\":30}");
        assertThat(done("{\"id\":2,\"name\":\"b\"}\n", "produce", "shop.users", "--delete").err)
                .contains("deleted 1 row from shop.users");
        Result none = run("", "lookup", "shop.users", "id=2");
        assertThat(none.status).isEqualTo(1);
        assertThat(none.err).contains("shop.users has no row with {id=2}");
        Result changes = done("", "consume", "shop.users", "-o", "json", "--columns", "id,age");
        assertThat(changes.lines())
                .containsExactly(
                        "{\"_change_type\":\"+I\",\"id\":1,\"age\":null}",
                        "{\"_change_type\":\"+I\",\"id\":2,\"age\":null}",
                        "{\"_change_type\":\"-U\",\"id\":1,\"age\":null}",
                        "{\"_change_type\":\"+U\",\"id\":1,\"age\":30}",
                        "{\"_change_type\":\"-D\",\"id\":2,\"age\":null}");
        assertThat(done("", "consume", "shop.users", "--current").lines())
                .containsExactly("name  id  age", "a     1   30");
        assertThat(done("", "consume", "shop.users", "--current", "--follow", "-n", "1").lines())
                .containsExactly("_change_type  name  id  age", "+I            a     1   30");
        done(
                "",
                "table",
                "create",
                "shop.copy",
                "--columns",
                "id BIGINT, age INT",
                "--primary-key",
                "id",
                "--buckets",
                "2");
        done(changes.out, "produce", "shop.copy");
        assertThat(done("", "consume", "shop.copy", "--current", "-o", "json").lines())
                .containsExactly("{\"id\":1,\"age\":30}");
        refused(1, "needs the columns [id]", "lookup", "shop.users", "name=a");
        refused(1, "column 'id' of type BIGINT NOT NULL takes", "lookup", "shop.users", "id=x");
        assertThat(run("{\"name\":\"x\"}\n", "produce", "shop.users").err)
                .contains("line 1: shop.users: column 'id' is NOT NULL");
        assertThat(run("{\"name\":\"x\"}\n", "produce", "shop.users", "--columns", "name").err)
                .contains("primary key [id]");
        refused(1, "leave one of them out", "consume", "shop.users", "--current", "--from", "1h");
    }

    @Test
    void rowsWithTheSameLeadingKeyAreLookedUpTogether() {
        done(
                "",
                "table",
                "create",
                "shop.carts",
                "--columns",
                "region STRING, user BIGINT, item STRING, n INT",
                "--primary-key",
                "region,user,item",
                "--partitioned-by",
                "region",
                "--bucket-key",
                "user",
                "--buckets",
                "2");
        done(
                "region,user,item,n\neu,1,fig,2\neu,1,pear,3\neu,2,fig,4\nus,1,fig,5\n",
                "produce",
                "shop.carts",
                "-f",
                "csv");
        assertThat(
                        done(
                                        "",
                                        "lookup",
                                        "shop.carts",
                                        "region=eu",
                                        "user=1",
                                        "--columns",
                                        "item,n",
                                        "-o",
                                        "csv")
                                .lines())
                .containsExactlyInAnyOrder("item,n", "fig,2", "pear,3");
        assertThat(done("", "lookup", "shop.carts", "region=us", "user=1", "item=fig").lines())
                .containsExactly("region  user  item  n", "us      1     fig   5");
        assertThat(run("", "lookup", "shop.carts", "region=mars", "user=1").status).isEqualTo(1);
        assertThat(
                        done(
                                        "",
                                        "consume",
                                        "shop.carts",
                                        "--current",
                                        "--partition",
                                        "region=us",
                                        "-o",
                                        "json")
                                .lines())
                .hasSize(1);
        refused(1, "or [region, user]", "lookup", "shop.carts", "user=1");
    }

    @Test
    void badRowsNameLineAndColumn() throws Exception {
        done(
                "",
                "table",
                "create",
                "shop.bad",
                "--columns",
                "id INT NOT NULL, price DECIMAL(5, 2)");
        Result stopped =
                run("{\"id\":1}\n{\"id\":2,\"price\":\"x\"}\n{\"id\":3}\n", "produce", "shop.bad");
        assertThat(stopped.status).isEqualTo(1);
        assertThat(stopped.err)
                .contains("1 row before the bad one stored")
                .contains(
                        "error: line 2: shop.bad: column 'price' of type DECIMAL(5, 2) takes a"
                                + " number, but got 'x'");
        Path file = directory.resolve("rows.csv");
        Files.writeString(file, "id,price\n4,1.234\n,1\n5,2.5\n99999999999,1\n");
        Result skipped = done("", "produce", "shop.bad", file.toString(), "--on-error", "skip");
        assertThat(skipped.err)
                .contains("skipped line 2: shop.bad: column 'price'")
                .contains("skipped line 3: shop.bad: column 'id' is NOT NULL")
                .contains("skipped line 5: shop.bad: column 'id' of type INT NOT NULL cannot hold")
                .contains("appended 1 row to shop.bad, skipped 3");
        assertThat(done("", "consume", "shop.bad", "-o", "json").lines()).hasSize(2);
        Result unknown = run("{\"ID\":1}\n", "produce", "shop.bad");
        assertThat(unknown.err).contains("line 1: shop.bad: column 'ID' does not exist");
        refused(1, "'nope.csv' does not exist", "produce", "shop.bad", "nope.csv");
    }

    @Test
    void partitionsAreCreatedListedReadAndDropped() {
        done(
                "",
                "table",
                "create",
                "shop.parts",
                "--columns",
                "day STRING, n INT",
                "--partitioned-by",
                "day",
                "--buckets",
                "1");
        done("", "partition", "create", "shop.parts", "day=mon");
        done("", "partition", "create", "shop.parts", "day=mon", "--if-not-exists");
        refused(1, "mon", "partition", "create", "shop.parts", "day=mon");
        refused(1, "KEY=VALUE", "partition", "create", "shop.parts", "mon");
        done("{\"day\":\"mon\",\"n\":1}\n{\"day\":\"tue\",\"n\":2}\n", "produce", "shop.parts");
        assertThat(done("", "partition", "list", "shop.parts").out).contains("mon", "tue");
        assertThat(
                        done(
                                        "",
                                        "consume",
                                        "shop.parts",
                                        "--partition",
                                        "day=tue",
                                        "-m",
                                        "-o",
                                        "json")
                                .lines())
                .singleElement()
                .asString()
                .startsWith("{\"_partition\":\"tue\",\"_bucket\":0,\"_offset\":0,")
                .endsWith("\"day\":\"tue\",\"n\":2}");
        refused(1, "no partition day=wed", "consume", "shop.parts", "--partition", "day=wed");
        done("", "partition", "drop", "shop.parts", "day=mon");
        assertThat(done("", "consume", "shop.parts", "-o", "json").lines()).hasSize(1);
        assertThat(done("", "offsets", "shop.parts").out).contains("PARTITION", "tue");
    }

    @Test
    void tablesAreDescribedAndAltered() {
        done(
                "",
                "table",
                "create",
                "shop.alt",
                "--column",
                "id BIGINT NOT NULL COMMENT 'the key'",
                "--buckets",
                "3",
                "--bucket-key",
                "id",
                "-p",
                "owner=me");
        done("{\"id\":1}\n", "produce", "shop.alt");
        done("", "table", "alter", "shop.alt", "--add-column", "note STRING");
        done("", "table", "alter", "shop.alt", "--set", "owner=you", "--set", "table.log.ttl=30d");
        done("{\"id\":2,\"note\":\"x\"}\n", "produce", "shop.alt");
        assertThat(done("", "consume", "shop.alt", "-o", "json").lines())
                .containsExactlyInAnyOrder("{\"id\":1,\"note\":null}", "{\"id\":2,\"note\":\"x\"}");
        assertThat(done("", "table", "describe", "shop.alt").out)
                .contains("bucket key", "owner=you", "table.log.ttl=30d", "the key", "STRING");
        assertThat(done("", "table", "describe", "shop.alt", "-o", "json").out)
                .contains("\"bucket_key\":[\"id\"]", "\"columns\":[{\"name\":\"id\"");
        assertThat(done("", "table", "list", "shop").lines()).contains("shop.alt");
        refused(1, "nothing to change", "table", "alter", "shop.alt");
        refused(
                1,
                "table.log.format",
                "table",
                "alter",
                "shop.alt",
                "--set",
                "table.log.format=ARROW");
        refused(1, "note", "table", "alter", "shop.alt", "--add-column", "note INT");
        done("", "table", "drop", "shop.alt");
        refused(1, "shop.alt", "table", "describe", "shop.alt");
    }

    @Test
    void mistakesAreOneSentenceAndAnExitCode() {
        refused(2, "DATABASE.TABLE", "consume");
        refused(2, "subcommand", "table");
        refused(2, "--bogus", "status", "--bogus");
        refused(2, "xml", "consume", "shop.x", "-o", "xml");
        refused(1, "database.table", "table", "describe", "nope");
        refused(1, "'BIGNT'", "table", "create", "shop.x", "--column", "id BIGNT");
        refused(1, "needs columns", "table", "create", "shop.x");
        refused(
                1,
                "table.nope",
                "table",
                "create",
                "shop.x",
                "--columns",
                "a INT",
                "-p",
                "table.nope=1");
        refused(1, "Connection refused", "status", "-b", "127.0.0.1:1");
        refused(1, "host1:9123", "status", "-b", "nowhere");
        refused(1, "--from", "consume", "shop.x", "--from", "yesterday");
        Result verbose = run("", "table", "describe", "shop.nope", "-v");
        assertThat(verbose.err).contains("error: ", "\tat ");
    }

    @Test
    void everyVerbHasHelpWithExamples() {
        for (List<String> verb :
                List.of(
                        List.of("database", "list"),
                        List.of("database", "create"),
                        List.of("database", "info"),
                        List.of("database", "drop"),
                        List.of("table", "list"),
                        List.of("table", "create"),
                        List.of("table", "describe"),
                        List.of("table", "alter"),
                        List.of("table", "drop"),
                        List.of("partition", "list"),
                        List.of("partition", "create"),
                        List.of("partition", "drop"),
                        List.of("produce"),
                        List.of("consume"),
                        List.of("lookup"),
                        List.of("offsets"),
                        List.of("status"))) {
            List<String> arguments = new ArrayList<>(verb);
            arguments.add("--help");
            assertThat(done("", arguments.toArray(String[]::new)).out)
                    .contains("Example", "fluss " + String.join(" ", verb), "--bootstrap-server")
                    .doesNotContain("\u001b");
        }
    }

    @Test
    void statusIsGoodWhenEveryBucketIsLed() {
        done("", "table", "create", "shop.st", "--columns", "id INT", "--buckets", "2");
        done("{\"id\":1}\n", "produce", "shop.st");
        assertThat(run("", "status", "-o", "json").out)
                .contains("\"table\":\"shop.st\"", "\"tablet server\"", "\"coordinator\"");
        assertThat(done("", "status").out).contains("health", "good", "shop.st");
    }

    @Test
    void followsInAProcessUntilItIsInterrupted() throws Exception {
        done("", "table", "create", "shop.live", "--columns", "id INT", "--buckets", "1");
        Process process =
                new ProcessBuilder(
                                // A build in the background of a shell ignores the signal.
                                "env",
                                "--default-signal=INT",
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FlussCli.class.getName(),
                                "consume",
                                "shop.live",
                                "--follow",
                                "-o",
                                "json",
                                "-b",
                                cluster.bootstrap())
                        .redirectError(directory.resolve("live.err").toFile())
                        .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            done("{\"id\":1}\n", "produce", "shop.live");
            assertThat(out.readLine()).isEqualTo("{\"id\":1}");
            done("{\"id\":2}\n", "produce", "shop.live");
            assertThat(out.readLine()).isEqualTo("{\"id\":2}");
            new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(INTERRUPTED);
        } finally {
            process.destroyForcibly();
        }
    }
}
