/**
 * Column statistics of log batches: which columns have them, and their bytes (data formats
 * document, section 4.7). Pure functions.
 */
@NullMarked
package io.fluss.formats.statistics;

import org.jspecify.annotations.NullMarked;
