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
package io.fluss.quickstart;

import java.io.PrintStream;
import org.apache.spark.sql.SparkSession;

/** What the union read says at the end, and what to try next. */
final class Answers {
    private Answers() {}

    static void print(SparkSession spark, PrintStream out, String table) {
        out.printf("%nAverage delay by carrier, from both tiers%n");
        TextTable.print(
                out,
                spark.sql(
                        """
                        SELECT carrier,
                               count(*)                                  AS flights,
                               round(avg(dep_delay), 1)                  AS dep_delay_min,
                               round(avg(arr_delay), 1)                  AS arr_delay_min,
                               round(100.0 * avg(CAST(dep_time IS NULL AS INT)), 1) AS cancelled_pct
                        FROM %s GROUP BY carrier ORDER BY arr_delay_min DESC
                        """
                                .formatted(table)));
        out.printf("%nBusiest routes%n");
        TextTable.print(
                out,
                spark.sql(
                        """
                        SELECT origin, dest, count(*) AS flights, round(avg(arr_delay), 1) AS arr_delay_min
                        FROM %s GROUP BY origin, dest ORDER BY flights DESC LIMIT 5
                        """
                                .formatted(table)));
    }

    static void printNextSteps(PrintStream out, String bootstrap) {
        String address = bootstrap.isEmpty() ? "127.0.0.1:9123" : bootstrap;
        out.printf("%nWhat to try next%n");
        if (bootstrap.isEmpty()) {
            out.println(
                    "  bin/fluss quickstart --keep --port 9123        leaves the cluster running");
        }
        out.printf(
                "  bin/fluss sql --bootstrap %s -e \"SELECT * FROM fluss.demo.flights LIMIT 5\"%n",
                address);
        out.printf(
                "  spark.read.format(\"fluss\").option(\"bootstrap.servers\", \"%s\")%n", address);
        out.println(
                "       .option(\"table\", \"demo.flights\").load()      in your own Spark program");
        out.println("  docs/architecture.md                           how it works");
    }
}
