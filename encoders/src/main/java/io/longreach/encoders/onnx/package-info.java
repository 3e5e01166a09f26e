/** Weights out of ONNX files: only the initialisers, never the graph's arithmetic. */
package io.longreach.encoders.onnx;
