package org.rddma.perftest;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of a test, as given: null or false where an option was not. */
final class TestOptions {
    /** No option: what comes before the phases that count. Tests that look at something else have a short one. */
    PhaseLength warmUp = PhaseLength.WARM_UP;

    @Parameters(
            arity = "0..1",
            paramLabel = "<host>",
            description = "Where the server is. Without it this process is the server, and waits.")
    String host;

    @Option(
            names = "--loopback",
            description =
                    "Run both ends in this process, on two threads; also for devices that reach no other process.")
    boolean loopback;

    @Option(
            names = {"-p", "--port"},
            description = "TCP port on which the server waits for the client (default: 18515).")
    Integer controlPort;

    @Option(
            names = {"-s", "--size"},
            converter = SizeConverter.class,
            description =
                    "Bytes of a message, with K or M (default: 2 for latency, 65536 for bandwidth, 8 for atomics).")
    Integer size;

    @Option(
            names = {"-a", "--all"},
            description = "Sizes 2, 4, ... 8388608, a row each; UD ends at the MTU.")
    boolean all;

    @Option(
            names = {"-n", "--iters"},
            description = "Messages, of a bandwidth test for each queue pair (default: 1000; 5000 for write_bw).")
    Long iterations;

    @Option(
            names = {"-D", "--duration"},
            description = "Run for so many seconds instead of -n messages.")
    Integer duration;

    @Option(
            names = {"-f", "--margin"},
            description = "Seconds at both ends of -D that do not count (default: a quarter of -D).")
    Integer margin;

    @Option(
            names = {"-b", "--bidirectional"},
            description = "Bandwidth in both directions at once.")
    boolean bidirectional;

    @Option(
            names = {"-q", "--qp"},
            description = "Queue pairs of a bandwidth test, which share their completion queues (default: 1).")
    Integer queuePairs;

    @Option(
            names = "--cqs",
            description =
                    "So many queue pairs, each with its own completion queue; all queues of a side share one channel,"
                            + " and the traffic goes round them. Also without -e: then the queue next in turn is polled.")
    Integer completionQueues;

    @Option(
            names = "--busy_cqs",
            description =
                    "Latency: of the --cqs, how many carry traffic; the others are idle, armed with -e (default: all).")
    Integer busyQueues;

    @Option(
            names = "--use-srq",
            description = "SEND: all queue pairs of an end share one receive queue, of -r receives.")
    boolean sharedReceives;

    @Option(
            names = {"-c", "--connection"},
            description = "RC, UC or UD (default: RC).")
    String connection;

    @Option(
            names = {"-t", "--tx-depth"},
            description = "Sends under way (default: 1 for latency, 128 for bandwidth).")
    Integer txDepth;

    @Option(
            names = {"-r", "--rx-depth"},
            description = "Receives posted (default: 512; UC and UD: as many as messages, up to 16000).")
    Integer rxDepth;

    @Option(
            names = {"-Q", "--cq-mod"},
            description = "Ask for a completion of every so manieth send (default: 100; 1 above 8192 bytes).")
    Integer cqModeration;

    @Option(
            names = {"-l", "--post_list"},
            description = "Post chains of so many sends (default: 1).")
    Integer postList;

    @Option(names = "--recv_post_list", description = "Post chains of so many receives (default: 1).")
    Integer receivePostList;

    @Option(names = "--cqe_poll", description = "Completions taken by one poll (default: 16; 1 for latency).")
    Integer pollBatch;

    @Option(
            names = {"-e", "--events"},
            description = "Sleep on completion channels instead of polling.")
    boolean events;

    @Option(
            names = {"-X", "--vector"},
            description = "Completion vector of all queues, with -e (default: 0).")
    Integer vector;

    @Option(
            names = {"-I", "--inline_size"},
            description =
                    "Send inline up to so many bytes (default: latency of WRITE 220, of SEND 236, UD 188; else 0).")
    Integer inlineSize;

