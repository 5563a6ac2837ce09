package io.fluss.client.cluster;

import io.fluss.protocol.messages.MetadataResponse;
import io.fluss.protocol.messages.PbServerNode;
import io.fluss.transport.ServerType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The servers of the cluster, as the last metadata answer named them. Immutable. */
record ClusterView(Optional<ServerAddress> coordinator, Map<Integer, ServerAddress> tabletServers) {
    static final ClusterView EMPTY = new ClusterView(Optional.empty(), Map.of());

    ClusterView {
        tabletServers = Map.copyOf(tabletServers);
    }

    static ClusterView of(MetadataResponse answer) {
        Map<Integer, ServerAddress> servers = new HashMap<>();
        for (PbServerNode node : answer.getTabletServersList()) {
            servers.put(node.getNodeId(), address(node, ServerType.TABLET_SERVER));
        }
        return new ClusterView(
                answer.hasCoordinatorServer()
                        ? Optional.of(
                                address(answer.getCoordinatorServer(), ServerType.COORDINATOR))
                        : Optional.empty(),
                servers);
    }

    private static ServerAddress address(PbServerNode node, ServerType type) {
        return new ServerAddress(node.getHost(), node.getPort(), Optional.of(type));
    }
}
