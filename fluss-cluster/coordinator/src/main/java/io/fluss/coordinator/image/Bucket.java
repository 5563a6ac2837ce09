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
package io.fluss.coordinator.image;

import io.fluss.metastore.BucketState;
import java.util.OptionalInt;

/**
 * A bucket as readers see it.
 *
 * @param isServing whether the elected leader has said that it serves
 */
public record Bucket(BucketState state, boolean isServing) {

    /** The leader to name to clients: only one that serves. */
    public OptionalInt servingLeader() {
        return isServing ? state.leader() : OptionalInt.empty();
    }
}
