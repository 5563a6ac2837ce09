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
package io.fluss.tiering;

import java.util.concurrent.atomic.AtomicReference;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/**
 * A Hadoop catalog that does not tell how one commit went; opened by Iceberg by its class name.
 * Only for commits of a tiering job in this JVM.
 */
public final class UnsureCatalog extends HadoopCatalog {
    enum Fault {
        DONE,
        NOT_DONE
    }

    /** What happens to the next commit of tiering; then empty again. */
    static final AtomicReference<Fault> NEXT = new AtomicReference<>();

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
                Fault fault = NEXT.getAndSet(null);
                if (fault != Fault.NOT_DONE) {
                    real.commit(base, metadata);
                }
                if (fault != null) {
                    throw new CommitStateUnknownException(new RuntimeException("no answer"));
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
                return real.locationProvider();
            }
        };
    }
}
