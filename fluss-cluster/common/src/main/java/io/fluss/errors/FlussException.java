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
package io.fluss.errors;

/**
 * Root of all errors that cross a module border. The category says what the caller may do; the
 * message names the thing, the value and, for rejected requests, the remedy.
 */
public abstract sealed class FlussException extends RuntimeException
        permits RetriableException, FencedException, RejectedException, UnknownOutcomeException {
    private static final long serialVersionUID = 1L;

    private final ErrorReason reason;

    FlussException(ErrorReason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public final ErrorReason reason() {
        return reason;
    }

    public final ErrorCategory category() {
        return reason.category();
    }

    /**
     * The Fluss error in a failure, looking through the wrappers that futures put around it;
     * anything else becomes {@link ErrorReason#UNKNOWN_SERVER_ERROR} with the failure as its cause.
     */
    public static FlussException from(Throwable failure) {
        Throwable t = failure;
        while (!(t instanceof FlussException) && t.getCause() != null && isWrapper(t)) {
            t = t.getCause();
        }
        if (t instanceof FlussException e) {
            return e;
        }
        return ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                t.getMessage() == null ? t.getClass().getName() : t.getMessage(), t);
    }

    private static boolean isWrapper(Throwable t) {
        return t instanceof java.util.concurrent.CompletionException
                || t instanceof java.util.concurrent.ExecutionException;
    }
}
