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
package io.fluss.spark.paimon;

import io.fluss.errors.ErrorReason;
import io.fluss.spark.lake.LakeParts;
import io.fluss.spark.lake.LakeScanProvider;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.apache.spark.sql.connector.read.Scan;

/** Scans Paimon tables. Loads without Paimon on the class path, so that others are found. */
public final class PaimonScanProvider implements LakeScanProvider {
    @Override
    public String format() {
        return "paimon";
    }

    @Override
    public Scan scan(Request request) {
        return withPaimon(request, () -> PaimonScans.scan(request));
    }

    @Override
    public LakeParts parts(Request request) {
        return withPaimon(request, () -> PaimonScans.parts(request))
                .orElseGet(() -> LakeParts.whole(this, request));
    }

    @Override
    public OptionalLong rowCount(Request request) {
        return withPaimon(request, () -> PaimonScans.rowCount(request));
    }

    @Override
    public boolean hold(Request request, String name, Duration atMost) {
        PaimonScans.hold(request, name, atMost);
        return true;
    }

    @Override
    public void release(Request request, String name) {
        PaimonScans.release(request, name);
    }

    private static <T> T withPaimon(Request request, Supplier<T> step) {
        try {
            return step.get();
        } catch (NoClassDefFoundError e) {
            throw ErrorReason.LAKE_STORAGE_NOT_CONFIGURED.exception(
                    request.path()
                            + ": a class of Paimon is missing ("
                            + e.getMessage()
                            + "); add org.apache.paimon:paimon-bundle to the jars of the session."
                            + " Option read.mode = hot reads without the lake",
                    e);
        }
    }
}
