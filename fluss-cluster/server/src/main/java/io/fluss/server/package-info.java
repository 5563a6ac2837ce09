/**
 * Main classes and wiring. {@link io.fluss.server.LocalCluster} puts metadata store, coordinator
 * and one tablet server into this process; {@link io.fluss.server.FlussLocal} runs it from the
 * command line. The wiring owns all threads that are made here and ends them when it is closed.
 */
@NullMarked
package io.fluss.server;

import org.jspecify.annotations.NullMarked;
