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
package io.fluss.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.fluss.client.admin.ProducerOffsetsResult;
import org.apache.fluss.client.admin.RegisterResult;
import org.apache.fluss.client.utils.ClientRpcMessageUtils;
import org.apache.fluss.cluster.ServerNode;
import org.apache.fluss.cluster.ServerType;
import org.apache.fluss.cluster.rebalance.ServerTag;
import org.apache.fluss.config.cluster.AlterConfig;
import org.apache.fluss.config.cluster.AlterConfigOpType;
import org.apache.fluss.config.cluster.ConfigEntry;
import org.apache.fluss.exception.ApiException;
import org.apache.fluss.exception.InvalidAlterTableException;
import org.apache.fluss.exception.InvalidProducerIdException;
import org.apache.fluss.exception.InvalidTableException;
import org.apache.fluss.exception.LakeTableSnapshotNotExistException;
import org.apache.fluss.exception.PartitionNotExistException;
import org.apache.fluss.exception.SecurityDisabledException;
import org.apache.fluss.exception.ServerNotExistException;
import org.apache.fluss.exception.ServerTagAlreadyExistException;
import org.apache.fluss.exception.TableNotExistException;
import org.apache.fluss.metadata.PhysicalTablePath;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.metadata.TableChange;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.rpc.messages.ApiVersionsRequest;
import org.apache.fluss.rpc.messages.ApiVersionsResponse;
import org.apache.fluss.rpc.messages.MetadataRequest;
import org.apache.fluss.rpc.messages.MetadataResponse;
import org.apache.fluss.security.acl.AccessControlEntry;
import org.apache.fluss.security.acl.AclBinding;
import org.apache.fluss.security.acl.AclBindingFilter;
import org.apache.fluss.security.acl.FlussPrincipal;
import org.apache.fluss.security.acl.OperationType;
import org.apache.fluss.security.acl.PermissionType;
import org.apache.fluss.security.acl.Resource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The cluster")
class ClusterTest extends Case {

    @Test
    @DisplayName("there is one coordinator and at least one tablet server, each with an address")
    void nodes() throws Exception {
        List<ServerNode> ns = get(admin.getServerNodes());
        assertThat(ns.stream().filter(n -> n.serverType() == ServerType.COORDINATOR).count())
                .isEqualTo(1);
        assertThat(ns.stream().filter(n -> n.serverType() == ServerType.TABLET_SERVER).count())
                .isGreaterThanOrEqualTo(1);
        ns.forEach(
                n -> {
                    assertThat(n.host()).isNotEmpty();
                    assertThat(n.port()).isPositive();
                });
    }

    @Test
    @DisplayName("metadata without a question lists the servers and nothing else")
    void emptyMetadata() throws Exception {
        MetadataResponse m = get(anyTablet().metadata(new MetadataRequest()));
        assertThat(m.hasCoordinatorServer()).isTrue();
        assertThat(m.getTabletServersCount()).isGreaterThanOrEqualTo(1);
        assertThat(m.getTableMetadatasCount()).isZero();
        assertThat(m.getPartitionMetadatasCount()).isZero();
        MetadataResponse c = get(coordinator().metadata(new MetadataRequest()));
        assertThat(c.getTabletServersCount()).isEqualTo(m.getTabletServersCount());
    }

    @Test
    @DisplayName(
            "metadata of a table names its id, schema, and a live leader and replicas for each bucket")
    void tableMetadata() throws Exception {
        T t = create(logOf("a INT").distributedBy(3));
        MetadataResponse m =
                get(
                        anyTablet()
                                .metadata(
                                        ClientRpcMessageUtils.makeMetadataRequest(
                                                java.util.Set.of(t.path),
                                                java.util.Set.of(),
                                                java.util.Set.of())));
        var tm = m.getTableMetadatasList().get(0);
        assertThat(tm.getTableId()).isEqualTo(t.id());
        assertThat(tm.getSchemaId()).isEqualTo(1);
        assertThat(tm.getBucketMetadatasCount()).isEqualTo(3);
        tm.getBucketMetadatasList()
                .forEach(
                        b -> {
                            assertThat(m.getTabletServersList().stream().map(s -> s.getNodeId()))
                                    .contains(b.getLeaderId());
                            assertThat(b.getReplicaIdsCount()).isEqualTo(1);
                            assertThat(b.getLeaderEpoch()).isGreaterThanOrEqualTo(0);
                        });
    }

