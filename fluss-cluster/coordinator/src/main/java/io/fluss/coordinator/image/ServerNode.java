package io.fluss.coordinator.image;

import java.util.Map;
import java.util.Optional;

/**
 * A live server.
 *
 * @param endpoints by listener name
 */
public record ServerNode(int id, Map<String, Endpoint> endpoints, Optional<String> rack) {
    public ServerNode {
        endpoints = Map.copyOf(endpoints);
    }
}
