/**
 * Cases that judge a cluster as a black box, with nothing but the published Java client. {@link
 * io.fluss.conformance.ConformanceIT} runs them all; {@link io.fluss.conformance.Case} is what they
 * share. The cases are the project's own and know no class of it.
 */
package io.fluss.conformance;
