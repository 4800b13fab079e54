package org.rddma.perftest;

import java.util.LinkedHashMap;
import java.util.Map;
import org.rddma.verbs.Device;
import org.rddma.verbs.LinkLayer;
import org.rddma.verbs.NodeType;
import org.rddma.verbs.PortAttributes;
import org.rddma.verbs.WorkRequestOpcode;

/** What describes a run, once for the text header and the JSON document: by perftest's key, in its order, as far as it applies. */
final class TestFacts {
    private final Map<String, Object> facts = new LinkedHashMap<>();

    TestFacts(Settings settings, Side side) {
        Device device = side.context.device();
        PortAttributes port = side.portAttributes();
        add("Dual_port", "OFF");
        add("Device", device.name());
        add("Number_of_qps", settings.queuePairs);
        add("Transport_type", device.attributes().nodeType() == NodeType.RNIC ? "IW" : "IB");
        add("Connection_type", settings.type.name());
        add("Using_SRQ", settings.sharedReceives ? "ON" : "OFF");
        add("TX_depth", settings.txDepth);
        if (settings.postList > 1) {
            add("Post_List", settings.postList);
        }
        if (settings.receivePostList > 1) {
            add("Recv_Post_List", settings.receivePostList);
        }
        if (settings.receives()) {
            add("RX_depth", settings.rxDepth);
        }
        if (!settings.kind.latency) {
            add("CQ_Moderation", settings.cqModeration);
            add("CQE_Poll_Batch", settings.pollBatch);
        }
        add("Mtu", side.mtu().bytes());
        add("Link_type", linkName(port.linkLayer()));
        add("GID_index", settings.gidIndex);
        if (settings.kind.verb.isOneSided()) {
            add("Outstand_reads", side.outstandingReads());
        } else {
            add("Max_inline_data", side.inlineLimit());
        }
        add("rdma_cm_QPs", "OFF");
        add("Data_ex_method", settings.loopback ? "Loopback" : "Ethernet");
        if (settings.ownQueues) {
            add("Completion_queues", settings.queuePairs);
            add("Busy_queues", settings.busyQueuePairs);
        }
        if (settings.events) {
            add("Test with events", "Using_" + device.name() + "_comp" + settings.vector);
        }
        if (!settings.pinCores.isEmpty()) {
            add("Pinned_cores", settings.pinCores.get(0) + "," + settings.pinCores.get(1));
        }
    }

    static String linkName(LinkLayer layer) {
        return switch (layer) {
            case UNSPECIFIED -> "Unspecified";
            case INFINIBAND -> "IB";
            case ETHERNET -> "Ethernet";
        };
    }

    /** Such as {@code RDMA_Write Bidirectional BW Test}. */
    static String title(Settings settings) {
        StringBuilder title = new StringBuilder(settings.kind.verb.title);
        if (settings.withImmediate()) {
            title.append("_imm");
        }
        if (settings.kind.verb == Verb.ATOMIC) {
            title.append(settings.opcode == WorkRequestOpcode.ATOMIC_CMP_AND_SWP ? " CMP_AND_SWAP" : " FETCH_AND_ADD");
        }
        if (settings.bidirectional) {
            title.append(" Bidirectional");
        }
        if (settings.postList > 1) {
            title.append(" Post List");
        }
        return title.append(settings.kind.latency ? " Latency" : " BW")
                .append(" Test")
                .toString();
    }

    Map<String, Object> asMap() {
        return facts;
    }

    private void add(String key, Object value) {
        facts.put(key, value);
    }
}
