package org.rddma.verbs.app;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventChannel;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** All that an event loop waits for on descriptors, and which of it is ready. */
final class LoopSources {
    private final LoopCore loop;
    private final LoopSelector selector;
    private final WaitOptions options;
    private final ArrayDeque<LoopSource> ready = new ArrayDeque<>();
    private final IdentityHashMap<CompletionQueue, LoopQueue> queues = new IdentityHashMap<>();
    private final IdentityHashMap<CompletionChannel, ChannelSource> channels = new IdentityHashMap<>();
    private final IdentityHashMap<AsyncEventChannel, AsyncSource> asyncChannels = new IdentityHashMap<>();
    private final Set<CompletionQueue> removed = Collections.newSetFromMap(new WeakHashMap<>());
    private int descriptors;

    LoopSources(LoopCore loop, LoopSelector selector, WaitOptions options) {
        this.loop = loop;
        this.selector = selector;
        this.options = options;
    }

    void addQueue(CompletionQueue queue, QueueHandler handler, String verb) {
        CompletionChannel channel = queue.channel();
        if (channel == null) {
            throw new VerbsException(verb, Errno.EINVAL, queue + " has no channel: make it with one");
        }
        if (queues.containsKey(queue)) {
            throw new VerbsException(verb, Errno.EINVAL, queue + " is in this loop already");
        }
        ChannelSource source = channels.get(channel);
        if (source == null) {
            source = new ChannelSource(loop, channel, new CompletionWaiter(channel, options, removed));
            watch(source, channel.fd(), true, verb);
            channels.put(channel, source);
        }
        LoopQueue entry = new LoopQueue(loop, queue, source, handler);
        source.waiter().add(queue, entry);
        source.queues++;
        queues.put(queue, entry);
        ready(source);
    }

    boolean removeQueue(CompletionQueue queue) {
        LoopQueue entry = queues.get(queue);
        if (entry == null) {
            return false;
        }
        entry.channel().waiter().remove(queue);
        forgetQueue(queue);
        return true;
    }

    /** A queue that its waiter has removed. */
    void forgetQueue(CompletionQueue queue) {
        ChannelSource source = queues.remove(queue).channel();
        source.queues--;
        if (source.queues == 0) {
            channels.remove(source.channel());
            drop(source);
        }
    }

    /** Null when it is not here. */
    LoopQueue queue(CompletionQueue queue) {
        return queues.get(queue);
    }

    void addAsync(AsyncEventChannel channel, Consumer<? super AsyncEvent> handler, String verb) {
        if (asyncChannels.containsKey(channel)) {
            throw new VerbsException(verb, Errno.EINVAL, channel + " is in this loop already");
        }
        AsyncSource source = new AsyncSource(loop, channel, handler);
        watch(source, channel.fd(), true, verb);
        asyncChannels.put(channel, source);
        ready(source);
    }

    boolean removeAsync(AsyncEventChannel channel) {
        AsyncSource source = asyncChannels.remove(channel);
        if (source == null) {
            return false;
        }
        drop(source);
        return true;
    }

    WatchedDescriptor addDescriptor(
            EventLoop owner, int fd, DescriptorHandler handler, boolean edgeTriggered, String verb) {
        DescriptorSource source = new DescriptorSource(owner, handler, edgeTriggered);
        watch(source, fd, edgeTriggered, verb);
        descriptors++;
        return source.view();
    }

    void changeDescriptor(DescriptorSource source, boolean reading, boolean writing, String verb) {
        selector.change(source, reading, writing, source.edgeTriggered, verb);
    }

    boolean removeDescriptor(DescriptorSource source) {
        if (source.removed) {
            return false;
        }
        descriptors--;
        drop(source);
        return true;
    }

    private void watch(LoopSource source, int fd, boolean edgeTriggered, String verb) {
        LoopSource lost = selector.add(source, fd, edgeTriggered, verb);
        if (lost instanceof DescriptorSource descriptor) {
            boolean unused = removeDescriptor(descriptor); // the program closed it
        } else if (lost != null) {
            ready(lost); // it finds out
        }
    }

    private void drop(LoopSource source) {
        source.removed = true;
        selector.remove(source);
    }

    /** Gives a source a turn in the next round. */
    void ready(LoopSource source) {
        if (!source.ready && !source.removed) {
            source.ready = true;
            ready.add(source);
        }
    }

    /** How many are ready now. */
    int readyCount() {
        return ready.size();
    }

    /** The next one's turn. */
    void turn(int budget) {
        LoopSource source = ready.poll();
        source.ready = false;
        if (!source.removed && source.turn(budget)) {
            ready(source);
        }
    }

    /** Waits until a descriptor is ready, and tells its source. */
    void select(int millis) {
        int found = selector.select(millis);
        for (int i = 0; i < found; i++) {
            LoopSource source = selector.source(i);
            if (source != null) {
                source.report(selector.isReadable(i), selector.isWritable(i));
                ready(source);
            }
        }
    }

    /** Who closes a context under the loop makes no edge: its channels are made ready here, and find out. */
    void findLost() {
        for (int slot = 0; slot < selector.slots(); slot++) {
            LoopSource source = selector.at(slot);
            if (source != null && source.isLost()) {
                ready(source);
            }
        }
    }

    EventLoopRemains remains(int timers, int tasks) {
        return new EventLoopRemains(queues.size(), asyncChannels.size(), descriptors, timers, tasks);
    }
}
