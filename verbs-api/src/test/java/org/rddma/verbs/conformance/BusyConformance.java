package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.ThreadDomain;
import org.rddma.verbs.XrcDomain;

/** The matrix of who may not be closed before whom: every parent and every child that it has. */
public abstract class BusyConformance extends DeviceConformance {
    /** What stands in whose way. */
    enum Case {
        CHANNEL_OF_QUEUE,
        SEND_QUEUE_OF_PAIR,
        RECEIVE_QUEUE_OF_PAIR,
        DOMAIN_OF_REGION,
        DOMAIN_OF_PAIR,
        DOMAIN_OF_HANDLE(Capability.DATAGRAM),
        DOMAIN_OF_SHARED_QUEUE(Capability.SHARED_RECEIVE_QUEUE),
        DOMAIN_OF_WINDOW_1(Capability.MEMORY_WINDOW_TYPE_1),
        DOMAIN_OF_WINDOW_2(Capability.MEMORY_WINDOW_TYPE_2),
        DOMAIN_OF_PARENT_DOMAIN(Capability.THREAD_DOMAIN),
        THREAD_DOMAIN_OF_PARENT_DOMAIN(Capability.THREAD_DOMAIN),
        SHARED_QUEUE_OF_PAIR(Capability.SHARED_RECEIVE_QUEUE),
        REGION_OF_BOUND_WINDOW(Capability.MEMORY_WINDOW_TYPE_2),
        XRC_DOMAIN_OF_SHARED_QUEUE(Capability.XRC),
        COMPLETION_QUEUE_OF_XRC_QUEUE(Capability.XRC);

        final Capability needed;

        Case() {
            this(null);
        }

        Case(Capability needed) {
            this.needed = needed;
        }
    }

    private record Both(AutoCloseable parent, AutoCloseable child) {}

    private QueuePairInitAttributes onQueue(CompletionQueue queue) {
        return new QueuePairInitAttributes().completionQueue(queue);
    }

    private Both make(Context in, Case which) {
        ProtectionDomain domain = in.allocateProtectionDomain();
        CompletionQueue queue = in.createCompletionQueue(4);
        CompletionQueue other = in.createCompletionQueue(4);
        return switch (which) {
            case CHANNEL_OF_QUEUE -> {
                CompletionChannel channel = in.createCompletionChannel();
                yield new Both(
                        channel,
                        in.createCompletionQueue(new org.rddma.verbs.CompletionQueueAttributes().channel(channel)));
            }
            case SEND_QUEUE_OF_PAIR ->
                new Both(queue, domain.createQueuePair(onQueue(queue).receiveCompletionQueue(other)));
            case RECEIVE_QUEUE_OF_PAIR ->
                new Both(queue, domain.createQueuePair(onQueue(queue).sendCompletionQueue(other)));
            case DOMAIN_OF_REGION -> new Both(domain, domain.allocateMemory(8, 0));
            case DOMAIN_OF_PAIR -> new Both(domain, domain.createQueuePair(onQueue(queue)));
            case DOMAIN_OF_HANDLE -> new Both(domain, domain.createAddressHandle(AddressVector.to(Wiring.gidOf(in))));
            case DOMAIN_OF_SHARED_QUEUE ->
                new Both(domain, domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes()));
            case DOMAIN_OF_WINDOW_1 -> new Both(domain, domain.allocateMemoryWindow(MemoryWindowType.TYPE_1));
            case DOMAIN_OF_WINDOW_2 -> new Both(domain, domain.allocateMemoryWindow(MemoryWindowType.TYPE_2));
            case DOMAIN_OF_PARENT_DOMAIN -> new Both(domain, in.allocateParentDomain(domain, null));
            case THREAD_DOMAIN_OF_PARENT_DOMAIN -> {
                ThreadDomain threads = in.allocateThreadDomain();
                yield new Both(threads, in.allocateParentDomain(domain, threads));
            }
            case SHARED_QUEUE_OF_PAIR -> {
                var shared = domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes());
                yield new Both(shared, domain.createQueuePair(onQueue(queue).sharedReceiveQueue(shared)));
            }
            case REGION_OF_BOUND_WINDOW -> boundWindow(in);
            case XRC_DOMAIN_OF_SHARED_QUEUE -> {
                XrcDomain xrc = in.openXrcDomain();
                yield new Both(
                        xrc, domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes().xrc(xrc, queue)));
            }
            case COMPLETION_QUEUE_OF_XRC_QUEUE -> {
                XrcDomain xrc = in.openXrcDomain();
                yield new Both(
                        queue, domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes().xrc(xrc, queue)));
            }
        };
    }

    private static Both boundWindow(Context in) {
        End end = new End(in, new EndSpec().access(End.ALL_RIGHTS | AccessFlags.MW_BIND));
        new Wiring().connect(end, end);
        MemoryRegion region = end.domain.allocateMemory(64, End.ALL_RIGHTS | AccessFlags.MW_BIND);
        MemoryWindow window = end.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        MemoryWindowBind bind = new MemoryWindowBind().show(region, region.address(), 64, AccessFlags.REMOTE_WRITE);
        end.post(new SendRequest()
                .flags(SendFlags.SIGNALED)
                .bindMemoryWindow(window, MemoryWindow.incrementRkey(window.rkey()), bind));
        assertThat(Completions.next(end.sends).isSuccess()).isTrue();
        return new Both(region, window);
    }

    private boolean isPossible(Case which) {
        return which.needed == null || has(which.needed);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("§2.8 EBUSY: the parent names the child, works on, and closes when the child is closed")
    final void parentAndChild(Case which) throws Exception {
        if (!isPossible(which)) {
            Missing.isRefused(context, which.needed);
            return;
        }
        Both both = make(context, which);
        for (int i = 0; i < 3; i++) {
            assertThat(refused("close", Errno.EBUSY, both.parent::close)).hasMessageContaining(both.child.toString());
        }
        both.child.close();
        both.child.close();
        both.parent.close();
        both.parent.close();
        both.child.close();
    }

    @Test
    @DisplayName("§2.8 a context closes all of them, and every one may be closed again afterwards, in any order")
    final void contextCloses() throws Exception {
        Context other = openAnother();
        List<Both> all = new ArrayList<>();
        for (Case which : Case.values()) {
            if (isPossible(which)) {
                all.add(make(other, which));
            }
        }
        other.close();
        for (Both both : all) {
            both.parent.close();
            both.child.close();
        }
        assertThat(other.threads()).isEmpty();
    }
}
