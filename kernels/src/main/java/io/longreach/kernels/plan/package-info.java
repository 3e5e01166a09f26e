/**
 * When it is computed: patterns lowered to plain data that every device runs. Imports {@code
 * pattern} only.
 */
package io.longreach.kernels.plan;
