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
package io.fluss.filestore;

import io.fluss.settings.Settings;
import java.util.Set;

/** A kind of file store that is found on the class path with {@link java.util.ServiceLoader}. */
public interface FileStoreProvider {
    /** Schemes of the URIs that it serves. */
    Set<String> schemes();

    /** A store; wrong options are INVALID_CONFIG errors that name them. */
    FileStore open(Settings settings);
}
