package org.rddma.perftest;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkRequestOpcode;

/** What a test is to do: the options after all rules and defaults. Sizes that the device limits are settled in {@link Side}. */
final class Settings {
    private static final int CONTROL_PORT = 18515;
    private static final int ALL_SIZES_LAST = 1 << 23;
    private static final int ROUNDS_WITH_LIMITS = 7;
    private static final long MODERATION_ENDS = 8192;
    private static final int PEAK_ENDS = 20_000;
    private static final int UNRELIABLE_RECEIVES = 16_000;

    /** Whether both ends are in this process. */
    final boolean loopback;
    /** Where the server is; null for the server itself. */
    final String host;
    /** The TCP port on which the ends of two processes meet. */
    final int controlPort;

    final PhaseLength warmUp;

    final TestKind kind;
    final WorkRequestOpcode opcode;
    final QueuePairType type;
    final boolean all;
    final int size;
    final boolean sizeGiven;
    final long iterations;
    final boolean iterationsGiven;
    /** 0 when {@link #iterations} count. */
    final long durationNanos;

    final long marginNanos;
    final boolean bidirectional;
    final int queuePairs;
    /** Of the queue pairs, those that carry the traffic of a latency test. */
    final int busyQueuePairs;

    final boolean ownQueues;
    /** Whether the queue pairs of an end take their receives from one queue. */
    final boolean sharedReceives;

    final int txDepth;
    final int rxDepth;
    final int cqModeration;
    final int postList;
    final int receivePostList;
    final int pollBatch;
    final boolean events;
    final int vector;
    final int inlineSize;
    final boolean inlineGiven;
    /** 0 for what the device can. */
    final int outstandingReads;
    /** Null for the port's. */
    final Mtu mtu;
    /** Null for the first. */
    final String device;

    final int port;
    final int gidIndex;
    final boolean reportHistogram;
    final boolean reportUnsorted;
    final boolean reportBoth;
    final boolean reportGbits;
    final boolean peak;
    final String output;
    /** Null for none. */
    final Path json;
    /** Null for none. */
    final Path hdrLog;

    /** Null for none. */
    final Path capture;

    final List<Double> percentiles;
    final Double limitBandwidth;
    final Double limitMessageRate;
    final boolean limits;
    /** How often everything is measured: once, or alternating with the limits. */
    final int rounds;
    /** Empty for no pinning. */
    final List<Integer> pinCores;

    private Settings(TestKind kind, TestOptions given) {
        this.kind = kind;
        warmUp = given.warmUp;
        loopback = given.loopback;
        host = given.host;
        controlPort = or(given.controlPort, CONTROL_PORT);
        opcode = opcodeOf(kind, given);
        type = QueuePairType.valueOf(connectionOf(given));
        all = given.all;
        sizeGiven = given.size != null;
        size = sizeGiven ? given.size : kind.verb == Verb.ATOMIC ? 8 : kind.latency ? 2 : 65536;
        long defaultIterations = kind == TestKind.WRITE_BW ? 5000 : 1000;
        iterationsGiven = given.iterations != null;
        iterations = iterationsGiven ? given.iterations : defaultIterations;
        durationNanos = given.duration == null ? 0 : TimeUnit.SECONDS.toNanos(given.duration);
        marginNanos = given.margin == null ? durationNanos / 4 : TimeUnit.SECONDS.toNanos(given.margin);
        bidirectional = given.bidirectional;
        sharedReceives = given.sharedReceives;
        ownQueues = given.completionQueues != null;
        queuePairs = ownQueues ? given.completionQueues : or(given.queuePairs, 1);
        busyQueuePairs = or(given.busyQueues, queuePairs);
        boolean timed = durationNanos > 0;
        int depth = or(given.txDepth, kind.latency ? 1 : 128);
        txDepth = timed ? depth : (int) Math.min(depth, iterations);
        rxDepth = rxDepth(kind, given, type, timed ? Long.MAX_VALUE : iterations);
        postList = or(given.postList, 1);
        OptionRules.refuseIf(postList > txDepth, "-l " + postList + " does not fit into -t " + txDepth);
        OptionRules.refuseIf(
                !timed && iterations % postList != 0,
                "-n must be a multiple of -l: " + iterations + " is none of " + postList);
        cqModeration = moderation(given);
        OptionRules.refuseIf(
                postList > 1 && postList % cqModeration != 0,
                "-l must be a multiple of -Q, so that the last send of each chain completes: " + postList
                        + " is none of " + cqModeration);
        OptionRules.refuseIf(
                sharedReceives && rxDepth < queuePairs,
                "--use-srq: " + rxDepth + " receives are too few for " + queuePairs + " queue pairs: raise -r");
        receivePostList = or(given.receivePostList, 1);
        OptionRules.refuseIf(
                receivePostList > 1 && (receivePostList > rxDepth || rxDepth % receivePostList != 0),
                "--recv_post_list must divide -r " + rxDepth);
        pollBatch = or(given.pollBatch, kind.latency ? 1 : 16);
        events = given.events;
        vector = or(given.vector, 0);
        inlineSize = or(given.inlineSize, defaultInline());
        inlineGiven = given.inlineSize != null;
        outstandingReads = or(given.outstandingReads, 0);
        mtu = given.mtu == null ? null : Mtu.ofBytes(given.mtu);
        device = given.device;
        port = or(given.port, 1);
        gidIndex = or(given.gidIndex, 0);
        reportHistogram = given.reportHistogram;
        reportUnsorted = given.reportUnsorted;
        reportBoth = given.reportBoth;
        reportGbits = given.reportGbits;
        peak = !kind.latency && !given.noPeak && !timed && iterations * queuePairs <= PEAK_ENDS;
        output = given.output;
        json = given.outJsonFile != null ? given.outJsonFile : given.outJson ? Path.of("perftest_out.json") : null;
        hdrLog = given.hdrLog;
        capture = given.capture;
        percentiles = given.percentiles == null ? List.of() : given.percentiles;
        limitBandwidth = given.limitBandwidth;
        limitMessageRate = given.limitMessageRate;
        limits = given.limits;
        rounds = limits ? ROUNDS_WITH_LIMITS : 1;
        pinCores = given.pinCores != null ? given.pinCores : limits ? Processors.two() : List.of();
    }

