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

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A file system of its own, so that it can be full, or lose its power, without harm to others.
 * Needs the right to mount: tests without it are skipped, with the reason.
 */
final class MountedDisk implements AutoCloseable {
    private static final long WAIT_SECONDS = 60;

    /** Shuts the file system down without writing anything more, not even its journal. */
    private static final String POWER_CUT =
            "sysopen(D, $ARGV[0], 0) or die \"open: $!\";"
                    + "my $flags = pack('L', 2); ioctl(D, 0x8004587d, $flags) or die \"ioctl: $!\";";

    private final Path mountPoint;
    private final List<String> mount;
    private boolean isMounted;

    private MountedDisk(Path mountPoint, List<String> mount) {
        this.mountPoint = mountPoint;
        this.mount = mount;
    }

    /** In memory. */
    static MountedDisk small(Path directory, long bytes) throws Exception {
        Path at = Files.createDirectories(directory.resolve("small-disk"));
        MountedDisk disk =
                new MountedDisk(
                        at,
                        List.of("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", at + ""));
        disk.mountOrSkip();
        return disk;
    }

    /** An ext4 file system in a file. */
    static MountedDisk ext4(Path directory, long bytes) throws Exception {
        Path image = directory.resolve("disk.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
        }
        orSkip(List.of("mkfs.ext4", "-q", "-F", "-b", "4096", image.toString()));
        orSkip(List.of("perl", "-e", "1"));
        Path at = Files.createDirectories(directory.resolve("disk"));
        MountedDisk disk =
                new MountedDisk(at, List.of("mount", "-o", "loop", image.toString(), at + ""));
        disk.mountOrSkip();
        return disk;
    }

    Path directory() {
        return mountPoint;
    }

    private void mountOrSkip() throws Exception {
        orSkip(mount);
        isMounted = true;
    }

    /** From here on every write fails, and what was not forced is gone after the next mount. */
    void cutPower() throws Exception {
        must(List.of("perl", "-e", POWER_CUT, mountPoint.toString()));
    }

    /** As after the power is back. Nobody may have a file open. */
    void mountAgain() throws Exception {
        must(List.of("umount", mountPoint.toString()));
        isMounted = false;
        must(mount);
        isMounted = true;
    }

    @Override
    public void close() throws Exception {
        if (isMounted) {
            must(List.of("umount", mountPoint.toString()));
            isMounted = false;
        }
    }

    private static void orSkip(List<String> command) throws InterruptedException {
        String failure = run(command);
        Assumptions.assumeTrue(
                failure.isEmpty(), () -> String.join(" ", command) + " failed: " + failure);
    }

    private static void must(List<String> command) throws InterruptedException {
        String failure = run(command);
        if (!failure.isEmpty()) {
            throw new IllegalStateException(String.join(" ", command) + " failed: " + failure);
        }
    }

    /** What it wrote if it failed, otherwise nothing. */
    private static String run(List<String> command) throws InterruptedException {
        try {
            Process p =
                    new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true).start();
            String output =
                    new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!p.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) {
                p.destroyForcibly();
                return "it does not end";
            }
            return p.exitValue() == 0 ? "" : "exit code " + p.exitValue() + " " + output;
        } catch (IOException e) {
            return e.toString();
        }
    }
}
