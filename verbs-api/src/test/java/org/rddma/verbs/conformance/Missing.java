package org.rddma.verbs.conformance;

import static org.rddma.verbs.conformance.Refusals.unsupported;

import java.nio.ByteBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.AlternatePath;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.FlushPlacement;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.RegionChange;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.WorkCompletion;

/**
 * What a device must refuse, with EOPNOTSUPP, when it does not declare a capability: every verb and every argument that
 * the capability stands for. What cannot be reached because another capability is missing too is refused there.
 */
final class Missing {
    private final Context context;
    private final ProtectionDomain domain;

    private Missing(Context context) {
        this.context = context;
        domain = context.allocateProtectionDomain();
    }

    /** The device refuses all that needs this capability, and nothing has changed. */
    static void isRefused(Context context, Capability capability) {
        new Missing(context).check(capability);
    }

    private boolean has(Capability capability) {
        return context.device().attributes().has(capability);
    }

    private void check(Capability capability) {
        switch (capability) {
            case UNRELIABLE_CONNECTION -> type(QueuePairType.UC);
            case DATAGRAM -> datagram();
            case RDMA_READ -> post(end -> end.request(1, 0, 8).read(end.address(64), end.memory.rkey()));
            case ATOMICS -> {
                post(end -> end.request(1, 0, 8).fetchAndAdd(end.address(64), end.memory.rkey(), 1));
                post(end -> end.request(1, 0, 8).compareAndSwap(end.address(64), end.memory.rkey(), 0, 1));
            }
            case ATOMIC_WRITE -> post(end -> end.request(1, 0, 8).atomicWrite(end.address(64), end.memory.rkey()));
            case FLUSH -> flush();
            case INLINE -> inline();
            case SHARED_RECEIVE_QUEUE ->
                unsupported(
                        "createSharedReceiveQueue",
                        () -> domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes()));
            case SHARED_RECEIVE_QUEUE_RESIZE -> sharedReceiveQueueResize();
            case MEMORY_WINDOW_TYPE_1 -> {
                unsupported("allocateMemoryWindow", () -> domain.allocateMemoryWindow(MemoryWindowType.TYPE_1));
                bindVerb();
            }
            case MEMORY_WINDOW_TYPE_2 -> {
                unsupported("allocateMemoryWindow", () -> domain.allocateMemoryWindow(MemoryWindowType.TYPE_2));
                post(end -> new SendRequest().bindMemoryWindow(null, 1, new MemoryWindowBind()));
            }
            case INVALIDATE -> {
                post(end -> new SendRequest().invalidateLocal(1));
                post(end -> end.request(1, 0, 8).sendWithInvalidate(1));
            }
            case CHOSEN_ADDRESS -> {
                ByteBuffer buffer = ByteBuffer.allocateDirect(8);
                unsupported("registerMemory", () -> domain.registerMemory(buffer, 0, 8, 0, 4096));
                unsupported("registerMemory", () -> domain.registerMemory(buffer, 0, 8, 0, 0));
            }
            case SHARE_ALL -> unsupported("registerAll", () -> domain.registerAll(0));
            case REREGISTER -> reregister(new RegionChange().access(AccessFlags.LOCAL_WRITE));
            case REREGISTER_TRANSLATION -> reregister(new RegionChange().memory(ByteBuffer.allocateDirect(16), 0, 16));
            case MULTICAST -> multicast();
            case XRC -> {
                unsupported("openXrcDomain", context::openXrcDomain);
                type(QueuePairType.XRC_SEND);
                type(QueuePairType.XRC_RECV);
            }
            case PATH_MIGRATION -> pathMigration();
            case RESIZE_COMPLETION_QUEUE -> queue(queue -> unsupported("resize", () -> queue.resize(4)));
            case MODERATION -> queue(queue -> unsupported("moderate", () -> queue.moderate(1, 1)));
            case COMPLETION_TIMESTAMP -> {
                unsupported("queryRawClock", context::queryRawClock);
                queueWith(attributes().fields(CompletionFields.COMPLETION_TIMESTAMP));
            }
            case WALLCLOCK_TIMESTAMP -> queueWith(attributes().fields(CompletionFields.COMPLETION_TIMESTAMP_WALLCLOCK));
            case SINGLE_THREADED -> queueWith(attributes().singleThreaded(true));
            case IGNORE_OVERRUN -> queueWith(attributes().ignoreOverrun(true));
            case THREAD_DOMAIN -> {
                unsupported("allocateThreadDomain", context::allocateThreadDomain);
                unsupported("allocateParentDomain", () -> context.allocateParentDomain(domain, null));
            }
            case WEAK_ORDER -> {} // a warning: without it there is nothing to ask for
        }
    }

    private void type(QueuePairType type) {
        queue(queue -> unsupported(
                "createQueuePair",
                () -> domain.createQueuePair(
                        new QueuePairInitAttributes().type(type).completionQueue(queue))));
    }

    private void datagram() {
        type(QueuePairType.UD);
        AddressVector self = AddressVector.to(Wiring.gidOf(context));
        unsupported("createAddressHandle", () -> domain.createAddressHandle(self));
        WorkCompletion completion = new WorkCompletion();
        unsupported("addressVector", () -> context.addressVector(1, completion, ByteBuffer.allocate(40)));
    }

    /** Makes a request. */
    @FunctionalInterface
    private interface Maker {
        SendRequest make(End end);
    }

    /** The request is refused and named, and the queue pair works on. */
    private void post(Maker maker) {
        End end = new End(context, new EndSpec());
        new Wiring().connect(end, end);
        SendRequest request = maker.make(end).flags(SendFlags.SIGNALED);
        refusedPost(end, request);
    }

    private static void refusedPost(End end, SendRequest request) {
        if (unsupported("postSend", () -> end.pair.postSend(request))
                .badRequest()
                .filter(named -> named == request)
                .isEmpty()) {
            throw new AssertionError("the refusal must name the request");
        }
        end.receive(2, 128, 8);
        end.post(end.request(3, 0, 8));
        assertId(end.sends, 3);
        assertId(end.receives, 2);
        end.pair.close();
    }

    private static void assertId(CompletionQueue queue, long id) {
        WorkCompletion completion = Completions.next(queue);
        if (completion.wrId() != id || !completion.isSuccess()) {
            throw new AssertionError("the queue pair must work on, but there is " + completion);
        }
    }

    private void flush() {
        int placement = FlushPlacement.GLOBAL;
        post(end -> new SendRequest().flush(end.address(0), end.memory.rkey(), 8, placement, FlushLevel.RANGE));
        for (int right : new int[] {AccessFlags.FLUSH_GLOBAL, AccessFlags.FLUSH_PERSISTENT}) {
            unsupported("allocateMemory", () -> domain.allocateMemory(8, right));
        }
    }

    private void inline() {
        queue(queue -> unsupported(
                "createQueuePair",
                () -> domain.createQueuePair(
                        new QueuePairInitAttributes().completionQueue(queue).maxInlineData(1))));
        End end = new End(context, new EndSpec());
        new Wiring().connect(end, end);
        refusedPost(end, new SendRequest().flags(SendFlags.INLINE | SendFlags.SIGNALED));
    }

    private void sharedReceiveQueueResize() {
        if (has(Capability.SHARED_RECEIVE_QUEUE)) {
            SharedReceiveQueue queue = domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes());
            unsupported("resize", () -> queue.resize(2));
            queue.close();
        }
    }

    private void bindVerb() {
        End end = new End(context, new EndSpec());
        new Wiring().connect(end, end);
        MemoryWindow window =
                has(Capability.MEMORY_WINDOW_TYPE_2) ? end.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2) : null;
        unsupported("bindMemoryWindow", () -> end.pair.bindMemoryWindow(window, new MemoryWindowBind()));
    }

    private void reregister(RegionChange change) {
        MemoryRegion region = domain.allocateMemory(16, 0);
        unsupported("reregister", () -> region.reregister(change));
        if (region.access() != 0 || region.length() != 16) {
            throw new AssertionError("the region must be as it was");
        }
        region.close();
    }

    private void multicast() {
        if (has(Capability.DATAGRAM)) {
            End end = new End(context, new EndSpec().type(QueuePairType.UD));
            Gid group = new Gid(0xFF0E_0000_0000_0000L, 1);
            unsupported("attachMulticast", () -> end.pair.attachMulticast(group, 0));
            unsupported("detachMulticast", () -> end.pair.detachMulticast(group, 0));
        }
    }

    private void pathMigration() {
        End end = new End(context, new EndSpec());
        new Wiring().connect(end, end);
        QueuePair pair = end.pair;
        AlternatePath path = new AlternatePath(AddressVector.to(Wiring.gidOf(context)), 1, 0, 8);
        unsupported("modify", () -> pair.modify(new QueuePairAttributes().alternatePath(path)));
    }

    private static CompletionQueueAttributes attributes() {
        return new CompletionQueueAttributes();
    }

    private void queueWith(CompletionQueueAttributes attributes) {
        ThrowingCallable create = () -> context.createCompletionQueue(attributes);
        unsupported("createCompletionQueue", create);
    }

    private void queue(java.util.function.Consumer<CompletionQueue> body) {
        CompletionQueue queue = context.createCompletionQueue(2);
        body.accept(queue);
        queue.close(); // what was refused does not use it
    }
}
