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
package io.fluss.client.current;

import java.util.Optional;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * The rows of one bucket as of an offset of its changelog, in pages. Whoever reads the changelog
 * from {@link #logOffset} on gets exactly the changes that are not in the rows. Belongs to one
 * thread.
 *
 * <p>An error ends the reading; it has to start again, because a server keeps such a scan for a
 * while only.
 */
public interface BucketRows extends AutoCloseable {

    /** Where the changes begin that are not in these rows. */
    long logOffset();

    /** The next rows, which the receiver closes; empty behind the last. Waits for them. */
    Optional<VectorSchemaRoot> next();

    @Override
    void close();
}
