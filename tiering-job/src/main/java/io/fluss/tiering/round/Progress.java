package io.fluss.tiering.round;

import io.fluss.client.lake.LakeSnapshot;
import io.fluss.lake.LakeCommitter.TieringCommit;
import io.fluss.table.TableInfo;
import java.util.Optional;

/**
 * How far a table is tiered, seen from both sides.
 *
 * @param registered latest lake snapshot that the cluster knows
 * @param inLake newest snapshot in the lake that a tiering service has made
 */
public record Progress(
        TableInfo table, Optional<LakeSnapshot> registered, Optional<TieringCommit> inLake) {}
