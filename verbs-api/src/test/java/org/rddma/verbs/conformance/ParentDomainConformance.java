package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.ThreadDomain;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Thread domains and parent domains: man ibv_alloc_td, ibv_alloc_parent_domain. */
public abstract class ParentDomainConformance extends CompletionQueueConformance {
    private boolean lacksDomains() {
        ProtectionDomain domain = context.allocateProtectionDomain();
        boolean lacking = lacks(
                Capability.THREAD_DOMAIN, "allocateParentDomain", () -> context.allocateParentDomain(domain, null));
        if (lacking) {
            refused("allocateThreadDomain", Errno.EOPNOTSUPP, context::allocateThreadDomain);
            refused(
                    "createCompletionQueue",
                    Errno.EOPNOTSUPP,
                    () -> context.createCompletionQueue(attributes(1).parentDomain(domain)));
        }
        domain.close();
        return lacking;
    }

    private static QueuePair pairIn(ProtectionDomain domain, CompletionQueue queue, QueuePairType type) {
        return domain.createQueuePair(new QueuePairInitAttributes()
                .type(type)
                .completionQueue(queue)
                .maxSendRequests(8)
                .maxReceiveRequests(8));
    }

    @Test
    @DisplayName("what a parent domain is made of, and what it is not made of")
    final void makingOne() {
        if (lacksDomains()) {
            return;
        }
        ProtectionDomain domain = context.allocateProtectionDomain();
        ThreadDomain threads = context.allocateThreadDomain();
        ProtectionDomain parent = context.allocateParentDomain(domain, threads);
        assertThat(threads.context()).isSameAs(context);
        assertThat(parent.context()).isSameAs(context);
        assertThat(parent.threadDomain()).isSameAs(threads);
        assertThat(domain.threadDomain()).isNull();
        assertThat(context.allocateParentDomain(domain, null).threadDomain()).isNull();
        Context other = openAnother();
        ProtectionDomain otherDomain = other.allocateProtectionDomain();
        ThreadDomain otherThreads = other.allocateThreadDomain();
        String verb = "allocateParentDomain";
        refused(verb, Errno.EINVAL, () -> context.allocateParentDomain(null, threads));
        refused(verb, Errno.EINVAL, () -> context.allocateParentDomain(parent, null));
        refused(verb, Errno.EINVAL, () -> context.allocateParentDomain(otherDomain, threads));
        refused(verb, Errno.EINVAL, () -> context.allocateParentDomain(domain, otherThreads));
        ThreadDomain closedThreads = context.allocateThreadDomain();
        closedThreads.close();
        closedThreads.close();
        refused(verb, Errno.EBADF, () -> context.allocateParentDomain(domain, closedThreads));
        ProtectionDomain closed = context.allocateProtectionDomain();
        closed.close();
        refused(verb, Errno.EBADF, () -> context.allocateParentDomain(closed, null));
        other.close();
        refused("allocateThreadDomain", Errno.EBADF, other::allocateThreadDomain);
        refused(verb, Errno.EBADF, () -> other.allocateParentDomain(otherDomain, null));
    }

    @Test
    @DisplayName("closing: what is used by another is busy (EBUSY), from the thread domain up to the queue")
    final void closingOrder() {
        if (lacksDomains()) {
            return;
        }
        ProtectionDomain domain = context.allocateProtectionDomain();
        ThreadDomain threads = context.allocateThreadDomain();
        ProtectionDomain parent = context.allocateParentDomain(domain, threads);
        CompletionQueue queue = context.createCompletionQueue(attributes(4).parentDomain(parent));
        refused("close", Errno.EBUSY, parent::close);
        queue.close();
        MemoryRegion region = parent.allocateMemory(64, 0);
        assertThat(region.protectionDomain()).isSameAs(parent);
        refused("close", Errno.EBUSY, parent::close);
        region.close();
        refused("close", Errno.EBUSY, domain::close);
        refused("close", Errno.EBUSY, threads::close);
        parent.close();
        refused("allocateMemory", Errno.EBADF, () -> parent.allocateMemory(64, 0));
        refused(
                "createCompletionQueue",
                Errno.EBADF,
                () -> context.createCompletionQueue(attributes(4).parentDomain(parent)));
        threads.close();
        domain.close();
    }

