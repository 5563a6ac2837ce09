/** A cluster made of plain objects, which answers when a test says so. */
@NullMarked
package io.fluss.client.fake;

import org.jspecify.annotations.NullMarked;
