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
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * Tables with a lake format, the second generation of keys and a bucket key of their own have keys
 * that clients of before cannot make (table semantics document, section 3.3).
 */
final class KeyVersion {
    private KeyVersion() {}

    /**
     * Refuses old clients.
     *
     * @throws io.fluss.errors.FlussException with UNSUPPORTED_VERSION
     */
    static void check(Replica replica, int apiVersion) {
        if (apiVersion == 0 && replica.serving().isPresent()) {
            TableInfo table = replica.serving().get().table().info();
            if (needsNewKeys(table.descriptor())) {
                throw ErrorReason.UNSUPPORTED_VERSION.exception(
                        table.path()
                                + ": keys of this table need a newer client, its requests have"
                                + " version 0");
            }
        }
    }

    private static boolean needsNewKeys(TableDescriptor d) {
        if (!d.hasPrimaryKey()
                || d.options().lakeFormat().isEmpty()
                || d.options().kvFormatVersion() < 2
                || d.bucketKeys().isEmpty()) {
            return false;
        }
        List<String> key = new ArrayList<>(d.schema().primaryKey());
        key.removeAll(d.partitionKeys());
        return !key.equals(d.bucketKeys());
    }
}
