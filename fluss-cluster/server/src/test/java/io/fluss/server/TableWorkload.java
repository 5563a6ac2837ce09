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
package io.fluss.server;

/** What writers and readers do to a table while its server dies and comes back. */
interface TableWorkload extends AutoCloseable {
    /** Creates the table and starts the threads. */
    void start(String address) throws Exception;

    /** Waits for so many more writes with an answer, and as many reads. */
    void awaitMore(long count) throws InterruptedException;

    /** Ends the threads. */
    void stop() throws Exception;

    /** What was seen could be; the changelog is one, and comes to the rows that there are. */
    void check(String address) throws Exception;

    /** How many writes and reads there were. */
    long operations();

    @Override
    void close();
}
