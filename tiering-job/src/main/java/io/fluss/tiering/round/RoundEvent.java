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
package io.fluss.tiering.round;

import io.fluss.errors.FlussException;
import java.util.List;

/** What came of a {@link RoundCommand}. */
public sealed interface RoundEvent {
    <R> R accept(Cases<R> cases);

    /** The command has no result but success. */
    record Succeeded() implements RoundEvent {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.succeeded(this);
        }
    }

    record ProgressRead(Progress progress) implements RoundEvent {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.progressRead(this);
        }
    }

    /**
     * What the logs hold.
     *
     * @param schemaId of the table, read after the ranges: no row in them has a newer one
     */
    record RangesRead(List<BucketRange> ranges, int schemaId) implements RoundEvent {
        public RangesRead {
            ranges = List.copyOf(ranges);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.rangesRead(this);
        }
    }

    record Written(List<SplitResult> results) implements RoundEvent {
        public Written {
            results = List.copyOf(results);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.written(this);
        }
    }

    record Prepared(String offsetsPath) implements RoundEvent {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.prepared(this);
        }
    }

    /** The claim holds; {@code tableId} is the id that the table path has now. */
    record Renewed(long tableId) implements RoundEvent {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.renewed(this);
        }
    }

    record LakeCommitted(long snapshotId) implements RoundEvent {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.lakeCommitted(this);
        }
    }

    /**
     * The command failed, or was not started because the round was cancelled.
     *
     * @param results of the tasks that ended well before others failed
     */
    record Failed(FlussException reason, List<SplitResult> results) implements RoundEvent {
        public Failed {
            results = List.copyOf(results);
        }

        public Failed(FlussException reason) {
            this(reason, List.of());
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.failed(this);
        }
    }

    /** One method per event. */
    interface Cases<R> {
        R succeeded(Succeeded event);

        R progressRead(ProgressRead event);

        R rangesRead(RangesRead event);

        R written(Written event);

        R prepared(Prepared event);

        R renewed(Renewed event);

        R lakeCommitted(LakeCommitted event);

        R failed(Failed event);
    }
}
