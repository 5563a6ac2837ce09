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
 * Why an operation failed. The numbers used on the wire are in the protocol module; the names
 * follow the wire protocol document, section 5. The reasons behind {@code
 * HISTORICAL_PARTITION_THROTTLED} are our own and never leave the process.
 */
public enum ErrorReason {
    UNKNOWN_SERVER_ERROR(ErrorCategory.REJECTED),
    NETWORK(ErrorCategory.RETRIABLE),
    UNSUPPORTED_VERSION(ErrorCategory.REJECTED),
    CORRUPT_MESSAGE(ErrorCategory.RETRIABLE),
    DATABASE_NOT_EXIST(ErrorCategory.REJECTED),
    DATABASE_NOT_EMPTY(ErrorCategory.REJECTED),
    DATABASE_ALREADY_EXIST(ErrorCategory.REJECTED),
    TABLE_NOT_EXIST(ErrorCategory.REJECTED),
    TABLE_ALREADY_EXIST(ErrorCategory.REJECTED),
    SCHEMA_NOT_EXIST(ErrorCategory.RETRIABLE),
    LOG_STORAGE(ErrorCategory.RETRIABLE),
    KV_STORAGE(ErrorCategory.RETRIABLE),
    NOT_LEADER_OR_FOLLOWER(ErrorCategory.RETRIABLE),
    RECORD_TOO_LARGE(ErrorCategory.REJECTED),
    CORRUPT_RECORD(ErrorCategory.RETRIABLE),
    INVALID_TABLE(ErrorCategory.REJECTED),
    INVALID_DATABASE(ErrorCategory.REJECTED),
    INVALID_REPLICATION_FACTOR(ErrorCategory.REJECTED),
    INVALID_REQUIRED_ACKS(ErrorCategory.REJECTED),
    LOG_OFFSET_OUT_OF_RANGE(ErrorCategory.REJECTED),
    NON_PRIMARY_KEY_TABLE(ErrorCategory.REJECTED),
    UNKNOWN_TABLE_OR_BUCKET(ErrorCategory.RETRIABLE),
    INVALID_UPDATE_VERSION(ErrorCategory.FENCED),
    INVALID_COORDINATOR(ErrorCategory.FENCED),
    FENCED_LEADER_EPOCH(ErrorCategory.FENCED),
    REQUEST_TIME_OUT(ErrorCategory.RETRIABLE),
    STORAGE(ErrorCategory.RETRIABLE),
    OPERATION_NOT_ATTEMPTED(ErrorCategory.REJECTED),
    NOT_ENOUGH_REPLICAS_AFTER_APPEND(ErrorCategory.RETRIABLE),
    NOT_ENOUGH_REPLICAS(ErrorCategory.RETRIABLE),
    SECURITY_TOKEN(ErrorCategory.REJECTED),
    OUT_OF_ORDER_SEQUENCE(ErrorCategory.REJECTED),
    DUPLICATE_SEQUENCE(ErrorCategory.REJECTED),
    UNKNOWN_WRITER_ID(ErrorCategory.REJECTED),
    INVALID_COLUMN_PROJECTION(ErrorCategory.REJECTED),
    INVALID_TARGET_COLUMN(ErrorCategory.REJECTED),
    PARTITION_NOT_EXIST(ErrorCategory.REJECTED),
    TABLE_NOT_PARTITIONED(ErrorCategory.REJECTED),
    INVALID_TIMESTAMP(ErrorCategory.REJECTED),
    INVALID_CONFIG(ErrorCategory.REJECTED),
    LAKE_STORAGE_NOT_CONFIGURED(ErrorCategory.REJECTED),
    KV_SNAPSHOT_NOT_EXIST(ErrorCategory.REJECTED),
    PARTITION_ALREADY_EXIST(ErrorCategory.REJECTED),
    PARTITION_SPEC_INVALID(ErrorCategory.REJECTED),
    LEADER_NOT_AVAILABLE(ErrorCategory.RETRIABLE),
    PARTITION_MAX_NUM(ErrorCategory.REJECTED),
    AUTHENTICATE(ErrorCategory.REJECTED),
    SECURITY_DISABLED(ErrorCategory.REJECTED),
    AUTHORIZATION(ErrorCategory.REJECTED),
    BUCKET_MAX_NUM(ErrorCategory.REJECTED),
    FENCED_TIERING_EPOCH(ErrorCategory.FENCED),
    RETRIABLE_AUTHENTICATE(ErrorCategory.RETRIABLE),
    INVALID_SERVER_RACK_INFO(ErrorCategory.REJECTED),
    LAKE_SNAPSHOT_NOT_EXIST(ErrorCategory.REJECTED),
    LAKE_TABLE_ALREADY_EXIST(ErrorCategory.REJECTED),
    INELIGIBLE_REPLICA(ErrorCategory.FENCED),
    INVALID_ALTER_TABLE(ErrorCategory.REJECTED),
    DELETION_DISABLED(ErrorCategory.REJECTED),
    SERVER_NOT_EXIST(ErrorCategory.REJECTED),
    SERVER_TAG_ALREADY_EXIST(ErrorCategory.REJECTED),
    SERVER_TAG_NOT_EXIST(ErrorCategory.REJECTED),
    REBALANCE_FAILURE(ErrorCategory.REJECTED),
    NO_REBALANCE_IN_PROGRESS(ErrorCategory.REJECTED),
    INVALID_PRODUCER_ID(ErrorCategory.REJECTED),
    CONFIG(ErrorCategory.REJECTED),
    NOT_COORDINATOR_LEADER(ErrorCategory.RETRIABLE),
    SCANNER_EXPIRED(ErrorCategory.REJECTED),
    UNKNOWN_SCANNER_ID(ErrorCategory.REJECTED),
    INVALID_SCAN_REQUEST(ErrorCategory.REJECTED),
    TOO_MANY_SCANNERS(ErrorCategory.REJECTED),
    DISK_WRITE_LOCKED(ErrorCategory.RETRIABLE),
    INSUFFICIENT_KV_LEADER_REPLICA_CAPACITY(ErrorCategory.REJECTED),
    STORAGE_BACKPRESSURE(ErrorCategory.RETRIABLE),
    HISTORICAL_PARTITION_THROTTLED(ErrorCategory.RETRIABLE),
    LAKE_COMMIT_FENCED(ErrorCategory.FENCED),
    LAKE_COMMIT_UNKNOWN(ErrorCategory.UNKNOWN_OUTCOME);

    private final ErrorCategory category;

    ErrorReason(ErrorCategory category) {
        this.category = category;
    }

    public ErrorCategory category() {
        return category;
    }

    /** The exception of this reason's category. */
    public FlussException exception(String message) {
        return switch (category) {
            case RETRIABLE -> new RetriableException(this, message);
            case FENCED -> new FencedException(this, message);
            case REJECTED -> new RejectedException(this, message);
            case UNKNOWN_OUTCOME -> new UnknownOutcomeException(this, message);
        };
    }

    /** As {@link #exception(String)}, with what caused it. */
    public FlussException exception(String message, Throwable cause) {
        FlussException e = exception(message);
        e.initCause(cause);
        return e;
    }
}
