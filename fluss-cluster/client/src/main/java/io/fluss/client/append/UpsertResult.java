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
 * Where an acknowledged upsert or delete is.
 *
 * @param logEndOffset of the changelog behind the batch that it was in: whoever reads the log up to
 *     here has seen it; {@link AppendResult#UNKNOWN_OFFSET} if the server did not say
 */
public record UpsertResult(TableBucket bucket, long logEndOffset) {}