    @Test
    @DisplayName("metadata of an unknown table or partition fails, so that clients can tell")
    void unknownMetadata() throws Exception {
        refused(
                ApiException.class,
                () ->
                        get(
                                anyTablet()
                                        .metadata(
                                                ClientRpcMessageUtils.makeMetadataRequest(
                                                        java.util.Set.of(TablePath.of(db, "nope")),
                                                        java.util.Set.of(),
                                                        java.util.Set.of()))));
        T t = create(logOf("a INT, p STRING").partitionedBy("p").distributedBy(1));
        refused(
                PartitionNotExistException.class,
                () ->
                        get(
                                anyTablet()
                                        .metadata(
                                                ClientRpcMessageUtils.makeMetadataRequest(
                                                        java.util.Set.of(t.path),
                                                        java.util.Set.of(
                                                                PhysicalTablePath.of(
                                                                        t.path, "nope")),
                                                        java.util.Set.of()))));
    }

    @ParameterizedTest(
            name = "the {0} answers its API versions with its type, before and after anything else")
    @ValueSource(strings = {"coordinator", "tablet server"})
    void apiVersions(String who) throws Exception {
        ApiVersionsRequest q =
                new ApiVersionsRequest()
                        .setClientSoftwareName("any text")
                        .setClientSoftwareVersion("");
        ApiVersionsResponse r =
                get(
                        who.equals("coordinator")
                                ? coordinator().apiVersions(q)
                                : anyTablet().apiVersions(q));
        List<Integer> keys = r.getApiVersionsList().stream().map(v -> (int) v.getApiKey()).toList();
        assertThat(keys).doesNotHaveDuplicates().contains(1000, 1003, 1007, 1011, 1012, 1038);
        if (who.equals("coordinator")) {
            assertThat(keys).contains(1001, 1002, 1005, 1006);
        } else {
            assertThat(keys).contains(1014, 1015, 1016, 1017, 1021, 1034);
        }
        r.getApiVersionsList()
                .forEach(
                        v ->
                                assertThat((int) v.getMinVersion())
                                        .isLessThanOrEqualTo(v.getMaxVersion()));
    }

    @Test
    @DisplayName("producer offsets are registered once, read back by table, and deleted")
    void producerOffsets() throws Exception {
        T a = create(logOf("a INT").distributedBy(2));
        T b = pk("id INT", "id");
        String id = unique("producer");
        Map<TableBucket, Long> offsets =
                Map.of(a.bucket(0), 10L, a.bucket(1), 0L, b.bucket(0), 77L);
        assertThat(get(admin.registerProducerOffsets(id, offsets)))
                .isEqualTo(RegisterResult.CREATED);
        assertThat(get(admin.registerProducerOffsets(id, Map.of(a.bucket(0), 99L))))
                .isEqualTo(RegisterResult.ALREADY_EXISTS);
        ProducerOffsetsResult r = get(admin.getProducerOffsets(id));
        assertThat(r.getProducerId()).isEqualTo(id);
        assertThat(r.getExpirationTime()).isGreaterThan(System.currentTimeMillis());
        assertThat(r.getTableOffsets().get(a.id()))
                .isEqualTo(Map.of(a.bucket(0), 10L, a.bucket(1), 0L));
        assertThat(r.getTableOffsets().get(b.id())).isEqualTo(Map.of(b.bucket(0), 77L));
        get(admin.deleteProducerOffsets(id));
        ProducerOffsetsResult gone = get(admin.getProducerOffsets(id));
        assertThat(gone == null || gone.getTableOffsets().isEmpty()).isTrue();
        assertThat(get(admin.registerProducerOffsets(id, Map.of(a.bucket(0), 99L))))
                .isEqualTo(RegisterResult.CREATED);
        get(admin.deleteProducerOffsets(id));
    }

    @Test
    @DisplayName(
            "offsets of an unknown producer are empty, deleting them succeeds, and a bad producer id is refused")
    void unknownProducer() throws Exception {
        ProducerOffsetsResult r = get(admin.getProducerOffsets("no_such_producer"));
        assertThat(r == null || r.getTableOffsets().isEmpty()).isTrue();
        get(admin.deleteProducerOffsets("no_such_producer"));
        T t = log("a INT");
        refused(
                InvalidProducerIdException.class,
                () -> get(admin.registerProducerOffsets("bad/id", Map.of(t.bucket(0), 1L))));
    }

    private Optional<ConfigEntry> config(String key) throws Exception {
        return get(admin.describeClusterConfigs()).stream()
                .filter(e -> e.key().equals(key))
                .findFirst();
    }

