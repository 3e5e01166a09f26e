/**
 * The oracle: everything once more in straightforward double precision, as the papers write it and
 * without regard to speed. Imports {@code pattern}, {@code plan} and {@code device}; never {@code
 * cpu}.
 */
package io.longreach.kernels.reference;
