/** Where documents come from: one class a format, all giving {@link Document}s. */
package io.longreach.job.input;
