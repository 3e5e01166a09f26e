/**
 * How much each document costs, and which task embeds it, in memory on the driver that does not
 * grow with the documents.
 */
package io.longreach.job.plan;
