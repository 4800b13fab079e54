package org.rddma.perftest;

import java.nio.file.Path;
import org.rddma.verbs.Mtu;

/** What a ping-pong is to do, checked as far as that is possible without the device. */
final class PingPongSettings {
    final PingPongKind kind;

    /** Null for the server. */
    final String host;

    final int tcpPort;

    /** Null for the first that fits. */
    final String device;

    /** Where the packets go; null for nowhere. */
    final Path capture;

    final int devicePort;
    final int size;
    final Mtu mtu;
    final int queuePairs;
    final int rxDepth;
    final int iterations;
    final int serviceLevel;
    final boolean events;
    final int gidIndex;
    final boolean check;
    final boolean timestamps;
    final boolean builder;

    /** For how long the peer may be silent; 0 for ever. */
    final long timeoutNanos;

    PingPongSettings(PingPongKind kind, PingPongOptions given) {
        this.kind = kind;
        host = given.host;
        tcpPort = number("-p", given.tcpPort, 18515, 1, 65535);
        device = given.device;
        capture = given.capture;
        devicePort = number("-i", given.devicePort, 1, 1, 255);
        size = number("-s", given.size, kind.defaultSize(), 0, Integer.MAX_VALUE - kind.headerBytes());
        refuseIf(given.mtu != null && kind == PingPongKind.UD, "-m: ud_pingpong has no path MTU: leave it out");
        mtu = Mtu.ofBytes(given.mtu == null ? 1024 : given.mtu);
        refuseIf(mtu == null, "-m takes 256, 512, 1024, 2048 or 4096, not " + given.mtu);
        rxDepth = number("-r", given.rxDepth, 500, 1, 1 << 20);
        refuseIf(given.queuePairs != null && kind != PingPongKind.SRQ, "-q is for srq_pingpong");
        queuePairs =
                kind == PingPongKind.SRQ ? number("-q", given.queuePairs, 16, 1, PingPongKind.MOST_QUEUE_PAIRS - 1) : 1;
        refuseIf(
                queuePairs > rxDepth,
                "-r: " + rxDepth + " receives are too few for " + queuePairs + " queue pairs: give each one at least");
        iterations = number("-n", given.iterations, 1000, 1, Integer.MAX_VALUE);
        serviceLevel = number("-l", given.serviceLevel, 0, 0, 15);
        events = given.events;
        gidIndex = Math.max(0, number("-g", given.gidIndex, 0, -1, 255));
        check = given.check;
        refuseIf(given.timestamps && kind != PingPongKind.RC, "-t is for rc_pingpong");
        timestamps = given.timestamps;
        refuseIf(given.builder && kind != PingPongKind.RC, "-N is for rc_pingpong");
        builder = given.builder;
        timeoutNanos = number("--timeout", given.timeout, 10, 0, 1_000_000) * 1_000_000_000L;
        refuseIf(
                given.onDemandPaging || given.implicitOnDemandPaging || given.prefetch,
                "-o, -O and -P are for memory that is paged on demand, which no device here needs: leave them out");
        refuseIf(given.deviceMemory, "-j is for memory on the device, which no device here has: leave it out");
    }

    boolean isClient() {
        return host != null;
    }

    private static int number(String option, Integer given, int otherwise, int least, int most) {
        int value = given == null ? otherwise : given;
        refuseIf(value < least || value > most, option + " takes " + least + " to " + most + ", not " + value);
        return value;
    }

    private static void refuseIf(boolean wrong, String sentence) {
        if (wrong) {
            throw new UsageException(sentence);
        }
    }
}
