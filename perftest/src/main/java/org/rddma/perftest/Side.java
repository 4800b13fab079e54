package org.rddma.perftest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.PortAttributes;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.VerbsException;

/** One end: a context of its own with everything in it, as a process of its own would have. */
final class Side implements AutoCloseable {
    /** Before the data of a received datagram comes its global routing header. */
    private static final int GLOBAL_ROUTING_HEADER = 40;

    private static final int PAGE = 4096;
    private static final int LINE = 64;
    private static final int ALL_RIGHTS =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;

    final Settings settings;
    final End end;
    final Context context;
    final MemoryRegion sendRegion;
    final MemoryRegion receiveRegion;
    /** Bytes that a lane has in each region. */
    final int slot;

    final Lane[] lanes;
    final Completions completions;
    /** All queues in which this end's sends complete. */
    final QueueSet sendQueues;
    /** All queues in which this end's receives complete; one with the above when they share a channel. */
    final QueueSet receiveQueues;

    private final ProtectionDomain domain;
    private final List<CompletionChannel> channels = new ArrayList<>();
    private final int inlineLimit;
    /** Null when each queue pair has receives of its own. */
    private final SharedReceiveQueue sharedQueue;
    /** Null before they know of each other. */
    private SideAddress peer;

    /** Those that carry the traffic of a latency test. */
    Lane[] busyLanes() {
        return Arrays.copyOf(lanes, settings.busyQueuePairs);
    }

