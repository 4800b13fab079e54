package org.rddma.perftest;

import java.io.PrintStream;
import java.util.Locale;
import java.util.TreeSet;
import org.rddma.verbs.AtomicCapability;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.DeviceAttributes;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.GidEntry;
import org.rddma.verbs.GidType;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.NodeType;
import org.rddma.verbs.PortAttributes;
import org.rddma.verbs.PortState;

/** Prints attributes in ibv_devinfo's layout. */
final class DeviceInfo {
    private static final int TAB = 8;
    private static final int DEVICE_VALUE_COLUMN = 40;
    private static final int PORT_VALUE_COLUMN = 48;

    private final PrintStream out;
    private final boolean verbose;

    DeviceInfo(PrintStream out, boolean verbose) {
        this.out = out;
        this.verbose = verbose;
    }

    void device(Context context) {
        Device device = context.device();
        DeviceAttributes attributes = device.attributes();
        out.print("hca_id:\t" + device.name() + "\n");
        // transport types have numbers of their own: InfiniBand 0, iWARP 1
        boolean iwarp = attributes.nodeType() == NodeType.RNIC;
        one("transport", iwarp ? "iWARP (1)" : "InfiniBand (0)");
        if (!attributes.firmwareVersion().isEmpty()) {
            one("fw_ver", attributes.firmwareVersion());
        }
        one("node_guid", guid(attributes.nodeGuid()));
        one("sys_image_guid", guid(attributes.systemImageGuid()));
        one("vendor_id", hex("0x%04x", attributes.vendorId()));
        one("vendor_part_id", attributes.vendorPartId());
        one("hw_ver", hex("0x%X", attributes.hardwareVersion()));
        one("phys_port_cnt", attributes.ports());
        if (verbose) {
            limits(attributes);
        }
    }

    private void limits(DeviceAttributes attributes) {
        DeviceLimits limits = attributes.limits();
        one("max_mr_size", String.format(Locale.ROOT, "0x%x", limits.maxMemoryRegionSize()));
        one("max_qp", limits.maxQueuePairs());
        one("max_qp_wr", limits.maxQueuePairWorkRequests());
        one("device_cap_flags", hex("0x%08x", attributes.capabilityFlags()));
        one("max_sge", limits.maxScatterGatherElements());
        one("max_inline_data", limits.maxInlineData());
        one("max_cq", limits.maxCompletionQueues());
        one("max_cqe", limits.maxCompletionQueueEntries());
        one("max_comp_channels", limits.maxCompletionChannels());
        one("max_mr", limits.maxMemoryRegions());
        one("max_pd", limits.maxProtectionDomains());
        one("max_qp_rd_atom", limits.maxQueuePairReadAtomics());
        one("max_qp_init_rd_atom", limits.maxQueuePairInitiatedReadAtomics());
        AtomicCapability atomic = attributes.atomicCapability();
        one("atomic_cap", "ATOMIC_" + atomic + " (" + atomic.value() + ")");
        one("max_mw", limits.maxMemoryWindows());
        one("max_mcast_grp", limits.maxMulticastGroups());
        one("max_mcast_qp_attach", limits.maxMulticastMembers());
        one("max_ah", limits.maxAddressHandles());
        one("max_srq", limits.maxSharedReceiveQueues());
        one("max_srq_wr", limits.maxSharedReceiveRequests());
        one("max_srq_sge", limits.maxSharedReceiveElements());
        one("max_pkeys", limits.maxPartitionKeys());
        one("num_comp_vectors", attributes.completionVectors());
        one("hca_core_clock", attributes.clockKilohertz() + "kHZ");
        one("max_cq_count", limits.maxModerationCount());
        one("max_cq_period", limits.maxModerationPeriodMicros() + " us");
        one("capabilities", new TreeSet<>(attributes.capabilities()).toString());
    }

    void port(Context context, int number) {
        PortAttributes port = context.queryPort(number);
        out.print("\t\tport:\t" + number + "\n");
        three("state", state(port.state()));
        three("max_mtu", mtu(port.maxMtu()));
        three("active_mtu", mtu(port.activeMtu()));
        three("sm_lid", 0); // no device here has a subnet manager
        three("port_lid", port.lid());
        three("port_lmc", "0x00");
        three("link_layer", linkLayer(port));
        if (verbose) {
            three("max_msg_sz", "0x" + Long.toHexString(port.maxMessageSize()));
            three("pkey_tbl_len", port.pkeyTableLength());
            for (int i = 0; i < port.pkeyTableLength(); i++) {
                three("Pkey[" + i + "]", String.format(Locale.ROOT, "0x%04x", context.queryPkey(number, i)));
            }
            three("gid_tbl_len", port.gidTableLength());
            three("active_width", width(port.activeWidth()));
            three("active_speed", speed(port.activeSpeed()));
            three("phys_state", (port.physicalState() == 5 ? "LINK_UP" : "state") + " (" + port.physicalState() + ")");
            for (GidEntry entry : context.queryGidTable()) {
                if (entry.port() == number) {
                    out.printf(
                            Locale.ROOT,
                            "\t\t\tGID[%3d]:\t\t%s%s\n",
                            entry.index(),
                            entry.gid(),
                            entry.type() == GidType.ROCE_V2 ? ", RoCE v2" : "");
                }
            }
        }
    }

    private static String linkLayer(PortAttributes port) {
        return switch (port.linkLayer()) {
            case UNSPECIFIED -> "Unspecified";
            case INFINIBAND -> "InfiniBand";
            case ETHERNET -> "Ethernet";
        };
    }

    private static String state(PortState state) {
        return "PORT_" + state + " (" + state.value() + ")";
    }

    private static String mtu(Mtu mtu) {
        return mtu.bytes() + " (" + mtu.value() + ")";
    }

    private static String width(int width) {
        return switch (width) {
            case 1 -> "1X (1)";
            case 2 -> "4X (2)";
            case 4 -> "8X (4)";
            case 8 -> "12X (8)";
            case 16 -> "2X (16)";
            default -> "invalid width (" + width + ")";
        };
    }

    private static String speed(int speed) {
        return switch (speed) {
            case 1 -> "2.5 Gbps (1)";
            case 2 -> "5.0 Gbps (2)";
            case 4, 8 -> "10.0 Gbps (" + speed + ")";
            case 16 -> "14.0 Gbps (16)";
            case 32 -> "25.0 Gbps (32)";
            case 64 -> "50.0 Gbps (64)";
            case 128 -> "100.0 Gbps (128)";
            default -> "invalid speed (" + speed + ")";
        };
    }

    private static String guid(long guid) {
        return String.format(
                Locale.ROOT,
                "%04x:%04x:%04x:%04x",
                guid >>> 48,
                guid >>> 32 & 0xFFFF,
                guid >>> 16 & 0xFFFF,
                guid & 0xFFFF);
    }

    private static String hex(String format, int value) {
        return String.format(Locale.ROOT, format, value);
    }

    private void one(String name, Object value) {
        line("\t", name, value, DEVICE_VALUE_COLUMN);
    }

    private void three(String name, Object value) {
        line("\t\t\t", name, value, PORT_VALUE_COLUMN);
    }

    /** Tabs, one at least, up to the column of the values. */
    private void line(String indent, String name, Object value, int valueColumn) {
        int end = indent.length() * TAB + name.length() + 1;
        int tabs = Math.max(1, (valueColumn - end + TAB - 1) / TAB);
        out.print(indent + name + ":" + "\t".repeat(tabs) + value + "\n");
    }
}
