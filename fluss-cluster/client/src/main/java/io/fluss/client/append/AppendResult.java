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
package io.fluss.client.append;

import io.fluss.table.TableBucket;

/**
 * Where an acknowledged row is stored.
 *
 * @param offset of the row; {@link #UNKNOWN_OFFSET} if the server only said that it has the row
 */
public record AppendResult(TableBucket bucket, long offset) {
    public static final long UNKNOWN_OFFSET = -1;
}
