/** A real cluster: processes of Spark from Maven's jars, and the shaded jar through SparkSubmit. */
package io.longreach.job.cluster;
