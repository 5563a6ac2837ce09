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
package io.fluss.tiering.spark;

import io.fluss.client.lake.TieringAdmin.TableInWork;
import io.fluss.lake.LakeMaintenance.Rewrite;
import io.fluss.lake.LakeWriter;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/** One Spark job that rewrites files of a table, a task for each group of files. */
final class CompactJob implements LakeUpkeep.Rewriter {
    private final SparkSession spark;
    private final String roundId;
    private final TableInWork work;

    /**
     * @param roundId of the round behind which this runs; cancelled with it
     */
    CompactJob(SparkSession spark, String roundId, TableInWork work) {
        this.spark = spark;
        this.roundId = roundId;
        this.work = work;
    }

    @Override
    public void rewrite(List<Rewrite> rewrites, String runId, List<LakeWriter.Result> done) {
        SparkContext context = spark.sparkContext();
        context.setJobGroup(roundId, "compacting " + work.path(), true);
        context.setLocalProperty("spark.scheduler.pool", "tiering-" + work.tableId());
        List<Tuple2<Integer, Rewrite>> numbered = new ArrayList<>();
        rewrites.forEach(r -> numbered.add(new Tuple2<>(numbered.size(), r)));
        RDD<Tuple2<Integer, Rewrite>> rdd =
                JavaSparkContext.fromSparkContext(context)
                        .parallelize(numbered, numbered.size())
                        .rdd();
        ClassTag<LakeWriter.Result> tag = ClassTag$.MODULE$.apply(LakeWriter.Result.class);
        context.runJob(rdd, new Task(runId), new Results(Collections.synchronizedList(done)), tag);
    }

    private static final class Task
            extends AbstractFunction1<Iterator<Tuple2<Integer, Rewrite>>, LakeWriter.Result>
            implements Serializable {
        private static final long serialVersionUID = 1L;
        private final String runId;

        Task(String runId) {
            this.runId = runId;
        }

        @Override
        public LakeWriter.Result apply(Iterator<Tuple2<Integer, Rewrite>> rewrites) {
            Tuple2<Integer, Rewrite> next = rewrites.next();
            return next._2().run(runId, next._1(), TaskContext.get().taskAttemptId());
        }
    }

    private static final class Results
            extends AbstractFunction2<Object, LakeWriter.Result, BoxedUnit> {
        private final List<LakeWriter.Result> done;

        Results(List<LakeWriter.Result> done) {
            this.done = done;
        }

        @Override
        public BoxedUnit apply(Object partition, LakeWriter.Result result) {
            done.add(result);
            return BoxedUnit.UNIT;
        }
    }
}
