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
/**
 * The rows that a bucket of a table with a primary key has, as of an offset of its changelog. They
 * come from a scan of the server, or from the files of a snapshot where the server has no such
 * scan. Nothing here starts threads; callers wait. Start at {@link
 * io.fluss.client.current.BucketRows}.
 */
@NullMarked
package io.fluss.client.current;

import org.jspecify.annotations.NullMarked;
