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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStore;
import io.fluss.filestore.FileStoreContractTest;
import io.fluss.filestore.FileStores;
import io.fluss.settings.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract against a real S3 server. */
class S3FileStoreIT extends FileStoreContractTest {
    @TempDir static Path directory;

    private static S3Server server;
    private static FileStores store;
    private final String root = "s3://" + S3Server.BUCKET + "/" + UUID.randomUUID();

    @BeforeAll
    static void start() throws Exception {
        server = S3Server.start(directory);
        Map<String, String> options = new HashMap<>(server.options());
        options.put("s3.part-size", "5mb");
        store = FileStores.open(Settings.of(options));
    }

    @AfterAll
    static void stop() throws Exception {
        store.close();
        server.close();
    }

    @Override
    protected FileStore store() {
        return store;
    }

    @Override
    protected String root() {
        return root;
    }

    @Override
    protected int largeBytes() {
        return 12 << 20;
    }

    private static FileStore with(String key, String value) {
        Map<String, String> options = new HashMap<>(server.options());
        options.put(key, value);
        options.put("s3.max-attempts", "2");
        return FileStores.open(Settings.of(options));
    }

    @Test
    void saysWhichBucketIsMissing() {
        assertThatThrownBy(() -> store.write("s3://no-such-bucket/x", new byte[1]))
                .isInstanceOf(FlussException.class)
                .hasMessageContaining("no-such-bucket")
                .hasMessageContaining("does not exist");
    }

    @Test
    void saysThatAccessIsDenied() {
        try (FileStore denied = with("s3.secret-key", "wrong")) {
            assertThatThrownBy(() -> denied.list(root + "/x"))
                    .isInstanceOf(FlussException.class)
                    .hasMessageContaining("access denied")
                    .hasMessageContaining("s3.secret-key");
        }
    }

    @Test
    void saysThatNobodyAnswers() {
        try (FileStore refused = with("s3.endpoint", "http://127.0.0.1:1")) {
            assertThatThrownBy(() -> refused.read(root + "/x"))
                    .isInstanceOf(FlussException.class)
                    .hasMessageContaining("http://127.0.0.1:1")
                    .hasMessageContaining("s3.endpoint");
        }
    }

    @Test
    void deletesNoWholeBucket() {
        assertThatThrownBy(() -> store.delete("s3://" + S3Server.BUCKET + "/"))
                .isInstanceOf(FlussException.class);
        assertThat(store.list("s3://" + S3Server.BUCKET + "/")).isEmpty();
    }
}
