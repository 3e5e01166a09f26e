/** What a run did, as JSON and as a page without anything from outside. Knows no Spark. */
package io.longreach.job.report;
