/**
 * Lake tables in Apache Paimon: catalog, writers of log tables and of tables with a primary key,
 * fenced commits, upkeep. Registered as lake format {@code paimon}; has no threads of its own, but
 * Paimon's writers compact on theirs and end them when they are closed. The layout of tables is
 * {@link io.fluss.lake.paimon.TableLayout}.
 */
@NullMarked
package io.fluss.lake.paimon;

import org.jspecify.annotations.NullMarked;
