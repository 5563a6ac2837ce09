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

import java.util.concurrent.atomic.AtomicReference;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/** A Hadoop catalog whose commits go wrong as told; opened by Iceberg by its class name. */
public final class UnsureCatalog extends HadoopCatalog {
    enum Fault {
        NONE,
        UNKNOWN_BUT_DONE,
        UNKNOWN_AND_NOT_DONE,
        FAILED_BUT_DONE,
        ALWAYS_LATE
    }

    static final AtomicReference<Fault> FAULT = new AtomicReference<>(Fault.NONE);

    @Override
    protected TableOperations newTableOps(TableIdentifier id) {
        TableOperations real = super.newTableOps(id);
        return new TableOperations() {
            @Override
            public TableMetadata current() {
                return real.current();
            }

            @Override
            public TableMetadata refresh() {
                return real.refresh();
            }

            @Override
            public void commit(TableMetadata base, TableMetadata metadata) {
                switch (FAULT.get()) {
                    case NONE -> real.commit(base, metadata);
                    case UNKNOWN_BUT_DONE -> {
                        real.commit(base, metadata);
                        throw new CommitStateUnknownException(new RuntimeException("lost answer"));
                    }
                    case UNKNOWN_AND_NOT_DONE ->
                            throw new CommitStateUnknownException(
                                    new RuntimeException("lost request"));
                    case FAILED_BUT_DONE -> {
                        real.commit(base, metadata);
                        throw new CommitFailedException("sent again, and refused the second time");
                    }
                    case ALWAYS_LATE -> throw new CommitFailedException("others were faster");
                }
            }

            @Override
            public FileIO io() {
                return real.io();
            }

            @Override
            public String metadataFileLocation(String name) {
                return real.metadataFileLocation(name);
            }

            @Override
            public LocationProvider locationProvider() {
                return LocationProviders.locationsFor(
                        real.current().location(), real.current().properties());
            }
        };
    }
}
