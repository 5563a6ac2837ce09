package io.fluss.filestore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFileStoreTest extends FileStoreContractTest {
    @TempDir Path directory;

    @Override
    protected FileStore store() {
        return new LocalFileStore();
    }

    @Override
    protected String root() {
        return "file://" + directory;
    }

    @Test
    void takesPlainPathsAndLeavesNoTemporaryFiles() throws Exception {
        store().write(directory + "/x", new byte[] {1});
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve("x"));
        }
    }
}
