package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.PortState;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;

/** Arguments that are wrong: each with its errno, and nothing changed by it. */
public abstract class BadInputConformance extends DeviceConformance {
    private static final int[] BELOW_ONE = {0, -1, Integer.MIN_VALUE};
    private ProtectionDomain domain;
    private DeviceLimits limits;

    @BeforeEach
    final void makeDomain() {
        domain = context.allocateProtectionDomain();
        limits = context.device().attributes().limits();
    }

    @Test
    @DisplayName("open: null, empty and unknown names; the message names the devices")
    final void open_() {
        refused("open", Errno.EINVAL, () -> Verbs.open(null));
        for (String name :
                new String[] {"", "no such device", device() + " ", device().toUpperCase(java.util.Locale.ROOT)}) {
            assertThat(refused("open", Errno.ENODEV, () -> Verbs.open(name))).hasMessageContaining(device());
        }
        assertThat(Verbs.devices()).extracting(d -> d.name()).contains(device(), otherDevice());
    }

    @Test
    @DisplayName("queries: ports, GIDs and P_Keys that do not exist (EINVAL)")
    final void queries() {
        for (int port : new int[] {0, -1, 2, Integer.MAX_VALUE}) {
            refused("queryPort", Errno.EINVAL, () -> context.queryPort(port));
            refused("queryGid", Errno.EINVAL, () -> context.queryGid(port, 0));
            refused("queryPkey", Errno.EINVAL, () -> context.queryPkey(port, 0));
        }
        assertThat(context.queryPort(1).state()).isEqualTo(PortState.ACTIVE);
        int gids = context.queryPort(1).gidTableLength();
        int pkeys = context.queryPort(1).pkeyTableLength();
        assertThat(pkeys).isEqualTo(limits.maxPartitionKeys());
        for (int i = 0; i < gids; i++) {
            Gid gid = context.queryGid(1, i);
            int index = i;
            assertThat(context.queryGidTable().stream()
                            .anyMatch(e -> e.index() == index && e.gid().equals(gid)))
                    .isEqualTo(!gid.isZero());
        }
        for (int index : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            refused("queryGid", Errno.EINVAL, () -> context.queryGid(1, index));
            refused("queryPkey", Errno.EINVAL, () -> context.queryPkey(1, index));
        }
        refused("queryGid", Errno.EINVAL, () -> context.queryGid(1, gids));
        refused("queryPkey", Errno.EINVAL, () -> context.queryPkey(1, pkeys));
        assertThat(context.queryPkey(1, 0)).isBetween(0, 0xFFFF);
    }

    @Test
    @DisplayName("createCompletionQueue: sizes and vectors out of range, a channel of another context (EINVAL)")
    final void completionQueues() {
        refused("createCompletionQueue", Errno.EINVAL, () -> context.createCompletionQueue(null));
        for (int entries : BELOW_ONE) {
            refused("createCompletionQueue", Errno.EINVAL, () -> context.createCompletionQueue(entries));
        }
        int most = limits.maxCompletionQueueEntries();
        refused("createCompletionQueue", Errno.EINVAL, () -> context.createCompletionQueue(most + 1));
        refused("createCompletionQueue", Errno.EINVAL, () -> context.createCompletionQueue(Integer.MAX_VALUE));
        for (int vector : new int[] {-1, context.completionVectors().size(), Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            refused(
                    "createCompletionQueue",
                    Errno.EINVAL,
                    () -> context.createCompletionQueue(new CompletionQueueAttributes().vector(vector)));
        }
        for (Context other : new Context[] {openAnother(), openOtherDevice()}) {
            CompletionChannel foreign = other.createCompletionChannel();
            refused("createCompletionQueue", Errno.EINVAL, () -> queueOn(foreign, 1));
            foreign.close(); // it has no user
        }
        for (int entries : new int[] {1, 2, 3, 7, 100}) {
            CompletionQueue queue = context.createCompletionQueue(entries);
            assertThat(queue.capacity()).isGreaterThanOrEqualTo(entries);
            assertThat(queue.unacknowledgedEvents()).isZero();
        }
    }

    @Test
    @DisplayName("poll: null and empty arrays, null elements, null handlers, limits below 1 (EINVAL); nothing is taken")
    final void poll() {
        CompletionQueue queue = context.createCompletionQueue(8);
        Ticker ticker = new Ticker(context, queue);
        ticker.sent(5);
        refused("poll", Errno.EINVAL, () -> queue.poll((WorkCompletion[]) null));
        refused("poll", Errno.EINVAL, () -> queue.poll(new WorkCompletion[0]));
        refused("poll", Errno.EINVAL, () -> queue.poll((WorkCompletion) null));
        refused("poll", Errno.EINVAL, () -> queue.poll(new WorkCompletion[] {null}));
        refused("poll", Errno.EINVAL, () -> queue.poll((CompletionHandler) null, 1));
        for (int limit : BELOW_ONE) {
            refused("poll", Errno.EINVAL, () -> queue.poll(completion -> {}, limit));
        }
        assertThat(Completions.next(queue).wrId()).isEqualTo(5);
        ticker.sent(6);
        ticker.sent(7);
        RuntimeException mine = new IllegalStateException("the handler's own");
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> queue.poll(
                        completion -> {
                            throw mine;
                        },
                        2))
                .isSameAs(mine);
        assertThat(Completions.next(queue).wrId()).as("6 counts as polled").isEqualTo(7);
        Completions.none(this, queue);
    }

