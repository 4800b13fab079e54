package org.rddma.perftest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Options that perftest has and this does not, and why: nobody shall wonder whether one was ignored. */
final class RefusedOptions {
    private static final Map<String, String> REASONS = new LinkedHashMap<>();

    private static final String NO_CM = "there is no connection manager";
    private static final String NO_MULTICAST = "there is no multicast yet";
    private static final String NO_PACING = "there is no pacing yet";
    private static final String RAW = "raw Ethernet needs a network card";
    private static final String VENDOR =
            "this is a feature of particular hardware, which a software device does not have";
    private static final String PATH = "the way to the other end is the plain one, from the GID of -x";
    private static final String MEMORY = "memory always comes from a direct buffer";

    static {
        refuse("give -D with a long time instead", "--run_infinitely");
        refuse("start the server where the messages are to go", "--reversed");
        refuse("one port is measured at a time: choose it with -i", "-O", "--dualport", "--report-per-port");
        refuse(NO_CM, "-z", "--comm_rdma_cm", "-R", "--rdma_cm", "--retry_count");
        refuse(NO_MULTICAST, "-g", "--mcg", "-M", "--MGID", "--connectionless");
        refuse("a gap between messages is not there yet; a sample would not hold it anyway", "--latency_gap");
        refuse("polling always takes --cqe_poll completions", "--disable_dynamic_polling");
        refuse("the queue pairs of an end share one region", "--mr_per_qp");
        refuse(MEMORY, "--use-null-mr", "--odp", "--use_hugepages", "--mmap", "--mmap-offset");
        refuse("there are no thread domains yet", "--no_lock");
        refuse("there is one way to post", "--use_old_post_send");
        refuse("it is 14, 67 ms, with 7 retries", "-u", "--qp-timeout");
        refuse("nothing is left to look at once the run is over", "--wait_destroy");
        refuse(
                PATH,
                "-S",
                "--sl",
                "--tclass",
                "--flow_label",
                "--pkey_index",
                "--dlid",
                "-T",
                "--tos",
                "-L",
                "--hop_limit",
                "--force-link",
                "--ipv6",
                "--ipv6-addr",
                "--bind_source_ip");
        refuse("times are in microseconds, and in nanoseconds in the log and in JSON", "-C", "--report-cycles");
        refuse("not there yet: measure the process from outside", "--cpu_util");
        refuse("the device has no port counters yet", "-W", "--report-counters");
        refuse(NO_PACING, "--rate_limit", "--rate_units", "--rate_limit_type", "--burst_size", "--typical_pkt_size");
        refuse("the tests of this project check the bytes", "--data_validation", "--data_validation_debug");
        refuse("the data does not matter to a software device", "--payload_file_path");
        refuse("give --pin_cores, or start it with numactl", "--numa_node", "--disable_numa");
        refuse("ends of different versions do not understand each other", "--dont_xchg_versions");
        refuse(
                RAW,
                "-B",
                "-E",
                "-J",
                "-j",
                "-K",
                "-k",
                "-Y",
                "-Z",
                "-P",
                "-v",
                "-G",
                "--flows",
                "--flows_burst",
                "--promiscuous",
                "--sniffer",
                "--tcp",
                "--raw_ipv6",
                "--raw_mcast",
                "--reply_every",
                "--source_mac",
                "--dest_mac",
                "--source_ip",
                "--dest_ip",
                "--source_port",
                "--dest_port",
                "--local_mac",
                "--remote_mac",
                "--local_ip",
                "--remote_ip",
                "--local_port",
                "--remote_port",
                "--ethertype",
                "--rss");
    }

    /** Families of options, by how they begin. */
    private static final Map<String, String> FAMILIES = new LinkedHashMap<>();

    static {
        for (String prefix : List.of(
                "--use_cuda",
                "--use_musa",
                "--use_rocm",
                "--use_neuron",
                "--use_hl",
                "--use_mlu",
                "--use_opencl",
                "--use_ib_dm",
                "--use_data_direct",
                "--use_ooo",
                "--gpu_touch",
                "--aes",
                "--sig_offload",
                "--tph_mem",
                "--cpu_id",
                "--ph",
                "--congest_type",
                "--log_dci_streams",
                "--log_active_dci_streams",
                "--no_enhanced_reorder",
                "--unsolicited_write",
                "--disable_pcie_relaxed")) {
            FAMILIES.put(prefix, VENDOR);
        }
        FAMILIES.put("--vlan", RAW);
    }

    private RefusedOptions() {}

    private static void refuse(String reason, String... names) {
        for (String name : names) {
            REASONS.put(name, reason);
        }
    }

    /** Why this argument is refused; null when it is no option of perftest. */
    static String reason(String argument) {
        int equals = argument.indexOf('=');
        String name = equals < 0 ? argument : argument.substring(0, equals);
        if (!name.startsWith("--") && name.length() > 2) {
            name = name.substring(0, 2); // -p18515
        }
        String reason = REASONS.get(name);
        if (reason != null) {
            return name + ": " + reason;
        }
        for (Map.Entry<String, String> family : FAMILIES.entrySet()) {
            if (name.startsWith(family.getKey())) {
                return name + ": " + family.getValue();
            }
        }
        return null;
    }
}
