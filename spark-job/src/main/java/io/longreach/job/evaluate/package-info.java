/** Retrieval quality on real text: halves of long documents find their other half. */
package io.longreach.job.evaluate;
