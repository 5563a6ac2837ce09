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
package io.fluss.tablet;

import io.fluss.errors.ErrorReason;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses client writes while a data directory's disk is nearly full, so that what the server needs
 * itself still finds room. Reading and replication go on. Thread-safe; one thread samples.
 */
final class DiskGuard {
    private static final Logger LOG = LoggerFactory.getLogger(DiskGuard.class);

    private final Path dataDir;
    private final double limitRatio;
    private final double recoverRatio;
    private final Disk disk;
    private volatile boolean isLocked;
    private volatile double usedRatio;

    /** What is asked of the disk. */
    @FunctionalInterface
    interface Disk {
        /** From 0 to 1, for writers without special rights. */
        double usedRatio() throws IOException;

        static Disk of(Path directory) {
            return () -> {
                FileStore store = Files.getFileStore(existing(directory));
                long total = store.getTotalSpace();
                return total <= 0 ? 0 : 1 - (double) store.getUsableSpace() / total;
            };
        }
    }

    /** The directory, or the one above it that it will be made in. */
    private static Path existing(Path directory) {
        Path d = directory.toAbsolutePath();
        for (Path up = d.getParent(); !Files.exists(d) && up != null; up = up.getParent()) {
            d = up;
        }
        return d;
    }

    DiskGuard(Path dataDir, StorageSettings settings, Disk disk) {
        this.dataDir = dataDir;
        this.limitRatio = settings.writeLimitRatio();
        this.recoverRatio = settings.writeRecoverRatio();
        this.disk = disk;
    }

    /** Looks at the disk. */
    void sample() {
        if (limitRatio >= 1) {
            return;
        }
        try {
            usedRatio = disk.usedRatio();
        } catch (IOException e) {
            LOG.warn("cannot tell how full the disk of {} is: {}", dataDir, e.toString());
            return;
        }
        if (!isLocked && usedRatio >= limitRatio) {
            isLocked = true;
            LOG.warn("{}: writes are refused, {}", dataDir, state());
        } else if (isLocked && usedRatio <= recoverRatio) {
            isLocked = false;
            LOG.info("{}: writes are taken again, {}", dataDir, state());
        }
    }

    /**
     * @throws io.fluss.errors.FlussException with DISK_WRITE_LOCKED
     */
    void checkWritable() {
        if (isLocked) {
            throw ErrorReason.DISK_WRITE_LOCKED.exception(
                    "data directory "
                            + dataDir
                            + " takes no writes, "
                            + state()
                            + "; it takes them again from "
                            + percent(recoverRatio)
                            + " on: make room, or raise "
                            + StorageSettings.LIMIT);
        }
    }

    private String state() {
        return "its disk is used to "
                + percent(usedRatio)
                + ", the limit is "
                + percent(limitRatio);
    }

    private static String percent(double ratio) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * ratio);
    }
}
