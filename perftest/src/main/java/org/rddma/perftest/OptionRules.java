package org.rddma.perftest;

import org.rddma.verbs.Mtu;

/** Which options go together; each refusal is a sentence. What depends on the device is checked when it is open. */
final class OptionRules {
    private final TestKind kind;
    private final TestOptions given;

    OptionRules(TestKind kind, TestOptions given) {
        this.kind = kind;
        this.given = given;
    }

    void check() {
        checkEnds();
        checkConnection();
        checkAmount();
        checkQueues();
        checkEvents();
        checkReport();
    }

    private void checkEnds() {
        refuseIf(
                given.loopback && given.host != null,
                "<host> ('" + given.host + "') is for two processes, --loopback for one: give one of them");
        refuseIf(
                given.loopback && given.controlPort != null,
                "-p: the ends of two processes meet there; --loopback has one, and needs no port");
        range("-p", given.controlPort, 1, 65535);
        refuseIf(
                given.limits && !given.loopback,
                "--limits compares with what two threads of this process can do: give --loopback");
        refuseIf(given.pinCores != null && given.pinCores.size() != 2, "--pin_cores takes two processors, such as 0,1");
    }

    private void checkConnection() {
        String connection = Settings.connectionOf(given);
        switch (connection) {
            case "RC" -> {}
            case "UC" ->
                refuseIf(
                        kind.verb.isOneSided(),
                        "-c UC: an unreliable connection can do neither READ nor atomics; use RC");
            case "UD" -> refuseIf(kind.verb != Verb.SEND, "-c UD: datagrams can only SEND; use RC");
            case "XRC", "DC", "SRD" -> refuse("-c " + connection + " is not there yet: give RC, UC or UD");
            default -> refuse("-c " + connection + " is no connection type: give RC, UC or UD");
        }
        refuseIf(given.atomicType != null && kind.verb != Verb.ATOMIC, "-A is for atomic_lat and atomic_bw");
        refuseIf(
                given.atomicType != null
                        && !given.atomicType.equals("FETCH_AND_ADD")
                        && !given.atomicType.equals("CMP_AND_SWAP"),
                "-A takes FETCH_AND_ADD or CMP_AND_SWAP");
        refuseIf(given.writeWithImmediate && kind.verb != Verb.WRITE, "--write_with_imm is for write_lat and write_bw");
        refuseIf(given.sendWithImmediate && kind.verb != Verb.SEND, "--send_with_imm is for send_lat and send_bw");
        refuseIf(given.outstandingReads != null && !kind.verb.isOneSided(), "-o is for READ and atomics");
        range("-o", given.outstandingReads, 1, 255);
        refuseIf(given.mtu != null && Mtu.ofBytes(given.mtu) == null, "-m takes 256, 512, 1024, 2048 or 4096");
        range("-i", given.port, 1, 255);
        range("-x", given.gidIndex, 0, 64);
    }

    private void checkAmount() {
        if (kind.verb == Verb.ATOMIC) {
            refuseIf(given.all, "-a: an atomic always works on 8 bytes");
            refuseIf(given.size != null && given.size != 8, "-s: an atomic always works on 8 bytes");
        }
        refuseIf(given.size != null && given.all, "-s and -a exclude each other: -a runs all sizes");
        range("-s", given.size, 1, Integer.MAX_VALUE);
        refuseIf(given.duration != null && given.all, "-D and -a exclude each other: -D measures one size");
        refuseIf(given.duration != null && given.iterations != null, "-D and -n exclude each other: time or messages");
        range("-D", given.duration, 1, 1_000_000);
        if (given.iterations != null && (given.iterations < 5 || given.iterations > 1L << 32)) {
            refuse("-n takes 5 to 4294967296");
        }
        refuseIf(given.margin != null && given.duration == null, "-f trims the time of -D: give -D too");
        refuseIf(given.margin != null && given.margin < 0, "-f takes 0 or more seconds");
        refuseIf(
                given.margin != null && given.duration <= 2L * given.margin,
                "-f: twice the margin must be less than the duration, or nothing is left to measure");
    }

