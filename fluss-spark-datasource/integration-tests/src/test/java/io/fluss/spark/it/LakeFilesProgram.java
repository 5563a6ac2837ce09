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
package io.fluss.spark.it;

import java.lang.management.ManagementFactory;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.SparkPlan;

/**
 * The driver of one query of all files of a table: plans it, says how much memory the plan holds,
 * and reads a row. Arguments: servers of the cluster, warehouse of the lake, a small table and the
 * one in question, with their catalogs.
 */
public final class LakeFilesProgram {
    static final String MARK = "RETAINED ";
    private static final int COLLECTIONS = 3;

    private LakeFilesProgram() {}

    public static void main(String[] args) throws Exception {
        try (SparkSession spark =
                SparkSession.builder()
                        .master("local[2]")
                        .config("spark.ui.enabled", "false")
                        .config("spark.driver.host", "127.0.0.1")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        // Spark asks for more than it needs.
                        .config("spark.testing.memory", "480000000")
                        .config("spark.sql.catalog.fluss", "io.fluss.spark.FlussCatalog")
                        .config("spark.sql.catalog.fluss.bootstrap.servers", args[0])
                        .config("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
                        .config("spark.sql.catalog.lake.type", "hadoop")
                        .config("spark.sql.catalog.lake.warehouse", args[1])
                        .config("spark.sql.catalog.lake.cache-enabled", "false")
                        .getOrCreate()) {
            // Whatever classes and caches a query needs is there after it.
            plan(spark, args[2]);
            long before = usedBytes();
            SparkPlan plan = plan(spark, args[3]);
            long after = usedBytes();
            List<Row> rows = all(spark, args[3]).limit(1).collectAsList();
            System.out.println(
                    MARK
                            + (after - before)
                            + " of "
                            + plan.execute().getNumPartitions()
                            + " partitions, rows "
                            + rows.size());
        }
    }

    private static Dataset<Row> all(SparkSession spark, String table) {
        return spark.table(table).where("d1 >= 0").select("id", "s1", "d1");
    }

    private static SparkPlan plan(SparkSession spark, String table) {
        SparkPlan plan = all(spark, table).queryExecution().executedPlan();
        plan.execute().getNumPartitions();
        return plan;
    }

    private static long usedBytes() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
