/**
 * JSON documents of the protocol and of remote storage. Pure functions; start at {@link
 * io.fluss.formats.json.TableJson}.
 */
@NullMarked
package io.fluss.formats.json;

import org.jspecify.annotations.NullMarked;