    @Test
    @DisplayName("getEvent: a null unit (EINVAL)")
    final void getEvent() {
        CompletionChannel channel = context.createCompletionChannel();
        refused("getEvent", Errno.EINVAL, () -> channel.getEvent(1, (TimeUnit) null));
    }

    @Test
    @DisplayName(
            "registerMemory: null, heap and read-only buffers, ranges outside, rights that make no sense or are unknown")
    final void memory() {
        String verb = "registerMemory";
        ByteBuffer buffer = ByteBuffer.allocateDirect(100);
        refused(verb, Errno.EINVAL, () -> domain.registerMemory(null, 0));
        refused(verb, Errno.EINVAL, () -> domain.registerMemory(null, 0, 1, 0));
        refused(verb, Errno.EFAULT, () -> domain.registerMemory(ByteBuffer.allocate(8), 0));
        refused(
                verb,
                Errno.EFAULT,
                () -> domain.registerMemory(ByteBuffer.allocate(8).asReadOnlyBuffer(), 0));
        refused(verb, Errno.EINVAL, () -> domain.registerMemory(ByteBuffer.allocateDirect(0), 0));
        int[][] ranges = {
            {0, 0},
            {0, -1},
            {-1, 1},
            {0, 101},
            {100, 1},
            {99, 2},
            {-1, 102},
            {1, 100},
            {Integer.MAX_VALUE, 1},
            {1, Integer.MAX_VALUE},
            {Integer.MIN_VALUE, Integer.MIN_VALUE},
            {Integer.MIN_VALUE, 1}
        };
        for (int[] range : ranges) {
            refused(verb, Errno.EINVAL, () -> domain.registerMemory(buffer, range[0], range[1], 0));
        }
        ByteBuffer readOnly = buffer.asReadOnlyBuffer();
        int local = AccessFlags.LOCAL_WRITE;
        refused(verb, Errno.EACCES, () -> domain.registerMemory(readOnly, local));
        refused(verb, Errno.EACCES, () -> domain.registerMemory(readOnly, local | AccessFlags.REMOTE_WRITE));
        refused(verb, Errno.EACCES, () -> domain.registerMemory(readOnly, local | AccessFlags.REMOTE_ATOMIC));
        refused(verb, Errno.EINVAL, () -> domain.registerMemory(buffer, AccessFlags.REMOTE_WRITE));
        refused(verb, Errno.EINVAL, () -> domain.registerMemory(buffer, AccessFlags.REMOTE_ATOMIC));
        refused("allocateMemory", Errno.EINVAL, () -> domain.allocateMemory(8, AccessFlags.REMOTE_WRITE));
        for (int unknown : new int[] {1 << 10, 1 << 19, 1 << 30, 1 << 31}) {
            refused(verb, Errno.EOPNOTSUPP, () -> domain.registerMemory(buffer, unknown));
            refused("allocateMemory", Errno.EOPNOTSUPP, () -> domain.allocateMemory(8, unknown));
        }
        for (int length : BELOW_ONE) {
            refused("allocateMemory", Errno.EINVAL, () -> domain.allocateMemory(length, 0));
        }
        domain.close(); // it holds nothing
    }

