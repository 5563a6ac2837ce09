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
package io.fluss.protocol;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.fluss.protocol.messages.AcquireKvSnapshotLeaseRequest;
import io.fluss.protocol.messages.AcquireKvSnapshotLeaseResponse;
import io.fluss.protocol.messages.AddServerTagRequest;
import io.fluss.protocol.messages.AddServerTagResponse;
import io.fluss.protocol.messages.AlterClusterConfigsRequest;
import io.fluss.protocol.messages.AlterClusterConfigsResponse;
import io.fluss.protocol.messages.AlterDatabaseRequest;
import io.fluss.protocol.messages.AlterDatabaseResponse;
import io.fluss.protocol.messages.AlterTableRequest;
import io.fluss.protocol.messages.AlterTableResponse;
import io.fluss.protocol.messages.ApiVersionsRequest;
import io.fluss.protocol.messages.ApiVersionsResponse;
import io.fluss.protocol.messages.AuthenticateRequest;
import io.fluss.protocol.messages.AuthenticateResponse;
import io.fluss.protocol.messages.CancelRebalanceRequest;
import io.fluss.protocol.messages.CancelRebalanceResponse;
import io.fluss.protocol.messages.CommitLakeTableSnapshotRequest;
import io.fluss.protocol.messages.CommitLakeTableSnapshotResponse;
import io.fluss.protocol.messages.CreateAclsRequest;
import io.fluss.protocol.messages.CreateAclsResponse;
import io.fluss.protocol.messages.CreateDatabaseRequest;
import io.fluss.protocol.messages.CreateDatabaseResponse;
import io.fluss.protocol.messages.CreatePartitionRequest;
import io.fluss.protocol.messages.CreatePartitionResponse;
import io.fluss.protocol.messages.CreateTableRequest;
import io.fluss.protocol.messages.CreateTableResponse;
import io.fluss.protocol.messages.DatabaseExistsRequest;
import io.fluss.protocol.messages.DatabaseExistsResponse;
import io.fluss.protocol.messages.DeleteProducerOffsetsRequest;
import io.fluss.protocol.messages.DeleteProducerOffsetsResponse;
import io.fluss.protocol.messages.DescribeClusterConfigsRequest;
import io.fluss.protocol.messages.DescribeClusterConfigsResponse;
import io.fluss.protocol.messages.DropAclsRequest;
import io.fluss.protocol.messages.DropAclsResponse;
import io.fluss.protocol.messages.DropDatabaseRequest;
import io.fluss.protocol.messages.DropDatabaseResponse;
import io.fluss.protocol.messages.DropKvSnapshotLeaseRequest;
import io.fluss.protocol.messages.DropKvSnapshotLeaseResponse;
import io.fluss.protocol.messages.DropPartitionRequest;
import io.fluss.protocol.messages.DropPartitionResponse;
import io.fluss.protocol.messages.DropTableRequest;
import io.fluss.protocol.messages.DropTableResponse;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.protocol.messages.FetchLogResponse;
import io.fluss.protocol.messages.GetClusterHealthRequest;
import io.fluss.protocol.messages.GetClusterHealthResponse;
import io.fluss.protocol.messages.GetDatabaseInfoRequest;
import io.fluss.protocol.messages.GetDatabaseInfoResponse;
import io.fluss.protocol.messages.GetFileSystemSecurityTokenRequest;
import io.fluss.protocol.messages.GetFileSystemSecurityTokenResponse;
import io.fluss.protocol.messages.GetKvSnapshotMetadataRequest;
import io.fluss.protocol.messages.GetKvSnapshotMetadataResponse;
import io.fluss.protocol.messages.GetLakeSnapshotRequest;
import io.fluss.protocol.messages.GetLakeSnapshotResponse;
import io.fluss.protocol.messages.GetLatestKvSnapshotsRequest;
import io.fluss.protocol.messages.GetLatestKvSnapshotsResponse;
import io.fluss.protocol.messages.GetProducerOffsetsRequest;
import io.fluss.protocol.messages.GetProducerOffsetsResponse;
import io.fluss.protocol.messages.GetTableInfoRequest;
import io.fluss.protocol.messages.GetTableInfoResponse;
import io.fluss.protocol.messages.GetTableSchemaRequest;
import io.fluss.protocol.messages.GetTableSchemaResponse;
import io.fluss.protocol.messages.GetTableStatsRequest;
import io.fluss.protocol.messages.GetTableStatsResponse;
import io.fluss.protocol.messages.InitWriterRequest;
import io.fluss.protocol.messages.InitWriterResponse;
import io.fluss.protocol.messages.LakeTieringHeartbeatRequest;
import io.fluss.protocol.messages.LakeTieringHeartbeatResponse;
import io.fluss.protocol.messages.LimitScanRequest;
import io.fluss.protocol.messages.LimitScanResponse;
import io.fluss.protocol.messages.ListAclsRequest;
import io.fluss.protocol.messages.ListAclsResponse;
import io.fluss.protocol.messages.ListDatabasesRequest;
import io.fluss.protocol.messages.ListDatabasesResponse;
import io.fluss.protocol.messages.ListKvSnapshotsRequest;
import io.fluss.protocol.messages.ListKvSnapshotsResponse;
import io.fluss.protocol.messages.ListOffsetsRequest;
import io.fluss.protocol.messages.ListOffsetsResponse;
import io.fluss.protocol.messages.ListPartitionInfosRequest;
import io.fluss.protocol.messages.ListPartitionInfosResponse;
import io.fluss.protocol.messages.ListRebalanceProgressRequest;
import io.fluss.protocol.messages.ListRebalanceProgressResponse;
import io.fluss.protocol.messages.ListRemoteLogManifestsRequest;
import io.fluss.protocol.messages.ListRemoteLogManifestsResponse;
import io.fluss.protocol.messages.ListTablesRequest;
import io.fluss.protocol.messages.ListTablesResponse;
import io.fluss.protocol.messages.LookupRequest;
import io.fluss.protocol.messages.LookupResponse;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.protocol.messages.MetadataResponse;
import io.fluss.protocol.messages.NotifyLakeTableOffsetRequest;
import io.fluss.protocol.messages.NotifyLakeTableOffsetResponse;
import io.fluss.protocol.messages.PrefixLookupRequest;
import io.fluss.protocol.messages.PrefixLookupResponse;
import io.fluss.protocol.messages.PrepareLakeTableSnapshotRequest;
import io.fluss.protocol.messages.PrepareLakeTableSnapshotResponse;
import io.fluss.protocol.messages.ProduceLogRequest;
import io.fluss.protocol.messages.ProduceLogResponse;
import io.fluss.protocol.messages.PutKvRequest;
import io.fluss.protocol.messages.PutKvResponse;
import io.fluss.protocol.messages.RebalanceRequest;
import io.fluss.protocol.messages.RebalanceResponse;
import io.fluss.protocol.messages.RegisterProducerOffsetsRequest;
import io.fluss.protocol.messages.RegisterProducerOffsetsResponse;
import io.fluss.protocol.messages.ReleaseKvSnapshotLeaseRequest;
import io.fluss.protocol.messages.ReleaseKvSnapshotLeaseResponse;
import io.fluss.protocol.messages.RemoveServerTagRequest;
import io.fluss.protocol.messages.RemoveServerTagResponse;
import io.fluss.protocol.messages.ScanKvRequest;
import io.fluss.protocol.messages.ScanKvResponse;
import io.fluss.protocol.messages.TableExistsRequest;
import io.fluss.protocol.messages.TableExistsResponse;
import io.fluss.protocol.messages.TieringStatusRequest;
import io.fluss.protocol.messages.TieringStatusResponse;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The public APIs: number, versions this implementation knows, who serves them, and the parsers of
 * their messages (wire protocol document, section 2). Messages between servers are not listed: the
 * implementation is free there.
 */
