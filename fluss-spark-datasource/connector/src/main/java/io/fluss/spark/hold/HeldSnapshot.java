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
package io.fluss.spark.hold;

import io.fluss.spark.lake.LakeScanProvider.Request;
import java.util.List;

/** A lake snapshot of a table, wherever it is. */
record HeldSnapshot(String format, Request request) {
    static HeldSnapshot of(String format, Request request) {
        return new HeldSnapshot(
                format,
                new Request(
                        request.path(),
                        request.catalogProperties(),
                        request.snapshotId(),
                        List.of(),
                        List.of()));
    }

    @Override
    public String toString() {
        return request.path() + ": lake snapshot " + request.snapshotId();
    }
}