    @Test
    @DisplayName(
            "registerMemory: hints are accepted; position, limit and order of the buffer do not matter and do not change")
    final void buffers() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(100).position(30).limit(40);
        MemoryRegion whole = domain.registerMemory(buffer, AccessFlags.RELAXED_ORDERING);
        assertThat(whole.length()).isEqualTo(100);
        assertThat(whole.access()).isEqualTo(AccessFlags.RELAXED_ORDERING);
        MemoryRegion part = domain.registerMemory(buffer, 90, 10, 0);
        assertThat(part.address()).isEqualTo(whole.address() + 90);
        assertThat(buffer.position()).isEqualTo(30);
        assertThat(buffer.limit()).isEqualTo(40);
        assertThat(part.buffer().order()).isEqualTo(java.nio.ByteOrder.nativeOrder());
        assertThat(part.buffer().position()).isZero();
        ByteBuffer view = part.buffer().position(5);
        assertThat(part.buffer().position()).isZero();
        view.put(0, (byte) 9);
        assertThat(buffer.duplicate().clear().get(90)).isEqualTo((byte) 9);
        for (int length : new int[] {1, 7, 4095, 4096, 4097}) {
            MemoryRegion region = domain.allocateMemory(length, 0);
            assertThat(region.length()).isEqualTo(length);
            assertThat(region.address() & 4095).isZero();
            assertThat(region.buffer().capacity()).isEqualTo(length);
        }
    }

    @Test
    @DisplayName("registerMemory: a mapped file, read-only too, is memory like any other")
    final void mappedFiles() throws IOException {
        Path path = Files.createTempFile("region", ".bin");
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer mapped = file.map(FileChannel.MapMode.READ_WRITE, 0, 4096);
            ByteBuffer readOnly = file.map(FileChannel.MapMode.READ_ONLY, 0, 4096);
            refused("registerMemory", Errno.EACCES, () -> domain.registerMemory(readOnly, AccessFlags.LOCAL_WRITE));
            Pair pair = pairHere(new EndSpec(), new Wiring());
            MemoryRegion target = pair.b().domain.registerMemory(mapped, End.ALL_RIGHTS);
            MemoryRegion source = pair.b().domain.registerMemory(readOnly, AccessFlags.REMOTE_READ);
            byte[] sent = pair.a().fill(0, 100, 1);
            pair.a().post(pair.a().request(1, 0, 100).write(target.address() + 8, target.rkey()));
            assertThat(Completions.next(pair.a().sends).isSuccess()).isTrue();
            SendRequest read = pair.a().request(2, 4096, 100).read(source.address() + 8, source.rkey());
            if (!refusesOpcode(pair.a(), read)) {
                pair.a().post(read);
                assertThat(Completions.next(pair.a().sends).isSuccess()).isTrue();
                assertThat(pair.a().bytes(4096, 100)).isEqualTo(sent);
            }
        } finally {
            Files.delete(path);
        }
    }

    private static QueuePairInitAttributes on(CompletionQueue queue) {
        return new QueuePairInitAttributes().completionQueue(queue);
    }

    @Test
    @DisplayName(
            "createQueuePair: missing and foreign queues, sizes over the limits (EINVAL), types that are not there")
    final void queuePairs() {
        String verb = "createQueuePair";
        CompletionQueue queue = context.createCompletionQueue(4);
        refused(verb, Errno.EINVAL, () -> domain.createQueuePair(null));
        refused(verb, Errno.EINVAL, () -> domain.createQueuePair(new QueuePairInitAttributes()));
        refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).sendCompletionQueue(null)));
        refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).receiveCompletionQueue(null)));
        refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).type(null)));
        for (Context other : new Context[] {openAnother(), openOtherDevice()}) {
            CompletionQueue foreign = other.createCompletionQueue(4);
            refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).sendCompletionQueue(foreign)));
            refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).receiveCompletionQueue(foreign)));
            foreign.close();
        }
        int requests = limits.maxQueuePairWorkRequests();
        int elements = limits.maxScatterGatherElements();
        for (int wrong : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).maxSendRequests(wrong)));
            refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).maxReceiveRequests(wrong)));
            refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).maxSendElements(wrong)));
            refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).maxReceiveElements(wrong)));
            refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).maxInlineData(wrong)));
        }
        refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).maxSendRequests(requests + 1)));
        refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).maxReceiveElements(elements + 1)));
        refused(verb, Errno.EINVAL, () -> domain.createQueuePair(on(queue).maxInlineData(limits.maxInlineData() + 1)));
        for (QueuePairType type : new QueuePairType[] {QueuePairType.RAW_PACKET, QueuePairType.DRIVER}) {
            refused(
                    verb,
                    Errno.EOPNOTSUPP,
                    () -> domain.createQueuePair(on(queue).type(type)));
        }
        queue.close(); // it has no user
        domain.close();
    }

    @Test
    @DisplayName("createQueuePair: at least what was asked for, up to the limits; the attributes are read, not kept")
    final void capabilities() {
        CompletionQueue queue = context.createCompletionQueue(4);
        int elements = limits.maxScatterGatherElements();
        int inline = has(Capability.INLINE) ? limits.maxInlineData() : 0;
        QueuePairInitAttributes attributes = on(queue)
                .maxSendRequests(5)
                .maxReceiveRequests(9)
                .maxSendElements(elements)
                .maxReceiveElements(elements)
                .maxInlineData(inline)
                .userContext("mine");
        QueuePair pair = domain.createQueuePair(attributes);
        attributes.maxSendRequests(1).userContext("other").signalAll(true);
        assertThat(pair.capabilities().maxSendRequests()).isGreaterThanOrEqualTo(5);
        assertThat(pair.capabilities().maxReceiveRequests()).isGreaterThanOrEqualTo(9);
        assertThat(pair.capabilities().maxSendElements()).isGreaterThanOrEqualTo(elements);
        assertThat(pair.capabilities().maxReceiveElements()).isGreaterThanOrEqualTo(elements);
        assertThat(pair.capabilities().maxInlineData()).isGreaterThanOrEqualTo(inline);
        assertThat(pair.userContext()).isEqualTo("mine");
        assertThat(pair.signalAll()).isFalse();
        assertThat(pair.type()).isEqualTo(QueuePairType.RC);
        assertThat(pair.protectionDomain()).isSameAs(domain);
    }

    @Needs(Capability.DATAGRAM)
    @Test
    @DisplayName("createAddressHandle: null, no GID, every field out of its range, an empty slot (EINVAL)")
    final void addressHandles() {
        String verb = "createAddressHandle";
        Gid gid = Wiring.gidOf(context);
        int slots = context.queryPort(1).gidTableLength();
        refused(verb, Errno.EINVAL, () -> domain.createAddressHandle(null));
        AddressVector[] wrong = {
            AddressVector.to(null),
            AddressVector.to(Gid.ZERO),
            new AddressVector(gid, -1, 64, 0, 0, 0, 1),
            new AddressVector(gid, slots, 64, 0, 0, 0, 1),
            new AddressVector(gid, slots - 1, 64, 0, 0, 0, 1),
            new AddressVector(gid, 0, -1, 0, 0, 0, 1),
            new AddressVector(gid, 0, 256, 0, 0, 0, 1),
            new AddressVector(gid, 0, 64, -1, 0, 0, 1),
            new AddressVector(gid, 0, 64, 256, 0, 0, 1),
            new AddressVector(gid, 0, 64, 0, -1, 0, 1),
            new AddressVector(gid, 0, 64, 0, 1 << 20, 0, 1),
            new AddressVector(gid, 0, 64, 0, 0, -1, 1),
            new AddressVector(gid, 0, 64, 0, 0, 16, 1),
            new AddressVector(gid, 0, 64, 0, 0, 0, 0),
            new AddressVector(gid, 0, 64, 0, 0, 0, 2),
        };
        for (AddressVector vector : wrong) {
            refused(verb, Errno.EINVAL, () -> domain.createAddressHandle(vector));
        }
        AddressVector extreme = new AddressVector(gid, 0, 255, 255, (1 << 20) - 1, 15, 1);
        assertThat(domain.createAddressHandle(extreme).vector()).isEqualTo(extreme);
    }

    @Test
    @DisplayName(
            "post: null, too many or null elements, negative lengths, too much inline, too long, unaligned atomics")
    final void posts() {
        End end = self(new EndSpec().elements(2).inline(16));
        int inline = end.pair.capabilities().maxInlineData();
        SendRequest[] wrong = {
            end.request(1, 0, 8).opcode(null),
            end.request(1, 0, -1),
            end.request(1, 0, Integer.MIN_VALUE),
            new SendRequest().sges(end.piece(0, 1), end.piece(0, 1), end.piece(0, 1)),
            new SendRequest().sges(end.piece(0, 1), null),
            new SendRequest().sges(end.piece(0, Integer.MAX_VALUE), end.piece(0, Integer.MAX_VALUE)),
            end.request(1, 0, inline + 1).flags(SendFlags.INLINE),
            new SendRequest().inlineData(ByteBuffer.allocate(inline + 1)).flags(SendFlags.INLINE),
            end.request(1, 0, 8).flags(SendFlags.INLINE).read(end.address(0), end.memory.rkey()),
            end.request(1, 0, 8).flags(SendFlags.IP_CSUM),
            end.request(1, 0, 8).flags(-1),
            end.request(1, 0, 8).fetchAndAdd(end.address(4), end.memory.rkey(), 1),
            end.request(1, 0, 8).compareAndSwap(end.address(1), end.memory.rkey(), 1, 1),
            end.request(1, 0, 7).fetchAndAdd(end.address(8), end.memory.rkey(), 1),
            end.request(1, 0, 0).fetchAndAdd(end.address(8), end.memory.rkey(), 1),
        };
        byte[] before = end.bytes(0, 1024);
        for (SendRequest request : wrong) {
            boolean inlined = request.flags() != -1 && (request.flags() & SendFlags.INLINE) != 0;
            if (inlined && !has(Capability.INLINE) || refusesOpcode(end, request)) {
                continue;
            }
            VerbsException refusal = refused("postSend", Errno.EINVAL, () -> end.pair.postSend(request));
            assertThat(refusal.badRequest()).containsSame(request);
            Completions.none(this, end.sends);
        }
        ReceiveRequest[] wrongReceives = {
            new ReceiveRequest(1, end.piece(0, -1)),
            new ReceiveRequest().sges(end.piece(0, 1), end.piece(0, 1), end.piece(0, 1)),
            new ReceiveRequest().sges(end.piece(0, 1), null),
        };
        for (ReceiveRequest request : wrongReceives) {
            VerbsException refusal = refused("postReceive", Errno.EINVAL, () -> end.pair.postReceive(request));
            assertThat(refusal.badRequest()).containsSame(request);
        }
        refused("postSend", Errno.EINVAL, () -> end.pair.postSend(null));
        refused("postReceive", Errno.EINVAL, () -> end.pair.postReceive(null));
        assertThat(end.bytes(0, 1024)).isEqualTo(before);
        end.receive(1, 0, 8);
        end.post(end.request(2, 0, 8));
        assertThat(Completions.next(end.sends).wrId()).isEqualTo(2);
        assertThat(Completions.next(end.receives).wrId()).isEqualTo(1);
    }
}
