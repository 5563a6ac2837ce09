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
package io.fluss.cli;

import io.fluss.client.Connection;
import io.fluss.client.cluster.Blocking;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that talks to a cluster. */
final class ClusterOptions {
    private static final String BOOTSTRAP_VARIABLE = "FLUSS_BOOTSTRAP_SERVERS";
    private static final String BOOTSTRAP_DEFAULT = "localhost:9123";

    @Option(
            names = {"-b", "--bootstrap-server"},
            paramLabel = "HOST:PORT[,...]",
            description =
                    "Servers of the cluster, any of them. Default: the variable"
                            + " FLUSS_BOOTSTRAP_SERVERS, else localhost:9123.")
    private @Nullable String bootstrap;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "TABLE",
            description =
                    "${COMPLETION-CANDIDATES}. JSON stays as it is from version to version; only"
                            + " consume knows CSV. Default: table.")
    private Format format = Format.TABLE;

    @Option(
            names = {"-C", "--client-option"},
            paramLabel = "KEY=VALUE",
            description = "Option of the client, for example client.request-timeout=5s.")
    private Map<String, String> clientOptions = new LinkedHashMap<>();

    @Option(
            names = {"-v", "--verbose"},
            description = "Stack traces with errors.")
    private boolean isVerbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this text.")
    @SuppressWarnings("UnusedVariable") // Set and read by picocli.
    private boolean isHelpWanted;

    /** How results are written. */
    enum Format {
        TABLE,
        JSON,
        CSV;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    Format format() {
        return format;
    }

    boolean isVerbose() {
        return isVerbose;
    }

    String bootstrap(Terminal terminal) {
        return bootstrap != null
                ? bootstrap
                : terminal.variable(BOOTSTRAP_VARIABLE).orElse(BOOTSTRAP_DEFAULT);
    }

    /** A client option that a command needs, if the user does not say otherwise. */
    void useUnlessGiven(String key, String value) {
        clientOptions.putIfAbsent(key, value);
    }

    /** A connection, which the caller closes. */
    Connection connect(Terminal terminal) {
        Map<String, String> options = new HashMap<>();
        // A person waits: rather an early error than a long silence.
        options.put("client.connect-timeout", "5s");
        options.put("client.request-timeout", "15s");
        options.putAll(clientOptions);
        options.put("bootstrap.servers", bootstrap(terminal));
        return Connection.open(options);
    }

    /** Waits for an answer of the cluster. */
    static <T> T get(CompletableFuture<T> answer) {
        return Blocking.await(answer, "the answer of the cluster");
    }
}
