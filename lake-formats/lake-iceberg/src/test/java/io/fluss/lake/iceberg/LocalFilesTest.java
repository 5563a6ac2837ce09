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
package io.fluss.lake.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFilesTest {
    @TempDir java.nio.file.Path dir;

    @Test
    void filesHaveThePermissionsAndChecksumsOfHadoop() throws IOException {
        try (FileSystem files = open(Map.of())) {
            assertThat(files).isInstanceOf(LocalFiles.class);
            Path path = new Path(dir.resolve("some").resolve("file").toUri());
            files.create(path).close();
            assertThat(dir.resolve("some").resolve(".file.crc")).exists();
            files.setPermission(path, new FsPermission((short) 0640));
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(
                                            dir.resolve("some").resolve("file"))))
                    .isEqualTo("rw-r-----");
            assertThat(files.getFileStatus(path).getPermission())
                    .isEqualTo(new FsPermission((short) 0640));
        }
    }

    @Test
    void whatTheUserSaysWins() throws IOException {
        String hadoops = LocalFileSystem.class.getName();
        try (FileSystem files = open(Map.of("iceberg.hadoop.fs.file.impl", hadoops))) {
            assertThat(files).isExactlyInstanceOf(LocalFileSystem.class);
        }
    }

    private static FileSystem open(Map<String, String> properties) throws IOException {
        Configuration conf = HadoopConf.of(properties, Map.of());
        return FileSystem.newInstance(URI.create("file:///"), conf);
    }
}
