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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotAuthorizedException;

/**
 * How a catalog is called in errors, and the errors of calls that it did not answer.
 *
 * @param text without anything that could be secret
 */
record CatalogName(String text) {
    private static final String DEFAULT_TYPE = "hive";
    private static final int CAUSES_MAX = 10;

    static CatalogName of(String name, Map<String, String> properties) {
        String type =
                Optional.ofNullable(properties.get("type"))
                        .or(() -> Optional.ofNullable(properties.get("catalog-impl")))
                        .orElse(DEFAULT_TYPE);
        // The addresses of databases may contain a password.
        String place =
                Optional.ofNullable(properties.get("uri"))
                        .filter(uri -> uri.startsWith("http") && !uri.contains("@"))
                        .map(uri -> " at " + uri)
                        .orElse("");
        return new CatalogName("Iceberg catalog '" + name + "' (" + type + place + ")");
    }

    /**
     * @param doing what is asked, in the words "failed to ..."
     * @throws FlussException instead of all exceptions of Iceberg
     */
    <T> T ask(String doing, Supplier<T> call) {
        try {
            return call.get();
        } catch (FlussException e) {
            throw e;
        } catch (RuntimeException e) {
            throw failure(doing, e);
        }
    }

    /** As {@link #ask}, where nothing is answered. */
    void run(String doing, Runnable call) {
        var unused =
                ask(
                        doing,
                        () -> {
                            call.run();
                            return true;
                        });
    }

    private FlussException failure(String doing, RuntimeException e) {
        String message = text + " failed to " + doing + ": " + causes(e);
        return e instanceof NotAuthorizedException || e instanceof ForbiddenException
                ? ErrorReason.INVALID_CONFIG.exception(
                        message
                                + "; give server and job the credentials that it asks for, as"
                                + " datalake.iceberg.token, credential, header.* or others",
                        e)
                : ErrorReason.STORAGE.exception(message, e);
    }

    /** With the causes, since Iceberg says of a broken connection only that there was a request. */
    static String causes(Throwable e) {
        StringBuilder out = new StringBuilder();
        Throwable t = e;
        for (int i = 0; t != null && i < CAUSES_MAX; i++) {
            String message = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
            boolean isAdvice = t instanceof CommitStateUnknownException && t.getCause() != null;
            if (!isAdvice && out.indexOf(message) < 0) {
                out.append(out.isEmpty() ? "" : ": ").append(message.strip());
            }
            t = t.getCause();
        }
        return out.toString();
    }
}
