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
package io.fluss.spark.procedure;

import io.fluss.errors.ErrorReason;
import io.fluss.spark.FlussOptions;
import io.fluss.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;

/** The procedures of a catalog, all in its namespace {@code system}. Immutable. */
public final class Procedures {
    private static final String NAMESPACE = "system";

    private final List<ClusterProcedure> all;

    private Procedures(List<ClusterProcedure> all) {
        this.all = all;
    }

    /** Of a catalog with these options. */
    public static Procedures of(FlussOptions options, Clock clock) {
        return new Procedures(
                List.of(
                        new Compact(options),
                        new ExpireSnapshots(options, clock),
                        new TierNow(options, clock),
                        new TieringStatus(options)));
    }

    /** Their names; none in other namespaces. */
    public Identifier[] list(String[] namespace) {
        return isNamespace(namespace)
                ? all.stream()
                        .map(p -> Identifier.of(namespace, p.name()))
                        .toArray(Identifier[]::new)
                : new Identifier[0];
    }

    /**
     * The procedure of a name, in any case.
     *
     * @throws io.fluss.errors.FlussException with INVALID_CONFIG naming those that exist
     */
    public UnboundProcedure load(Identifier name) {
        return all.stream()
                .filter(p -> isNamespace(name.namespace()))
                .filter(p -> p.name().equals(name.name().toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(
                        () ->
                                ErrorReason.INVALID_CONFIG.exception(
                                        "no procedure '"
                                                + name
                                                + "'; there are "
                                                + all.stream()
                                                        .map(p -> NAMESPACE + "." + p.name())
                                                        .toList()));
    }

    private static boolean isNamespace(String[] namespace) {
        return Arrays.equals(namespace, new String[] {NAMESPACE});
    }
}