    @Test
    @DisplayName(
            "cluster options are described with their source, changed at run time, and restored")
    void clusterConfigs() throws Exception {
        String key = "kv.rocksdb.shared-rate-limiter.bytes-per-sec";
        get(
                admin.alterClusterConfigs(
                        List.of(new AlterConfig(key, "900mb", AlterConfigOpType.SET))));
        await(
                "the option is set",
                () -> config(key).map(ConfigEntry::value).filter("900mb"::equals).isPresent());
        assertThat(config(key).orElseThrow().source())
                .isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_SERVER_CONFIG);
        get(
                admin.alterClusterConfigs(
                        List.of(new AlterConfig(key, null, AlterConfigOpType.DELETE))));
        await(
                "the option is restored",
                () ->
                        config(key)
                                .map(ConfigEntry::source)
                                .filter(s -> s == ConfigEntry.ConfigSource.DYNAMIC_SERVER_CONFIG)
                                .isEmpty());
        assertThat(get(admin.describeClusterConfigs()))
                .anyMatch(e -> e.source() == ConfigEntry.ConfigSource.INITIAL_SERVER_CONFIG);
    }

    @ParameterizedTest(name = "the cluster option change {0} is refused")
    @ValueSource(
            strings = {
                "default.bucket.number=5",
                "kv.rocksdb.shared-rate-limiter.bytes-per-sec=much",
                "no.such.option=1"
            })
    void clusterConfigRefused(String kv) throws Exception {
        String key = kv.substring(0, kv.indexOf('='));
        String before = config(key).map(ConfigEntry::value).orElse(null);
        refused(
                ApiException.class,
                () ->
                        get(
                                admin.alterClusterConfigs(
                                        List.of(
                                                new AlterConfig(
                                                        key,
                                                        kv.substring(kv.indexOf('=') + 1),
                                                        AlterConfigOpType.SET)))));
        assertThat(config(key).map(ConfigEntry::value).orElse(null)).isEqualTo(before);
    }

    @Test
    @DisplayName("a server tag is set once, cannot be replaced by another, and is removed")
    void serverTags() throws Exception {
        int id =
                get(admin.getServerNodes()).stream()
                        .filter(n -> n.serverType() == ServerType.TABLET_SERVER)
                        .findFirst()
                        .orElseThrow()
                        .id();
        get(admin.addServerTag(List.of(id), ServerTag.TEMPORARY_OFFLINE));
        try {
            refused(
                    ServerTagAlreadyExistException.class,
                    () -> get(admin.addServerTag(List.of(id), ServerTag.PERMANENT_OFFLINE)));
        } finally {
            get(admin.removeServerTag(List.of(id), ServerTag.TEMPORARY_OFFLINE));
        }
        refused(
                ServerNotExistException.class,
                () -> get(admin.addServerTag(List.of(4711), ServerTag.PERMANENT_OFFLINE)));
    }

    @Test
    @DisplayName("without an authorizer access control calls say that security is off")
    void aclsOff() {
        AclBinding b =
                new AclBinding(
                        Resource.table(db, "t"),
                        new AccessControlEntry(
                                new FlussPrincipal("u", "User"),
                                "*",
                                OperationType.READ,
                                PermissionType.ALLOW));
        refused(SecurityDisabledException.class, () -> get(admin.createAcls(List.of(b)).all()));
        refused(
                SecurityDisabledException.class,
                () -> get(admin.dropAcls(List.of(AclBindingFilter.ANY)).all()));
        refused(SecurityDisabledException.class, () -> get(admin.listAcls(AclBindingFilter.ANY)));
    }

    @Test
    @DisplayName("without a lake, a lake snapshot of a table does not exist")
    void noLake() throws Exception {
        T t = log("a INT");
        refused(
                LakeTableSnapshotNotExistException.class,
                () -> get(admin.getLatestLakeSnapshot(t.path)));
        refused(
                TableNotExistException.class,
                () -> get(admin.getLatestLakeSnapshot(TablePath.of(db, "nope"))));
    }

    @Test
    @DisplayName(
            "without a lake, a table with the lake enabled is refused, and enabling it later too")
    void lakeTable() throws Exception {
        refused(
                InvalidTableException.class,
                () ->
                        get(
                                admin.createTable(
                                        TablePath.of(db, unique("t")),
                                        logOf("a INT", "table.datalake.enabled", "true")
                                                .distributedBy(1)
                                                .build(),
                                        false)));
        T t = log("a INT");
        refused(
                InvalidAlterTableException.class,
                () ->
                        get(
                                admin.alterTable(
                                        t.path,
                                        List.of(TableChange.set("table.datalake.enabled", "true")),
                                        false)));
    }

    @Test
    @DisplayName("the progress of no rebalance is empty")
    void noRebalance() throws Exception {
        assertThat(get(admin.listRebalanceProgress(null))).isEmpty();
    }
}
