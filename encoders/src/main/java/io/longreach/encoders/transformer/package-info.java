/**
 * One transformer for every family: packed documents through embeddings, layers and norms on a
 * device. A family differs in its parts (embedding tables, attention of each layer, placement of
 * the norms), never in code here. Imports the kernels' patterns, plans and device.
 */
package io.longreach.encoders.transformer;
