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
package io.fluss.spark.runtime;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;

/** What a user's program does: catalog, write, read, stream. Knows Spark only. */
public final class StockApplication {
    private StockApplication() {}

    public static void main(String[] args) throws Exception {
        String bootstrap = args[0];
        String checkpoint = args[1];
        try (SparkSession spark = SparkSession.builder().getOrCreate()) {
            spark.sql("CREATE NAMESPACE IF NOT EXISTS fluss.stock");
            spark.sql(
                    "CREATE TABLE fluss.stock.a (id BIGINT NOT NULL, s STRING, tags ARRAY<STRING>)"
                            + " USING fluss CLUSTERED BY (id) INTO 3 BUCKETS");
            spark.sql(
                    "CREATE TABLE fluss.stock.b (id BIGINT NOT NULL, s STRING, tags"
                            + " ARRAY<STRING>)");
            spark.sql(
                    "INSERT INTO fluss.stock.a SELECT id, concat('s', id), array('x', NULL) FROM"
                            + " range(100)");
            spark.readStream()
                    .format("fluss")
                    .option("bootstrap.servers", bootstrap)
                    .option("table", "stock.a")
                    .load()
                    .writeStream()
                    .format("fluss")
                    .option("bootstrap.servers", bootstrap)
                    .option("table", "stock.b")
                    .option("checkpointLocation", checkpoint)
                    .trigger(Trigger.AvailableNow())
                    .start()
                    .awaitTermination();
            System.out.println(
                    "RESULT "
                            + spark.sql(
                                            "SELECT count(tags), count(DISTINCT s), sum(id) FROM"
                                                    + " fluss.stock.b")
                                    .collectAsList()
                                    .get(0));
            System.out.println(
                    "COUNT "
                            + spark.sql("SELECT count(*) FROM fluss.stock.b")
                                    .collectAsList()
                                    .get(0));
        }
    }
}
