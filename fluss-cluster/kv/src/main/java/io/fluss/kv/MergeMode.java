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
package io.fluss.kv;

/** How a request wants its rows merged. */
public enum MergeMode {
    /** As the table says. */
    DEFAULT,

    /**
     * The row is replaced and deletes are allowed, whatever the table says, so that a connector can
     * restore earlier values.
     */
    OVERWRITE
}
