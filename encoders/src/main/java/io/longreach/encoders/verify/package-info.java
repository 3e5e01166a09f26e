/**
 * Golden cases: folders that hold inputs and the outputs of a published implementation. {@link
 * io.longreach.encoders.verify.Verification} finds them below a directory and runs each on every
 * engine; behind {@code bin/longreach verify DIR}.
 */
package io.longreach.encoders.verify;
