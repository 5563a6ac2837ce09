/**
 * Identity and description of databases, tables, partitions and buckets. Immutable values, no
 * threads; start at {@link io.fluss.table.TableInfo}.
 */
@NullMarked
package io.fluss.table;

import org.jspecify.annotations.NullMarked;
