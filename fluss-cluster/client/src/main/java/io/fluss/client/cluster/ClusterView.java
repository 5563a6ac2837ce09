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