    static Settings of(TestKind kind, TestOptions given) {
        new OptionRules(kind, given).check();
        return new Settings(kind, given);
    }

    static String connectionOf(TestOptions given) {
        return given.connection == null ? "RC" : given.connection.toUpperCase(Locale.ROOT);
    }

    /** Whether messages of this test consume receives. */
    static boolean receives(TestKind kind, TestOptions given) {
        return kind.verb == Verb.SEND || given.writeWithImmediate;
    }

    boolean receives() {
        return kind.verb == Verb.SEND || opcode == WorkRequestOpcode.RDMA_WRITE_WITH_IMM;
    }

    boolean withImmediate() {
        return opcode == WorkRequestOpcode.RDMA_WRITE_WITH_IMM || opcode == WorkRequestOpcode.SEND_WITH_IMM;
    }

    /** Whether one wait must see both what was sent and what came: then both go to one channel. */
    boolean isDuplex() {
        return bidirectional && receives();
    }

    boolean isTimed() {
        return durationNanos > 0;
    }

    /** What a round trip is divided by: 2 where the peer answers, so that half of it is one way. */
    int rttDivisor() {
        return kind.verb.isOneSided() ? 1 : 2;
    }

    /** The sizes to run, given the largest that the device allows. */
    int[] sizes(long largest) {
        if (!all) {
            return new int[] {sizeGiven ? size : (int) Math.min(size, largest)};
        }
        int count = 0;
        while (2L << count <= Math.min(largest, ALL_SIZES_LAST)) {
            count++;
        }
        int[] sizes = new int[count];
        for (int i = 0; i < count; i++) {
            sizes[i] = 2 << i;
        }
        return sizes;
    }

    private static int or(Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }

    private static WorkRequestOpcode opcodeOf(TestKind kind, TestOptions given) {
        return switch (kind.verb) {
            case SEND -> given.sendWithImmediate ? WorkRequestOpcode.SEND_WITH_IMM : WorkRequestOpcode.SEND;
            case WRITE ->
                given.writeWithImmediate ? WorkRequestOpcode.RDMA_WRITE_WITH_IMM : WorkRequestOpcode.RDMA_WRITE;
            case READ -> WorkRequestOpcode.RDMA_READ;
            case ATOMIC ->
                "CMP_AND_SWAP".equals(given.atomicType)
                        ? WorkRequestOpcode.ATOMIC_CMP_AND_SWP
                        : WorkRequestOpcode.ATOMIC_FETCH_AND_ADD;
        };
    }

    private static int rxDepth(TestKind kind, TestOptions given, QueuePairType type, long iterations) {
        if (!receives(kind, given)) {
            return 1;
        }
        // what is not connected reliably drops messages for which no receive is posted
        int otherwise = type == QueuePairType.RC ? 512 : UNRELIABLE_RECEIVES;
        int depth = (int) Math.min(or(given.rxDepth, otherwise), iterations);
        return depth + (depth > 1 ? depth & 1 : 0);
    }

    private int moderation(TestOptions given) {
        if (kind.latency && kind.verb.isOneSided()) {
            return 1; // the completion is what is measured
        }
        if (given.cqModeration != null) {
            return Math.min(given.cqModeration, txDepth);
        }
        if (postList > 1) {
            return postList;
        }
        boolean large = size > MODERATION_ENDS && type != QueuePairType.UD && !all && !given.events;
        return large ? 1 : Math.min(100, txDepth);
    }

    private int defaultInline() {
        if (!kind.latency || kind.verb.isOneSided()) {
            return 0;
        }
        return kind.verb == Verb.WRITE ? 220 : type == QueuePairType.UD ? 188 : 236;
    }
}
