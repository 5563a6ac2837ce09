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
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Directories with all that is in them. */
final class DirectoryTree {
    private DirectoryTree() {}

    /** Removes a directory; one that does not exist is fine. */
    static void delete(Path directory) {
        try {
            for (Path child : children(directory)) {
                if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
                    delete(child);
                } else {
                    Files.deleteIfExists(child);
                }
            }
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw ErrorReason.LOG_STORAGE.exception("cannot delete " + directory + ": " + e, e);
        }
    }

    /** What is in a directory; nothing if it does not exist. */
    static List<Path> children(Path directory) {
        try (Stream<Path> list = Files.list(directory)) {
            return list.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw ErrorReason.LOG_STORAGE.exception("cannot read " + directory + ": " + e, e);
        }
    }
}
