/** Spark Connect: a server and a client in processes of their own. */
package io.longreach.job.connect;
