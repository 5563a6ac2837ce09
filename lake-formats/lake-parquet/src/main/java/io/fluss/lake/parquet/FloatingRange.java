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
package io.fluss.lake.parquet;

/**
 * Floating point values of a column in a file. Footers lose the bounds of row groups with a NaN,
 * and readers of footers then take those of the other row groups for the whole file.
 *
 * @param min of the values that are not NaN; greater than {@code max} if there are none
 */
public record FloatingRange(long nanCount, double min, double max) {
    public boolean isEmpty() {
        return min > max;
    }
}
