/**
 * How much each document costs, and which task embeds it, in memory on the driver that does not
 * grow with the documents, and without regard to the order in which an input gives them.
 */
package io.longreach.job.plan;
