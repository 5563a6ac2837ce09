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