public enum ApiKey {
    API_VERSIONS(1000, 0, 0, Scope.BOTH, ApiVersionsRequest.parser(), ApiVersionsResponse.parser()),
    CREATE_DATABASE(
            1001,
            0,
            0,
            Scope.COORDINATOR,
            CreateDatabaseRequest.parser(),
            CreateDatabaseResponse.parser()),
    DROP_DATABASE(
            1002,
            0,
            0,
            Scope.COORDINATOR,
            DropDatabaseRequest.parser(),
            DropDatabaseResponse.parser()),
    LIST_DATABASES(
            1003, 0, 0, Scope.BOTH, ListDatabasesRequest.parser(), ListDatabasesResponse.parser()),
    DATABASE_EXISTS(
            1004,
            0,
            0,
            Scope.BOTH,
            DatabaseExistsRequest.parser(),
            DatabaseExistsResponse.parser()),
    CREATE_TABLE(
            1005,
            0,
            0,
            Scope.COORDINATOR,
            CreateTableRequest.parser(),
            CreateTableResponse.parser()),
    DROP_TABLE(
            1006, 0, 0, Scope.COORDINATOR, DropTableRequest.parser(), DropTableResponse.parser()),
    GET_TABLE_INFO(
            1007, 0, 0, Scope.BOTH, GetTableInfoRequest.parser(), GetTableInfoResponse.parser()),
    LIST_TABLES(1008, 0, 0, Scope.BOTH, ListTablesRequest.parser(), ListTablesResponse.parser()),
    LIST_PARTITION_INFOS(
            1009,
            0,
            0,
            Scope.BOTH,
            ListPartitionInfosRequest.parser(),
            ListPartitionInfosResponse.parser()),
    TABLE_EXISTS(1010, 0, 0, Scope.BOTH, TableExistsRequest.parser(), TableExistsResponse.parser()),
    GET_TABLE_SCHEMA(
            1011,
            0,
            0,
            Scope.BOTH,
            GetTableSchemaRequest.parser(),
            GetTableSchemaResponse.parser()),
    GET_METADATA(1012, 0, 0, Scope.BOTH, MetadataRequest.parser(), MetadataResponse.parser()),
    PRODUCE_LOG(
            1014,
            0,
            0,
            Scope.TABLET_SERVER,
            ProduceLogRequest.parser(),
            ProduceLogResponse.parser()),
    FETCH_LOG(1015, 0, 0, Scope.TABLET_SERVER, FetchLogRequest.parser(), FetchLogResponse.parser()),
    PUT_KV(1016, 0, 2, Scope.TABLET_SERVER, PutKvRequest.parser(), PutKvResponse.parser()),
    LOOKUP(1017, 0, 1, Scope.TABLET_SERVER, LookupRequest.parser(), LookupResponse.parser()),
    LIST_OFFSETS(
            1021,
            0,
            0,
            Scope.TABLET_SERVER,
            ListOffsetsRequest.parser(),
            ListOffsetsResponse.parser()),
    GET_LATEST_KV_SNAPSHOTS(
            1023,
            0,
            0,
            Scope.BOTH,
            GetLatestKvSnapshotsRequest.parser(),
            GetLatestKvSnapshotsResponse.parser()),
    GET_KV_SNAPSHOT_METADATA(
            1024,
            0,
            0,
            Scope.BOTH,
            GetKvSnapshotMetadataRequest.parser(),
            GetKvSnapshotMetadataResponse.parser()),
    GET_FILESYSTEM_SECURITY_TOKEN(
            1025,
            0,
            0,
            Scope.BOTH,
            GetFileSystemSecurityTokenRequest.parser(),
            GetFileSystemSecurityTokenResponse.parser()),
    INIT_WRITER(
            1026,
            0,
            0,
            Scope.TABLET_SERVER,
            InitWriterRequest.parser(),
            InitWriterResponse.parser()),
    COMMIT_LAKE_TABLE_SNAPSHOT(
            1030,
            0,
            0,
            Scope.COORDINATOR,
            CommitLakeTableSnapshotRequest.parser(),
            CommitLakeTableSnapshotResponse.parser()),
    NOTIFY_LAKE_TABLE_OFFSET(
            1031,
            0,
            0,
            Scope.TABLET_SERVER,
            NotifyLakeTableOffsetRequest.parser(),
            NotifyLakeTableOffsetResponse.parser()),
    GET_LAKE_SNAPSHOT(
            1032,
            0,
            0,
            Scope.BOTH,
            GetLakeSnapshotRequest.parser(),
            GetLakeSnapshotResponse.parser()),
    LIMIT_SCAN(
            1033, 0, 0, Scope.TABLET_SERVER, LimitScanRequest.parser(), LimitScanResponse.parser()),
    PREFIX_LOOKUP(
            1034,
            0,
            1,
            Scope.TABLET_SERVER,
            PrefixLookupRequest.parser(),
            PrefixLookupResponse.parser()),
    GET_DATABASE_INFO(
            1035,
            0,
            0,
            Scope.BOTH,
            GetDatabaseInfoRequest.parser(),
            GetDatabaseInfoResponse.parser()),
    CREATE_PARTITION(
            1036,
            0,
            0,
            Scope.COORDINATOR,
            CreatePartitionRequest.parser(),
            CreatePartitionResponse.parser()),
    DROP_PARTITION(
            1037,
            0,
            0,
            Scope.COORDINATOR,
            DropPartitionRequest.parser(),
            DropPartitionResponse.parser()),
    AUTHENTICATE(
            1038, 0, 0, Scope.BOTH, AuthenticateRequest.parser(), AuthenticateResponse.parser()),
    CREATE_ACLS(
            1039, 0, 0, Scope.COORDINATOR, CreateAclsRequest.parser(), CreateAclsResponse.parser()),
    LIST_ACLS(1040, 0, 0, Scope.BOTH, ListAclsRequest.parser(), ListAclsResponse.parser()),
    DROP_ACLS(1041, 0, 0, Scope.COORDINATOR, DropAclsRequest.parser(), DropAclsResponse.parser()),
    LAKE_TIERING_HEARTBEAT(
            1042,
            0,
            0,
            Scope.COORDINATOR,
            LakeTieringHeartbeatRequest.parser(),
            LakeTieringHeartbeatResponse.parser()),
    ALTER_TABLE(
            1044, 0, 0, Scope.COORDINATOR, AlterTableRequest.parser(), AlterTableResponse.parser()),
    DESCRIBE_CLUSTER_CONFIGS(
            1045,
            0,
            0,
            Scope.BOTH,
            DescribeClusterConfigsRequest.parser(),
            DescribeClusterConfigsResponse.parser()),
    ALTER_CLUSTER_CONFIGS(
            1046,
            0,
            0,
            Scope.COORDINATOR,
            AlterClusterConfigsRequest.parser(),
            AlterClusterConfigsResponse.parser()),
    ADD_SERVER_TAG(
            1047,
            0,
            0,
            Scope.COORDINATOR,
            AddServerTagRequest.parser(),
            AddServerTagResponse.parser()),
    REMOVE_SERVER_TAG(
            1048,
            0,
            0,
            Scope.COORDINATOR,
            RemoveServerTagRequest.parser(),
            RemoveServerTagResponse.parser()),
    REBALANCE(1049, 0, 0, Scope.COORDINATOR, RebalanceRequest.parser(), RebalanceResponse.parser()),
    LIST_REBALANCE_PROGRESS(
            1050,
            0,
            0,
            Scope.COORDINATOR,
            ListRebalanceProgressRequest.parser(),
            ListRebalanceProgressResponse.parser()),
    CANCEL_REBALANCE(
            1051,
            0,
            0,
            Scope.COORDINATOR,
            CancelRebalanceRequest.parser(),
            CancelRebalanceResponse.parser()),
    PREPARE_LAKE_TABLE_SNAPSHOT(
            1052,
            0,
            0,
            Scope.COORDINATOR,
            PrepareLakeTableSnapshotRequest.parser(),
            PrepareLakeTableSnapshotResponse.parser()),
    REGISTER_PRODUCER_OFFSETS(
            1053,
            0,
            0,
            Scope.COORDINATOR,
            RegisterProducerOffsetsRequest.parser(),
            RegisterProducerOffsetsResponse.parser()),
    GET_PRODUCER_OFFSETS(
            1054,
            0,
            0,
            Scope.COORDINATOR,
            GetProducerOffsetsRequest.parser(),
            GetProducerOffsetsResponse.parser()),
    DELETE_PRODUCER_OFFSETS(
            1055,
            0,
            0,
            Scope.COORDINATOR,
            DeleteProducerOffsetsRequest.parser(),
            DeleteProducerOffsetsResponse.parser()),
    ACQUIRE_KV_SNAPSHOT_LEASE(
            1056,
            0,
            0,
            Scope.COORDINATOR,
            AcquireKvSnapshotLeaseRequest.parser(),
            AcquireKvSnapshotLeaseResponse.parser()),
    RELEASE_KV_SNAPSHOT_LEASE(
            1057,
            0,
            0,
            Scope.COORDINATOR,
            ReleaseKvSnapshotLeaseRequest.parser(),
            ReleaseKvSnapshotLeaseResponse.parser()),
    DROP_KV_SNAPSHOT_LEASE(
            1058,
            0,
            0,
            Scope.COORDINATOR,
            DropKvSnapshotLeaseRequest.parser(),
            DropKvSnapshotLeaseResponse.parser()),
    GET_TABLE_STATS(
            1059,
            0,
            0,
            Scope.TABLET_SERVER,
            GetTableStatsRequest.parser(),
            GetTableStatsResponse.parser()),
    ALTER_DATABASE(
            1060,
            0,
            0,
            Scope.COORDINATOR,
            AlterDatabaseRequest.parser(),
            AlterDatabaseResponse.parser()),
    SCAN_KV(1061, 0, 0, Scope.TABLET_SERVER, ScanKvRequest.parser(), ScanKvResponse.parser()),
    GET_CLUSTER_HEALTH(
            1062,
            0,
            0,
            Scope.BOTH,
            GetClusterHealthRequest.parser(),
            GetClusterHealthResponse.parser()),
    LIST_REMOTE_LOG_MANIFESTS(
            1063,
            0,
            0,
            Scope.COORDINATOR,
            ListRemoteLogManifestsRequest.parser(),
            ListRemoteLogManifestsResponse.parser()),
    LIST_KV_SNAPSHOTS(
            1064,
            0,
            0,
            Scope.COORDINATOR,
            ListKvSnapshotsRequest.parser(),
            ListKvSnapshotsResponse.parser()),
    /** An extension, as all from 20000: published servers do not list it. */
    TIERING_STATUS(
            20000,
            0,
            0,
            Scope.COORDINATOR,
            TieringStatusRequest.parser(),
            TieringStatusResponse.parser());

