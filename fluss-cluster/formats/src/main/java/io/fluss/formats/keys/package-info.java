/** Key encodings, bucket functions and partition names. Pure functions. */
@NullMarked
package io.fluss.formats.keys;

import org.jspecify.annotations.NullMarked;
