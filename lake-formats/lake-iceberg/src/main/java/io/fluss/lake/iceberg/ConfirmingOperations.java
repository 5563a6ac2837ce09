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

import java.util.List;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/**
 * Operations of a table that look for the snapshot themselves before they say that a commit failed.
 * A catalog behind HTTP may do a commit while a gateway answers 503; the client of Iceberg sends it
 * again, is told that somebody else was faster, and would delete the manifests of the snapshot that
 * is the table's newest.
 */
final class ConfirmingOperations implements TableOperations {
    private final TableOperations real;

    ConfirmingOperations(TableOperations real) {
        this.real = real;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        try {
            real.commit(base, metadata);
        } catch (RuntimeException e) {
            // Of other failures Iceberg cleans up nothing.
            if (!(e instanceof CleanableFailure) || !isDone(added(metadata), e)) {
                throw e;
            }
        }
    }

    private static List<Long> added(TableMetadata metadata) {
        return metadata.changes().stream()
                .filter(MetadataUpdate.AddSnapshot.class::isInstance)
                .map(change -> ((MetadataUpdate.AddSnapshot) change).snapshot().snapshotId())
                .toList();
    }

    private boolean isDone(List<Long> snapshots, RuntimeException failure) {
        if (snapshots.isEmpty()) {
            return false;
        }
        TableMetadata now;
        try {
            now = real.refresh();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
            throw new CommitStateUnknownException(failure);
        }
        return snapshots.stream().allMatch(id -> now.snapshot(id) != null);
    }

    @Override
    public TableMetadata current() {
        return real.current();
    }

    @Override
    public TableMetadata refresh() {
        return real.refresh();
    }

    @Override
    public FileIO io() {
        return real.io();
    }

    @Override
    public EncryptionManager encryption() {
        return real.encryption();
    }

    @Override
    public String metadataFileLocation(String fileName) {
        return real.metadataFileLocation(fileName);
    }

    @Override
    public LocationProvider locationProvider() {
        return real.locationProvider();
    }

    @Override
    public TableOperations temp(TableMetadata uncommittedMetadata) {
        return real.temp(uncommittedMetadata);
    }

    @Override
    public long newSnapshotId() {
        return real.newSnapshotId();
    }

    @Override
    public boolean requireStrictCleanup() {
        return real.requireStrictCleanup();
    }
}