    private static final Map<Short, ApiKey> BY_CODE =
            Stream.of(values())
                    .collect(Collectors.toUnmodifiableMap(ApiKey::code, Function.identity()));

    private final short code;
    private final short minVersion;
    private final short maxVersion;
    private final Scope scope;
    private final Parser<? extends MessageLite> requestParser;
    private final Parser<? extends MessageLite> responseParser;

    ApiKey(
            int code,
            int minVersion,
            int maxVersion,
            Scope scope,
            Parser<? extends MessageLite> requestParser,
            Parser<? extends MessageLite> responseParser) {
        this.code = (short) code;
        this.minVersion = (short) minVersion;
        this.maxVersion = (short) maxVersion;
        this.scope = scope;
        this.requestParser = requestParser;
        this.responseParser = responseParser;
    }

    /** The API of that number; empty if it is not known here. */
    public static Optional<ApiKey> of(short code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }

    public short code() {
        return code;
    }

    public short minVersion() {
        return minVersion;
    }

    public short maxVersion() {
        return maxVersion;
    }

    public Scope scope() {
        return scope;
    }

    public Parser<? extends MessageLite> requestParser() {
        return requestParser;
    }

    public Parser<? extends MessageLite> responseParser() {
        return responseParser;
    }

    /** Which kind of server answers an API. */
    public enum Scope {
        COORDINATOR,
        TABLET_SERVER,
        BOTH
    }
}
