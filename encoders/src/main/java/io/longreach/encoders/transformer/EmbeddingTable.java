package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Device;

/** One summand of the embedding: a table and the rows that the tokens read. */
public record EmbeddingTable(Device.Table table, IndexSource index) {}
