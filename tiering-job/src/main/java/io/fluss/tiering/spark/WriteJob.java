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
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.tiering.round.BucketSplit;
import io.fluss.tiering.round.SplitResult;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.SparkSession;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * One Spark job that writes all splits of a round. Results are taken one by one as tasks end, so
 * that the files of those that ended well can be deleted if the job fails. Spark takes one result
 * per task, however often it ran the task.
 */
final class WriteJob {
    private WriteJob() {}

    /**
     * Runs the job; ends when all tasks have.
     *
     * @param done receives the results, also those before a failure, on a thread of Spark's
     */
    static void run(
            SparkSession spark,
            String roundId,
            TableInWork work,
            List<List<BucketSplit>> tasks,
            SplitWrite write,
            List<SplitResult> done) {
        SparkContext context = spark.sparkContext();
        context.setJobGroup(roundId, "tiering " + work.path(), true);
        context.setLocalProperty("spark.scheduler.pool", "tiering-" + work.tableId());
        // Lists of the kind that every serializer knows.
        List<ArrayList<BucketSplit>> travelling = new ArrayList<>();
        tasks.forEach(t -> travelling.add(new ArrayList<>(t)));
        RDD<ArrayList<BucketSplit>> rdd =
                JavaSparkContext.fromSparkContext(context)
                        .parallelize(travelling, travelling.size())
                        .rdd();
        ClassTag<ArrayList<SplitResult>> tag = ClassTag$.MODULE$.apply(ArrayList.class);
        context.runJob(rdd, new Task(write), new Results(done), tag);
    }

    /** The Fluss error in a failed job: Spark keeps of a task's error the text only. */
    static FlussException reason(TableInWork work, Exception failure) {
        Throwable t = failure;
        while (t.getCause() != null && !(t instanceof FlussException)) {
            t = t.getCause();
        }
        if (t instanceof FlussException e) {
            return e;
        }
        // Without a cause of its own, Spark's message carries the stack trace of the task.
        String first = String.valueOf(t.getMessage()).lines().findFirst().orElse("");
        return ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                work.path()
                        + ": the write job failed: "
                        + t.getClass().getSimpleName()
                        + ": "
                        + first,
                failure);
    }

    @SuppressWarnings("NonApiType") // serializable, which a list need not be
    private static final class Task
            extends AbstractFunction1<Iterator<ArrayList<BucketSplit>>, ArrayList<SplitResult>>
            implements Serializable {
        private static final long serialVersionUID = 1L;
        private final SplitWrite write;

        Task(SplitWrite write) {
            this.write = write;
        }

        @Override
        public ArrayList<SplitResult> apply(Iterator<ArrayList<BucketSplit>> splits) {
            return write.run(splits.next());
        }
    }

    @SuppressWarnings("NonApiType")
    private static final class Results
            extends AbstractFunction2<Object, ArrayList<SplitResult>, BoxedUnit> {
        private final List<SplitResult> done;

        Results(List<SplitResult> done) {
            this.done = done;
        }

        @Override
        public BoxedUnit apply(Object partition, ArrayList<SplitResult> results) {
            done.addAll(results);
            return BoxedUnit.UNIT;
        }
    }
}
