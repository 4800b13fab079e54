package org.rddma.verbs.layer;

import java.util.IdentityHashMap;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.RegionChange;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkRequest;
import org.rddma.verbs.XrcDomain;

/**
 * The arguments of one call on their way down through a layer. Requests and attributes that name wrapped objects are
 * copied, so that the caller's are as they were whatever another thread does with them; a request that comes back, as a
 * result or as the culprit of an exception, is the caller's own again.
 */
final class Passing {
    private final Layer layer;
    private final IdentityHashMap<SendRequest, SendRequest> copies = new IdentityHashMap<>();
    private final IdentityHashMap<Object, WorkRequest> originals = new IdentityHashMap<>();

    Passing(Layer layer) {
        this.layer = layer;
    }

    Object[] down(Object[] arguments) {
        Object[] passed = arguments.clone();
        for (int i = 0; i < passed.length; i++) {
            passed[i] = down(passed[i]);
        }
        return passed;
    }

    private Object down(Object argument) {
        if (argument instanceof SendRequest first) {
            return down(first);
        } else if (argument instanceof QueuePairInitAttributes attributes) {
            return down(attributes);
        } else if (argument instanceof CompletionQueueAttributes attributes) {
            return down(attributes);
        } else if (argument instanceof SharedReceiveQueueAttributes attributes) {
            return down(attributes);
        } else if (argument instanceof MemoryWindowBind bind) {
            return down(bind);
        } else if (argument instanceof RegionChange change) {
            return down(change);
        }
        return layer.unwrap(argument);
    }

    Object up(Object result) {
        WorkRequest original = originals.get(result);
        return original == null ? result : original;
    }

    Throwable up(Throwable thrown) {
        if (thrown instanceof VerbsException refusal && !originals.isEmpty()) {
            WorkRequest original = refusal.badRequest().map(originals::get).orElse(null);
            return original == null ? refusal : refusal.about(original);
        }
        return thrown;
    }

    private SendRequest down(SendRequest first) {
        boolean isPlain = true;
        IdentityHashMap<SendRequest, SendRequest> seen = new IdentityHashMap<>(); // a chain may bite its tail
        for (SendRequest request = first; request != null && seen.put(request, request) == null; ) {
            isPlain &= !layer.isWrapper(request.addressHandle())
                    && !layer.isWrapper(request.window())
                    && !layer.isWrapper(request.boundRegion());
            request = request.next();
        }
        if (isPlain) {
            return first;
        }
        SendRequest last = null;
        for (SendRequest request = first; request != null; request = request.next()) {
            SendRequest known = copies.get(request);
            SendRequest copy = known == null ? copy(request) : known;
            if (last != null) {
                last.next(copy);
            }
            if (known != null) {
                break;
            }
            last = copy;
        }
        return copies.get(first);
    }

    private SendRequest copy(SendRequest from) {
        ScatterGatherElement[] elements = new ScatterGatherElement[from.sgeCount()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = from.sge(i);
        }
        MemoryWindowBind bind = new MemoryWindowBind()
                .show(down(from.boundRegion()), from.bindAddress(), from.bindLength(), from.bindAccess());
        SendRequest copy = new SendRequest()
                .sendWithImmediate(from.immediate())
                .compareAndSwap(0, 0, from.compareAdd(), from.swap())
                .bindMemoryWindow(down(from.window()), 0, bind)
                .flush(from.remoteAddress(), from.rkey(), from.flushLength(), from.flushPlacement(), from.flushLevel())
                .opcode(from.opcode())
                .wrId(from.wrId())
                .sges(elements)
                .flags(from.flags())
                .datagram(down(from.addressHandle()), from.remoteQueuePair(), from.remoteQkey())
                .inlineData(from.inlineData())
                .xrcSharedReceiveQueue(from.xrcSharedReceiveQueue());
        copies.put(from, copy);
        originals.put(copy, from);
        return copy;
    }

    private QueuePairInitAttributes down(QueuePairInitAttributes from) {
        QueuePairCapabilities sizes = from.capabilities();
        return new QueuePairInitAttributes()
                .type(from.type())
                .sendCompletionQueue(down(from.sendCompletionQueue()))
                .receiveCompletionQueue(down(from.receiveCompletionQueue()))
                .maxSendRequests(sizes.maxSendRequests())
                .maxReceiveRequests(sizes.maxReceiveRequests())
                .maxSendElements(sizes.maxSendElements())
                .maxReceiveElements(sizes.maxReceiveElements())
                .maxInlineData(sizes.maxInlineData())
                .signalAll(from.signalAll())
                .userContext(from.userContext())
                .sharedReceiveQueue(down(from.sharedReceiveQueue()))
                .xrcDomain(down(from.xrcDomain()))
                .sendOperations(from.sendOperations());
    }

    private CompletionQueueAttributes down(CompletionQueueAttributes from) {
        return new CompletionQueueAttributes()
                .entries(from.entries())
                .userContext(from.userContext())
                .channel(down(from.channel()))
                .vector(from.vector())
                .fields(from.fields())
                .singleThreaded(from.singleThreaded())
                .ignoreOverrun(from.ignoreOverrun())
                .parentDomain(down(from.parentDomain()));
    }

    private SharedReceiveQueueAttributes down(SharedReceiveQueueAttributes from) {
        return new SharedReceiveQueueAttributes()
                .maxRequests(from.maxRequests())
                .maxElements(from.maxElements())
                .userContext(from.userContext())
                .xrc(down(from.xrcDomain()), down(from.completionQueue()));
    }

    private MemoryWindowBind down(MemoryWindowBind from) {
        return new MemoryWindowBind()
                .wrId(from.wrId())
                .flags(from.flags())
                .show(down(from.region()), from.address(), from.length(), from.access());
    }

    private RegionChange down(RegionChange from) {
        RegionChange copy = new RegionChange();
        if (from.has(RegionChange.TRANSLATION)) {
            copy.memory(from.buffer(), from.offset(), from.length());
        }
        if (from.has(RegionChange.PROTECTION_DOMAIN)) {
            copy.protectionDomain(down(from.protectionDomain()));
        }
        if (from.has(RegionChange.ACCESS)) {
            copy.access(from.access());
        }
        return copy;
    }

    private CompletionQueue down(CompletionQueue queue) {
        return (CompletionQueue) layer.unwrap(queue);
    }

    private CompletionChannel down(CompletionChannel channel) {
        return (CompletionChannel) layer.unwrap(channel);
    }

    private ProtectionDomain down(ProtectionDomain domain) {
        return (ProtectionDomain) layer.unwrap(domain);
    }

    private SharedReceiveQueue down(SharedReceiveQueue queue) {
        return (SharedReceiveQueue) layer.unwrap(queue);
    }

    private XrcDomain down(XrcDomain domain) {
        return (XrcDomain) layer.unwrap(domain);
    }

    private AddressHandle down(AddressHandle handle) {
        return (AddressHandle) layer.unwrap(handle);
    }

    private MemoryWindow down(MemoryWindow window) {
        return (MemoryWindow) layer.unwrap(window);
    }

    private MemoryRegion down(MemoryRegion region) {
        return (MemoryRegion) layer.unwrap(region);
    }
}