    private void checkQueues() {
        refuseIf(given.bidirectional && kind.latency, "-b is for bandwidth: a latency test goes both ways already");
        refuseIf(
                given.queuePairs != null && kind.latency,
                "-q is for bandwidth; --cqs gives a latency test many queues");
        refuseIf(
                given.queuePairs != null && given.completionQueues != null,
                "-q and --cqs exclude each other: queue pairs that share completion queues, or have their own");
        range("-q", given.queuePairs, 1, 16384);
        range("--cqs", given.completionQueues, 1, 16384);
        refuseIf(
                given.busyQueues != null && (given.completionQueues == null || !kind.latency),
                "--busy_cqs is for latency tests with --cqs");
        range("--busy_cqs", given.busyQueues, 1, given.completionQueues == null ? 1 : given.completionQueues);
        range("-t", given.txDepth, 1, 15000);
        refuseIf(
                given.rxDepth != null && !Settings.receives(kind, given),
                "-r: " + kind.command() + " posts no receives; they are for SEND and --write_with_imm");
        refuseIf(
                given.receivePostList != null && !Settings.receives(kind, given),
                "--recv_post_list: " + kind.command() + " posts no receives; they are for SEND and --write_with_imm");
        range("-r", given.rxDepth, 1, 16384);
        refuseIf(
                given.sharedReceives && kind.verb != Verb.SEND,
                "--use-srq is for send_lat and send_bw: " + kind.command() + " has no receives to share");
        range("-Q", given.cqModeration, 1, 1024);
        refuseIf(
                given.cqModeration != null && kind.latency && kind.verb.isOneSided(),
                "-Q: " + kind.command() + " waits for every completion");
        range("--cqe_poll", given.pollBatch, 1, 1024);
        refuseIf(
                given.postList != null && kind.latency,
                "-l is for bandwidth: a latency test has one message under way");
        range("-l", given.postList, 1, 15000);
        if (given.inlineSize != null) {
            refuseIf(kind.verb.isOneSided(), "-I: READ and atomics carry no data out, so nothing can be inline");
            range("-I", given.inlineSize, 0, 1024);
        }
    }

    private void checkEvents() {
        boolean memoryPolled = kind.verb == Verb.WRITE && !given.writeWithImmediate;
        refuseIf(
                given.events && memoryPolled,
                "-e: the receiver of a WRITE gets no completion to be woken by; add --write_with_imm");
        refuseIf(given.vector != null && !given.events, "-X chooses where events are raised: give -e too");
        refuseIf(given.vector != null && kind.verb == Verb.WRITE, "-X is not for WRITE");
        range("-X", given.vector, 0, 2048);
    }

    private void checkReport() {
        refuseIf(given.reportHistogram && !kind.latency, "-H is for latency tests: bandwidth has no percentiles");
        refuseIf(given.reportUnsorted && !kind.latency, "-U is for latency tests");
        refuseIf(given.hdrLog != null && !kind.latency, "--hdr_log is for latency tests");
        refuseIf(given.percentiles != null && !kind.latency, "--percentiles is for latency tests");
        refuseIf(
                given.percentiles != null && given.percentiles.stream().anyMatch(p -> !(p > 0 && p < 100)),
                "--percentiles takes numbers between 0 and 100");
        refuseIf(given.reportUnsorted && given.duration != null, "-U keeps every sample, so it needs -n, not -D");
        refuseIf(
                given.reportUnsorted && given.iterations != null && given.iterations > 10_000_000,
                "-U keeps every sample: give -n 10000000 or less");
        refuseIf(given.reportBoth && !given.bidirectional, "--report-both is for both directions: give -b too");
        refuseIf(given.reportGbits && kind.latency, "--report_gbits is for bandwidth tests");
        refuseIf(given.noPeak && kind.latency, "-N is for bandwidth tests: latency has no peak");
        refuseIf(given.limitBandwidth != null && kind.latency, "-w is for bandwidth tests");
        refuseIf(given.limitMessageRate != null && kind.latency, "-y is for bandwidth tests");
        if (given.output != null) {
            boolean known = kind.latency
                    ? given.output.equals("latency")
                    : given.output.equals("bandwidth") || given.output.equals("message_rate");
            refuseIf(!known, "--output takes " + (kind.latency ? "latency" : "bandwidth or message_rate") + " here");
        }
    }

    private static void range(String option, Integer value, int from, int to) {
        if (value != null && (value < from || value > to)) {
            refuse(option + " takes " + from + " to " + to + ", not " + value);
        }
    }

    static void refuseIf(boolean wrong, String sentence) {
        if (wrong) {
            refuse(sentence);
        }
    }

    private static void refuse(String sentence) {
        throw new UsageException(sentence);
    }
}
