/**
 * Helpers for tests of every module: time and loops that a test turns by hand, and programs that
 * are not ours. Single-threaded; a test owns them.
 */
@NullMarked
package io.fluss.testkit;

import org.jspecify.annotations.NullMarked;
