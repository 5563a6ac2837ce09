/** Our client against the published server. */
@NullMarked
package io.fluss.client.published;

import org.jspecify.annotations.NullMarked;
