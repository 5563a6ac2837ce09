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

import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import org.apache.spark.sql.execution.adaptive.QueryStageExec;
import scala.jdk.javaapi.CollectionConverters;

/** What a plan has counted. */
final class Metrics {
    private Metrics() {}

    /** Rows that the scans of a table handed to Spark. */
    static long scannedRows(SparkPlan plan, String table) {
        if (plan instanceof AdaptiveSparkPlanExec a) {
            return scannedRows(a.executedPlan(), table);
        }
        if (plan instanceof QueryStageExec s) {
            return scannedRows(s.plan(), table);
        }
        long rows = 0;
        if (plan.nodeName().startsWith("BatchScan") && plan.simpleString(1_000).contains(table)) {
            rows += plan.metrics().apply("numOutputRows").value();
        }
        for (SparkPlan child : CollectionConverters.asJava(plan.children())) {
            rows += scannedRows(child, table);
        }
        return rows;
    }
}
