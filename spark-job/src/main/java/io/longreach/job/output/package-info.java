/** What the written rows look like: their columns, their formats, and copies in other formats. */
package io.longreach.job.output;
