/**
 * What the client knows of the cluster: its servers, the leaders of buckets, the open connections.
 * Everything here is thread-safe; futures complete on Netty threads or on the client's loop. Start
 * at {@link io.fluss.client.cluster.Cluster}. Internal to the client.
 */
@NullMarked
package io.fluss.client.cluster;

import org.jspecify.annotations.NullMarked;
