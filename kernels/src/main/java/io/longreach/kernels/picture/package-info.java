/** Patterns for the eye: masks as text and as images. Imports {@code pattern} only. */
package io.longreach.kernels.picture;
