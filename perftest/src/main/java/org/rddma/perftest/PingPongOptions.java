package org.rddma.perftest;

import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of a ping-pong, as given: null or false where an option was not. Names and meanings are the C tools'. */
final class PingPongOptions {
    @Parameters(
            arity = "0..1",
            paramLabel = "<host>",
            description = "Be the client, and connect to the server there (default: be the server, and wait).")
    String host;

    @Option(
            names = {"-p", "--port"},
            converter = PingPongNumber.class,
            paramLabel = "<port>",
            description = "TCP port on which the ends tell each other their addresses (default: 18515).")
    Integer tcpPort;

    @Option(
            names = {"-d", "--ib-dev"},
            paramLabel = "<dev>",
            description = "Device, such as roce:10.9.0.2 (default: the first roce device).")
    String device;

    @Option(
            names = "--pcap",
            paramLabel = "<file>",
            description = "Write down all packets, for Wireshark. The C tools do not have it.")
    Path capture;

    @Option(
            names = {"-i", "--ib-port"},
            converter = PingPongNumber.class,
            paramLabel = "<port>",
            description = "Port of the device (default: 1).")
    Integer devicePort;

    @Option(
            names = {"-s", "--size"},
            converter = PingPongNumber.class,
            paramLabel = "<size>",
            description = "Bytes of a message (default: 4096; of ud_pingpong 1024).")
    Integer size;

    @Option(
            names = {"-m", "--mtu"},
            converter = PingPongNumber.class,
            paramLabel = "<size>",
            description = "Path MTU: 256, 512, 1024, 2048 or 4096 (default: 1024). Not for ud_pingpong.")
    Integer mtu;

    @Option(
            names = {"-q", "--num-qp"},
            converter = PingPongNumber.class,
            paramLabel = "<num>",
            description = "Queue pairs of srq_pingpong, the same number at both ends (default: 16).")
    Integer queuePairs;

    @Option(
            names = {"-r", "--rx-depth"},
            converter = PingPongNumber.class,
            paramLabel = "<depth>",
            description = "Receives posted at a time (default: 500).")
    Integer rxDepth;

    @Option(
            names = {"-n", "--iters"},
            converter = PingPongNumber.class,
            paramLabel = "<iters>",
            description = "Round trips (default: 1000).")
    Integer iterations;

    @Option(
            names = {"-l", "--sl"},
            converter = PingPongNumber.class,
            paramLabel = "<sl>",
            description = "Service level (default: 0).")
    Integer serviceLevel;

    @Option(
            names = {"-e", "--events"},
            description = "Sleep on completion events instead of polling.")
    boolean events;

    @Option(
            names = {"-g", "--gid-idx"},
            converter = PingPongNumber.class,
            paramLabel = "<index>",
            description = "Entry of the port's GID table (default: 0, also for -1).")
    Integer gidIndex;

    @Option(
            names = {"-c", "--chk"},
            description = "The server checks the message that it got last.")
    boolean check;

    @Option(
            names = {"-t", "--ts"},
            description = "Report the times between receives by the device's time stamps. Only rc_pingpong.")
    boolean timestamps;

    @Option(
            names = {"-N", "--new_send"},
            description = "Post with the builder of extended sends. Only rc_pingpong.")
    boolean builder;

    @Option(
            names = "--timeout",
            converter = PingPongNumber.class,
            paramLabel = "<seconds>",
            description =
                    "Fail when the peer is silent for so long; 0 waits for ever, as the C tools do (default: 10).")
    Integer timeout;

    @Option(
            names = {"-o", "--odp"},
            hidden = true)
    boolean onDemandPaging;

    @Option(
            names = {"-O", "--iodp"},
            hidden = true)
    boolean implicitOnDemandPaging;

    @Option(
            names = {"-P", "--prefetch"},
            hidden = true)
    boolean prefetch;

    @Option(
            names = {"-U", "--allow-cc-unprotected"},
            hidden = true)
    boolean unprotected; // there is nothing to protect from, or to allow

    @Option(
            names = {"-j", "--dm"},
            hidden = true)
    boolean deviceMemory;
}
