/**
 * The node tree in ZooKeeper, and a ZooKeeper inside this process. The only user of Curator and
 * ZooKeeper classes; their threads are their own and never touch cluster state.
 */
@NullMarked
package io.fluss.metastore.zookeeper;

import org.jspecify.annotations.NullMarked;