    private Side(Settings settings, Control control, End end, Context context) {
        this.settings = settings;
        this.end = end;
        this.context = context;
        checkDevice();
        domain = context.allocateProtectionDomain();
        slot = slotBytes();
        int bytes = regionBytes();
        sendRegion = domain.allocateMemory(bytes, ALL_RIGHTS);
        receiveRegion = domain.allocateMemory(bytes, ALL_RIGHTS);
        int count = settings.queuePairs;
        sharedQueue = settings.sharedReceives ? sharedQueue() : null;
        CompletionChannel sendChannel = settings.events ? channel() : null;
        boolean oneChannel = settings.ownQueues || settings.isDuplex();
        CompletionChannel receiveChannel = settings.events && !oneChannel ? channel() : sendChannel;
        List<CompletionQueue> sendList = new ArrayList<>();
        List<CompletionQueue> receiveList = new ArrayList<>();
        List<QueuePair> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (settings.ownQueues) {
                CompletionQueue queue = queue(settings.txDepth + settings.rxDepth, sendChannel);
                sendList.add(queue);
                receiveList.add(queue);
            } else if (i == 0) {
                sendList.add(queue((long) settings.txDepth * count, sendChannel));
                receiveList.add(queue((long) settings.rxDepth * (sharedQueue == null ? count : 1), receiveChannel));
            } else {
                sendList.add(sendList.get(0));
                receiveList.add(receiveList.get(0));
            }
            pairs.add(queuePair(sendList.get(i), receiveList.get(i)));
        }
        inlineLimit = Math.min(settings.inlineSize, pairs.get(0).capabilities().maxInlineData());
        lanes = new Lane[count];
        completions = Completions.of(settings, control, lanes);
        if (settings.isDuplex()) {
            List<CompletionQueue> all = new ArrayList<>(receiveList);
            all.addAll(sendList);
            sendQueues = new QueueSet(all);
            receiveQueues = sendQueues;
        } else {
            sendQueues = new QueueSet(sendList);
            receiveQueues = new QueueSet(receiveList);
        }
        for (int i = 0; i < count; i++) {
            QueueSet sends = settings.ownQueues ? new QueueSet(List.of(sendList.get(i))) : sendQueues;
            QueueSet receives = settings.ownQueues ? sends : receiveQueues;
            ReceiveChain shared = sharedQueue != null && i > 0 ? lanes[0].receives : null;
            lanes[i] = new Lane(this, i, pairs.get(i), sends, receives, completions, shared);
        }
        completions.index();
    }

    /** Opens the device and makes everything up to the queue pairs. */
    static Side open(Settings settings, String device, Control control, End end) {
        Context context = CapturedDevice.open(device, settings.capture);
        try {
            return new Side(settings, control, end, context);
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    /** The device of that name, also one that is not listed. */
    static Device device(String given) {
        try {
            return Verbs.device(given);
        } catch (VerbsException e) {
            throw new UsageException("-d: " + e.getMessage());
        }
    }

    /** The device of that name, or the first for null. */
    static String deviceName(String given) {
        List<Device> devices = Verbs.devices();
        if (given == null) {
            if (devices.isEmpty()) {
                throw new RunFailedException("there is no device");
            }
            return devices.get(0).name();
        }
        return device(given).name();
    }

    /** Connects the two ends of this process. */
    static void connect(Side a, Side b) {
        SideAddress addressOfA = a.address();
        a.connect(b.address());
        b.connect(addressOfA);
    }

    /** What the other end must know to connect with this one. */
    SideAddress address() {
        List<LaneAddress> all = Arrays.stream(lanes).map(Lane::address).toList();
        return new SideAddress(
                gid(),
                portAttributes().lid(),
                mtu(),
                outstandingReads(),
                limits().maxMessageSize(),
                receiveRegion.rkey(),
                all);
    }

    /** Agrees with the other end on what both can, connects with it, and fills the receive queues. Once. */
    void connect(SideAddress other) {
        peer = other;
        checkDatagram();
        for (int i = 0; i < lanes.length; i++) {
            LaneAddress there = other.lanes().get(i);
            AddressHandle handle = Connector.connect(this, lanes[i], other, there);
            lanes[i].sends.aim(there.memory(), other.rkey(), handle, there.queuePair());
        }
        completions.arm(sendQueues);
        completions.arm(receiveQueues);
        for (Lane lane : sharedQueue == null ? lanes : Arrays.copyOf(lanes, 1)) {
            lane.receives.prepare(largestSize(), true);
        }
    }

    /** Wakes this end from its channels; when they are closed, there is nobody to be woken. For any thread. */
    void wakeup() {
        for (CompletionChannel channel : channels) {
            try {
                channel.wakeup();
            } catch (VerbsException e) {
                if (e.errno() != Errno.EBADF) {
                    throw e;
                }
            }
        }
    }

    Gid gid() {
        return context.queryGid(settings.port, settings.gidIndex);
    }

    PortAttributes portAttributes() {
        return context.queryPort(settings.port);
    }

    /** What fits into a packet: the smaller of both ends, once they know of each other. */
    Mtu mtu() {
        Mtu active = portAttributes().activeMtu();
        Mtu own = settings.mtu == null || settings.mtu.compareTo(active) > 0 ? active : settings.mtu;
        return peer != null && peer.mtu().compareTo(own) < 0 ? peer.mtu() : own;
    }

    /** Of a queue pair: what both ends can, once they know of each other. */
    int outstandingReads() {
        DeviceLimits limits = limits();
        int most = Math.min(limits.maxQueuePairReadAtomics(), limits.maxQueuePairInitiatedReadAtomics());
        int own = settings.outstandingReads == 0 ? most : Math.min(settings.outstandingReads, most);
        return peer == null ? own : Math.min(own, peer.outstandingReads());
    }

    /** What the queue pairs can send inline, as far as it was asked for. */
    int inlineLimit() {
        return inlineLimit;
    }

    int datagramHeader() {
        return settings.type == QueuePairType.UD ? GLOBAL_ROUTING_HEADER : 0;
    }

    /** Where small messages rotate: bandwidth tests only, a latency test hits one place. */
    int rotationArea() {
        return settings.kind.latency ? 0 : PAGE;
    }

    int[] sizes() {
        return settings.sizes(settings.type == QueuePairType.UD ? mtu().bytes() : largestMessage());
    }

    private long largestMessage() {
        long own = limits().maxMessageSize();
        return peer == null ? own : Math.min(own, peer.largestMessage());
    }

    int largestSize() {
        int[] sizes = sizes();
        return sizes[sizes.length - 1];
    }

    @Override
    public void close() {
        context.close();
    }

    private DeviceLimits limits() {
        return context.device().attributes().limits();
    }

    private void checkDevice() {
        int ports = context.device().attributes().ports();
        OptionRules.refuseIf(settings.port > ports, "-i: the device has " + ports + " ports");
        int vectors = context.device().attributes().completionVectors();
        OptionRules.refuseIf(settings.vector >= vectors, "-X: the device has vectors 0 to " + (vectors - 1));
        int gids = portAttributes().gidTableLength();
        OptionRules.refuseIf(
                settings.gidIndex >= gids || gid().isZero(), "-x: the port has no GID " + settings.gidIndex);
        checkDatagram();
    }

    private void checkDatagram() {
        if (settings.type == QueuePairType.UD && settings.sizeGiven) {
            int most = mtu().bytes();
            OptionRules.refuseIf(settings.size > most, "-s: a datagram holds no more than the MTU, " + most + " bytes");
        }
    }

    private int slotBytes() {
        long message = (long) largestSize() + datagramHeader();
        long area = Math.max(message, rotationArea());
        long rounded = (area + LINE - 1) / LINE * LINE;
        OptionRules.refuseIf(
                rounded * settings.queuePairs > Integer.MAX_VALUE - PAGE,
                "-s: " + settings.queuePairs + " queue pairs with messages of " + largestSize()
                        + " bytes need more than one region of 2 GiB");
        return (int) rounded;
    }

    private int regionBytes() {
        return slot * settings.queuePairs;
    }

    private CompletionChannel channel() {
        CompletionChannel channel = context.createCompletionChannel();
        channels.add(channel);
        return channel;
    }

    private CompletionQueue queue(long entries, CompletionChannel channel) {
        OptionRules.refuseIf(
                entries > limits().maxCompletionQueueEntries(),
                "one completion queue for all queue pairs would need " + entries + " entries, the device has "
                        + limits().maxCompletionQueueEntries() + ": lower -q, -t or -r, or give --cqs instead of -q");
        return context.createCompletionQueue(new CompletionQueueAttributes()
                .entries((int) entries)
                .channel(channel)
                .vector(settings.vector));
    }

    private SharedReceiveQueue sharedQueue() {
        OptionRules.refuseIf(
                !context.device().attributes().has(Capability.SHARED_RECEIVE_QUEUE),
                "--use-srq: the device has no shared receive queues");
        return domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes().maxRequests(settings.rxDepth));
    }

    private QueuePair queuePair(CompletionQueue sendQueue, CompletionQueue receiveQueue) {
        QueuePairInitAttributes attributes = new QueuePairInitAttributes()
                .type(settings.type)
                .sendCompletionQueue(sendQueue)
                .receiveCompletionQueue(receiveQueue)
                .maxSendRequests(settings.txDepth)
                .maxInlineData(inlineData());
        return domain.createQueuePair(
                sharedQueue == null
                        ? attributes.maxReceiveRequests(settings.rxDepth)
                        : attributes.sharedReceiveQueue(sharedQueue));
    }

    /** Where the device has none, a default asks for none; what was asked for on the command line, the device refuses. */
    private int inlineData() {
        boolean able = context.device().attributes().has(Capability.INLINE);
        return able || settings.inlineGiven ? Math.min(settings.inlineSize, limits().maxInlineData()) : 0;
    }
}
