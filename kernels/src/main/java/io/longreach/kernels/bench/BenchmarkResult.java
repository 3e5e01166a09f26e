package io.longreach.kernels.bench;

import java.util.OptionalDouble;

/**
 * The medians of one benchmark. Ratios are medians of ratios taken pair by pair, so that they hold
 * when the machine's speed drifts; they need not equal the ratio of the medians.
 *
 * @param seconds one run
 * @param gflops useful GFLOP/s
 * @param peakRatio useful GFLOP/s over the FMA peak measured just before
 * @param bytesPerToken memory that one run allocates on its thread beyond its arguments, per token
 * @param peer name of the peer, empty when there is none
 * @param peerRatio the peer's seconds over ours: above 1 means faster than the peer
 * @param readings how many pairs the medians are taken over
 */
public record BenchmarkResult(
    String name,
    double seconds,
    OptionalDouble gflops,
    OptionalDouble peakRatio,
    OptionalDouble tokensPerSecond,
    OptionalDouble bytesPerToken,
    String peer,
    OptionalDouble peerRatio,
    int readings) {}
