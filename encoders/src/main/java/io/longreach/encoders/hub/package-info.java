/**
 * Models of the Hugging Face hub, downloaded into the cache that its own tools use. Imports {@code
 * checkpoint}.
 */
package io.longreach.encoders.hub;