    @Test
    @DisplayName("a completion queue takes a parent domain of its context, and no ordinary domain (EINVAL)")
    final void queueInDomain() {
        if (lacksDomains()) {
            return;
        }
        ProtectionDomain domain = context.allocateProtectionDomain();
        ProtectionDomain parent = context.allocateParentDomain(domain, context.allocateThreadDomain());
        Context other = openAnother();
        refused(
                "createCompletionQueue",
                Errno.EINVAL,
                () -> context.createCompletionQueue(attributes(4).parentDomain(domain)));
        refused(
                "createCompletionQueue",
                Errno.EINVAL,
                () -> other.createCompletionQueue(attributes(4).parentDomain(parent)));
        for (ThreadDomain threads : new ThreadDomain[] {context.allocateThreadDomain(), null}) {
            CompletionQueue queue = context.createCompletionQueue(
                    attributes(4).parentDomain(context.allocateParentDomain(domain, threads)));
            Ticker ticker = new Ticker(context, queue);
            for (int id = 0; id < 100; id++) {
                ticker.unsolicited(id);
                Completions.success(queue, id, WorkCompletionOpcode.RECV);
            }
        }
    }

    @Test
    @DisplayName("what is made in a parent domain works with all of the domain below it, and with nothing else")
    final void sameDomain() {
        if (lacksDomains()) {
            return;
        }
        ProtectionDomain domain = context.allocateProtectionDomain();
        ProtectionDomain[] family = {
            domain,
            context.allocateParentDomain(domain, context.allocateThreadDomain()),
            context.allocateParentDomain(domain, null)
        };
        ProtectionDomain stranger = context.allocateParentDomain(context.allocateProtectionDomain(), null);
        CompletionQueue queue = context.createCompletionQueue(16);
        for (ProtectionDomain ofPair : family) {
            QueuePair pair = pairIn(ofPair, queue, QueuePairType.RC);
            assertThat(pair.protectionDomain()).isSameAs(ofPair);
            new Wiring().connect(pair, pair);
            for (ProtectionDomain ofRegion : family) {
                MemoryRegion region = ofRegion.allocateMemory(64, End.ALL_RIGHTS);
                ScatterGatherElement half = new ScatterGatherElement(region, 0, 32);
                pair.postSend(new SendRequest()
                        .wrId(1)
                        .sge(half)
                        .flags(SendFlags.SIGNALED)
                        .write(region.address() + 32, region.rkey()));
                Completions.success(queue, 1, WorkCompletionOpcode.RDMA_WRITE);
                pair.postReceive(new ReceiveRequest(2, half));
                pair.postSend(new SendRequest().wrId(3).send());
                Completions.success(queue, 2, WorkCompletionOpcode.RECV);
                region.close();
            }
            MemoryRegion foreign = stranger.allocateMemory(64, End.ALL_RIGHTS);
            pair.postSend(new SendRequest()
                    .wrId(4)
                    .sge(new ScatterGatherElement(foreign))
                    .send());
            Completions.failure(queue, 4, WorkCompletionStatus.LOC_PROT_ERR);
            pair.close();
        }
    }

    @Test
    @DisplayName("an address handle made in a parent domain serves the queue pairs of the domain below it")
    final void addressHandle() {
        if (lacksDomains() || !context.device().attributes().has(Capability.DATAGRAM)) {
            return;
        }
        ProtectionDomain domain = context.allocateProtectionDomain();
        ProtectionDomain parent = context.allocateParentDomain(domain, null);
        CompletionQueue queue = context.createCompletionQueue(16);
        AddressVector self = AddressVector.to(Wiring.gidOf(context));
        for (ProtectionDomain[] order : new ProtectionDomain[][] {{domain, parent}, {parent, domain}}) {
            QueuePair pair = pairIn(order[0], queue, QueuePairType.UD);
            new Wiring().activate(pair);
            AddressHandle handle = order[1].createAddressHandle(self);
            SendRequest send = new SendRequest()
                    .wrId(1)
                    .flags(SendFlags.SIGNALED)
                    .send()
                    .datagram(handle, pair.number(), Wiring.QKEY);
            assertThat(pair.postSend(send)).isNull();
            Completions.success(queue, 1, WorkCompletionOpcode.SEND);
            AddressHandle foreign = context.allocateParentDomain(context.allocateProtectionDomain(), null)
                    .createAddressHandle(self);
            refused("postSend", Errno.EINVAL, () -> pair.postSend(send.datagram(foreign, pair.number(), Wiring.QKEY)));
        }
    }
}