    @Option(
            names = {"-o", "--outs"},
            description = "Reads or atomics under way per queue pair (default: what the device can).")
    Integer outstandingReads;

    @Option(
            names = {"-m", "--mtu"},
            description = "256, 512, 1024, 2048 or 4096 (default: the port's).")
    Integer mtu;

    @Option(
            names = {"-d", "--ib-dev"},
            description = "Device (default: the first; for two processes roce:ADDRESS, with the address of this host"
                    + " that the other end sees).")
    String device;

    @Option(
            names = {"-i", "--ib-port"},
            description = "Port of the device (default: 1).")
    Integer port;

    @Option(
            names = {"-x", "--gid-index"},
            description = "Entry of the port's GID table (default: 0).")
    Integer gidIndex;

    @Option(
            names = {"-A", "--atomic_type"},
            description = "FETCH_AND_ADD or CMP_AND_SWAP (default: FETCH_AND_ADD).")
    String atomicType;

    @Option(names = "--write_with_imm", description = "WRITE with immediate data: the peer gets completions.")
    boolean writeWithImmediate;

    @Option(names = "--send_with_imm", description = "SEND with immediate data.")
    boolean sendWithImmediate;

    @Option(
            names = {"-H", "--report-histogram", "--report-histogrm"},
            description = "Print the percentile distribution before the row.")
    boolean reportHistogram;

    @Option(
            names = {"-U", "--report-unsorted"},
            description = "Print all samples in time order before the row.")
    boolean reportUnsorted;

    @Option(names = "--report-both", description = "With -b: a row for each direction, too.")
    boolean reportBoth;

    @Option(names = "--report_gbits", description = "Bandwidth in Gb/sec (10^9 bits) instead of MiB/sec (2^20 bytes).")
    boolean reportGbits;

    @Option(
            names = {"-N", "--noPeak"},
            description = "No peak bandwidth, and no time stamp per message.")
    boolean noPeak;

    @Option(
            names = "--output",
            description =
                    "Print one bare number: bandwidth or message_rate of a bandwidth test, the typical latency of a"
                            + " latency test.")
    String output;

    @Option(names = "--out_json", description = "Write a JSON report.")
    boolean outJson;

    @Option(names = "--out_json_file", description = "Where to (default: perftest_out.json).")
    Path outJsonFile;

    @Option(names = "--hdr_log", description = "Write the round trip times to a log in HdrHistogram's format.")
    Path hdrLog;

    @Option(
            names = "--percentiles",
            split = ",",
            paramLabel = "<p>",
            description = "Further percentiles to report, such as 95,99.5.")
    List<Double> percentiles;

    @Option(
            names = {"-w", "--limit_bw"},
            description = "Fail when the average bandwidth, in the unit of the report, is below.")
    Double limitBandwidth;

    @Option(
            names = {"-y", "--limit_msgrate"},
            description = "Fail when the message rate, in Mpps, is below.")
    Double limitMessageRate;

    @Option(
            names = "--limits",
            description =
                    "Measure the machine's limits between rounds of the test, and print the test's medians as multiples."
                            + " Without -n and -D a round takes 0.2 seconds; without --pin_cores the threads are bound to two"
                            + " processors.")
    boolean limits;

    @Option(
            names = "--pin_cores",
            split = ",",
            paramLabel = "<cpu>",
            description = "Bind the client's thread to the first and the server's to the second.")
    List<Integer> pinCores;

    @Option(
            names = "--pcap",
            description = "Write the packets of this process to a file that Wireshark reads (pcapng).")
    Path capture;

    @Option(names = "--perform_warm_up", description = "Accepted: every test warms up.")
    boolean performWarmUp;

    @Option(
            names = {"-F", "--CPU-freq"},
            description = "Accepted: the clock does not depend on the processor's frequency.")
    boolean cpuFrequency;
}
