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
package io.fluss.coordinator.cluster;

import io.fluss.coordinator.image.ClusterImage;
import io.fluss.errors.ErrorReason;
import io.fluss.metastore.ClusterMaps;
import io.fluss.metastore.ClusterMaps.Kind;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Tags of tablet servers, and rebalances (server behaviour document, section 10). Owned by the
 * coordinator's loop; everything is read from the metastore, calls are rare.
 */
public final class ServerTags {
    private static final String ID = "id";

    private final ClusterMaps maps;
    private final Supplier<ClusterImage> image;

    public ServerTags(ClusterMaps maps, Supplier<ClusterImage> image) {
        this.maps = maps;
        this.image = image;
    }

    /** Why the replicas of a server are to be moved away; in the order of their numbers. */
    public enum Tag {
        PERMANENT_OFFLINE,
        TEMPORARY_OFFLINE
    }

    /** What a rebalance is to reach; in the order of their numbers. */
    public enum Goal {
        REPLICA_DISTRIBUTION,
        LEADER_DISTRIBUTION,
        RACK_AWARE
    }

    /** All servers or none. */
    public void add(Collection<Integer> servers, Tag tag) {
        Map<String, String> tags = new TreeMap<>(maps.read(Kind.SERVER_TAGS));
        for (int server : servers) {
            live(server);
            String before = tags.put(String.valueOf(server), tag.name());
            if (before != null && !before.equals(tag.name())) {
                throw ErrorReason.SERVER_TAG_ALREADY_EXIST.exception(
                        "server " + server + " has the tag " + before + "; remove that first");
            }
        }
        maps.write(Kind.SERVER_TAGS, tags);
    }

    /** All servers or none; a server without a tag is passed over. */
    public void remove(Collection<Integer> servers, Tag tag) {
        Map<String, String> tags = new TreeMap<>(maps.read(Kind.SERVER_TAGS));
        for (int server : servers) {
            live(server);
            String before = tags.remove(String.valueOf(server));
            if (before != null && !before.equals(tag.name())) {
                throw ErrorReason.SERVER_TAG_NOT_EXIST.exception(
                        "server " + server + " has the tag " + before + ", not " + tag);
            }
        }
        maps.write(Kind.SERVER_TAGS, tags);
    }

    private void live(int server) {
        if (!image.get().servers().containsKey(server)) {
            throw ErrorReason.SERVER_NOT_EXIST.exception(
                    "tablet server "
                            + server
                            + " is not alive; alive are "
                            + image.get().servers().keySet());
        }
    }

    /**
     * A rebalance among the live servers. With one server every goal is reached as things are: the
     * rebalance is complete without a move.
     *
     * @param id of the new rebalance
     * @throws io.fluss.errors.FlussException with REBALANCE_FAILURE if there is no server to move
     *     replicas to, or if there are several, between which this cluster cannot move them yet
     */
    public void rebalance(List<Goal> goals, String id) {
        if (goals.isEmpty()) {
            throw ErrorReason.REBALANCE_FAILURE.exception("a rebalance needs a goal");
        }
        ClusterImage now = image.get();
        Map<String, String> tags = maps.read(Kind.SERVER_TAGS);
        boolean isAllTagged =
                now.servers().keySet().stream().allMatch(s -> tags.containsKey(String.valueOf(s)));
        if (isAllTagged) {
            throw ErrorReason.REBALANCE_FAILURE.exception(
                    "every live tablet server has an offline tag; nothing can be moved");
        }
        if (now.servers().size() > 1) {
            throw ErrorReason.REBALANCE_FAILURE.exception(
                    "moving replicas between servers is not supported yet by this cluster");
        }
        maps.write(Kind.REBALANCE, Map.of(ID, id));
    }

    /** Id of the last rebalance, which is complete; empty if there was none. */
    public Optional<String> lastRebalance() {
        return Optional.ofNullable(maps.read(Kind.REBALANCE).get(ID));
    }
}
