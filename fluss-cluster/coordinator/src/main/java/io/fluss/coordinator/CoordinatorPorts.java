package io.fluss.coordinator;

import io.fluss.filestore.FileStore;
import io.fluss.loop.Loop;
import io.fluss.metastore.Metastore;
import io.fluss.time.Clock;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * What the coordinator works with. It owns none of them.
 *
 * @param loop owner of the coordinator's state
 * @param io for calls that block on lake and files
 * @param lakeTables called only if the cluster has a lake
 */
public record CoordinatorPorts(
        Loop loop,
        Executor io,
        Clock clock,
        RandomGenerator random,
        Metastore metastore,
        FileStore files,
        TabletServers tabletServers,
        LakeTables lakeTables) {}
