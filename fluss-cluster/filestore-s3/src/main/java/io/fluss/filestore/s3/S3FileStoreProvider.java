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
package io.fluss.filestore.s3;

import io.fluss.filestore.FileStore;
import io.fluss.filestore.FileStoreProvider;
import io.fluss.settings.Settings;
import java.util.Set;

/** Serves {@code s3://} and {@code s3a://}. */
public final class S3FileStoreProvider implements FileStoreProvider {
    @Override
    public Set<String> schemes() {
        return Set.of("s3", "s3a");
    }

    @Override
    public FileStore open(Settings settings) {
        return S3FileStore.open(S3Settings.from(settings));
    }
}
