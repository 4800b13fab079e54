package org.rddma.verbs.conformance;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.CompletionWaiter;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.app.WaitOptions;

/** One thread that calls random verbs with random arguments on objects that it shares with other such threads. */
final class Fuzzer {
    private static final Set<Integer> EXPECTED = Set.of(
            Errno.EINVAL,
            Errno.EBADF,
            Errno.EBUSY,
            Errno.EFAULT,
            Errno.EACCES,
            Errno.ENOMEM,
            Errno.EOPNOTSUPP,
            Errno.EOVERFLOW,
            Errno.ETIMEDOUT,
            Errno.EINTR);

    private final FuzzWorld world;
    private final Random random;
    private final FuzzArguments arguments;
    private final WorkCompletion[] completionsOrNull = {new WorkCompletion(), new WorkCompletion(), null};
    private String last = "nothing";
    long calls;
    long refusals;
    long completions;
    long successes;
    long events;

    Fuzzer(FuzzWorld world, long seed) {
        this.world = world;
        random = new Random(seed);
        arguments = new FuzzArguments(world, random);
    }

    void runUntil(long end) {
        while (System.nanoTime() - end < 0) {
            calls++;
            try {
                call(random.nextInt(100));
            } catch (VerbsException e) {
                refusals++;
                if (!EXPECTED.contains(e.errno())
                        || e.verb().isEmpty()
                        || !e.getMessage().contains(e.verb())) {
                    throw new AssertionError("unexpected refusal of " + last, e);
                }
            } catch (RuntimeException | Error e) {
                throw new AssertionError(last + " failed with something else than a VerbsException: " + e, e);
            }
        }
    }

    private void call(int dice) {
        if (random.nextInt(200) == 0) {
            revive();
        }
        if (dice < 40) {
            post();
        } else if (dice < 62) {
            completions();
        } else if (dice < 74) {
            channel();
        } else if (dice < 82) {
            modify();
        } else if (dice < 99 || random.nextInt(4) > 0) {
            create();
        } else {
            close();
        }
    }

    // ---- calls

    private void post() {
        QueuePair pair = world.pairs.any(random);
        if (pair == null) {
            return;
        }
        last = "post on " + pair;
        MemoryRegion region = arguments.regionOf(pair);
        if (region != null && random.nextBoolean()) { // something that can work
            ScatterGatherElement whole = new ScatterGatherElement(region);
            pair.postReceive(new ReceiveRequest(1, whole));
            pair.postSend(new SendRequest().wrId(2).sge(whole).flags(SendFlags.SIGNALED));
            return;
        }
        if (random.nextInt(3) == 0) {
            pair.postReceive(random.nextInt(50) == 0 ? null : arguments.receive(pair, random.nextInt(3)));
        } else {
            pair.postSend(random.nextInt(50) == 0 ? null : arguments.send(pair, random.nextInt(3)));
        }
    }

    private void completions() {
        CompletionQueue queue = world.queues.any(random);
        if (queue == null) {
            return;
        }
        int dice = random.nextInt(8);
        last = "poll, form " + dice + ", on " + queue;
        switch (dice) {
            case 0 -> completions += queue.poll(WorkCompletion.array(Math.min(100, Math.max(0, arguments.number()))));
            case 1 -> {
                WorkCompletion completion = random.nextInt(50) == 0 ? null : new WorkCompletion();
                if (queue.poll(completion)) {
                    count(completion);
                }
            }
            case 2 -> {
                int unused = queue.poll(
                        completion -> {
                            count(completion);
                            completions();
                        },
                        Math.min(5, arguments.number()));
            }
            case 3 -> completions += queue.cursor().next() ? 1 : 0;
            case 4 -> completions += queue.poll(completionsOrNull);
            case 5 -> queue.resize(random.nextBoolean() ? 4096 : arguments.size());
            case 6 -> queue.moderate(arguments.number(), arguments.number());
            default -> {
                boolean unused = queue.requestNotify(arguments.any(NotificationType.values()));
            }
        }
    }

    private void count(WorkCompletion completion) {
        completions++;
        successes += completion.isSuccess() ? 1 : 0;
        if (completion.status() == null || completion.toString().isEmpty()) {
            throw new AssertionError("a completion that makes no sense");
        }
    }

    private void channel() {
        int dice = random.nextInt(9);
        CompletionChannel channel = world.channels.any(random);
        CompletionQueue queue = world.queues.any(random);
        last = "channel, " + dice + ", on " + channel + " and " + queue;
        if (channel == null || queue == null) {
            return;
        }
        CompletionQueue event = null;
        switch (dice) {
            case 0 -> event = channel.getEvent(random.nextInt(2_000_000), TimeUnit.NANOSECONDS);
            case 1 -> event = channel.getEvent(Math.min(0, arguments.number()), arguments.any(TimeUnit.values()));
            case 2 -> channel.wakeup();
            case 5 -> awaitWith(random.nextInt(20) == 0 ? null : channel, random.nextInt(20) == 0 ? null : queue);
            case 3 -> queue.ackEvents(arguments.number());
            case 4 -> {
                if (channel.fd() < 0 || channel.unreadEvents() < 0 || queue.unacknowledgedEvents() < 0) {
                    throw new AssertionError("negative: " + last);
                }
            }
            default -> event = channel.tryGetEvent();
        }
        if (event != null) {
            events++;
            if (random.nextInt(4) > 0) {
                event.ackEvents(1);
            }
        }
    }

    private void awaitWith(CompletionChannel channel, CompletionQueue queue) {
        CompletionWaiter waiter = new CompletionWaiter(channel, WaitOptions.SLEEP);
        waiter.add(queue);
        TimeUnit unit = random.nextInt(20) == 0 ? null : TimeUnit.MICROSECONDS;
        completions += waiter.await(completionsOrNull, random.nextInt(2000), unit);
        waiter.remove(queue);
    }

    private static QueuePairAttributes to(QueuePairState state) {
        return new QueuePairAttributes().state(state);
    }

    private void modify() {
        QueuePair pair = world.pairs.any(random);
        QueuePair peer = world.pairs.any(random);
        if (pair == null || peer == null) {
            return;
        }
        last = "modify " + pair;
        int dice = random.nextInt(10);
        if (dice < 5) {
            boolean alone = random.nextBoolean();
            pair.modify(to(QueuePairState.RESET));
            QueuePair other = alone ? pair : peer;
            other.modify(to(QueuePairState.RESET));
            if (pair.type() == QueuePairType.UD) {
                Endpoint.activate(pair);
            } else {
                Endpoint.connect(pair, other);
            }
        } else if (dice < 8) {
            pair.modify(to(arguments.any(QueuePairState.values())));
        } else if (dice == 8) {
            QueuePairAttributes attributes = pair.query();
            last += " by " + attributes.mask();
            pair.modify(attributes.pathMtu(arguments.any(Mtu.values())).addressVector(arguments.vector()));
        } else {
            pair.modify(new QueuePairAttributes()
                    .state(arguments.any(QueuePairState.values()))
                    .port(arguments.number())
                    .pkeyIndex(arguments.number())
                    .qkey(arguments.number())
                    .accessFlags(arguments.number())
                    .timeout(arguments.number()));
        }
    }

    private void create() {
        Context context = world.contexts.any(random);
        ProtectionDomain domain = world.domains.any(random);
        int dice = context == null ? 0 : random.nextInt(12);
        last = "create, " + dice + ", in " + context + ", " + domain;
        switch (dice) {
            case 0 -> put(world.contexts, context == null ? world.open(random) : null);
            case 1 ->
                put(
                        world.domains,
                        random.nextInt(3) == 0
                                ? context.allocateParentDomain(
                                        domain, random.nextBoolean() ? context.allocateThreadDomain() : null)
                                : context.allocateProtectionDomain());
            case 2 -> put(world.channels, context.createCompletionChannel());
            case 3, 4 ->
                put(
                        world.queues,
                        context.createCompletionQueue(new CompletionQueueAttributes()
                                .entries(random.nextInt(3) == 0 ? arguments.size() : 4096)
                                .channel(world.channels.suiting(random, channel -> channel.context() == context))
                                .vector(random.nextInt(10) == 0 ? arguments.number() : 0)
                                .fields(random.nextInt(4) == 0 ? arguments.number() : CompletionFields.STANDARD)
                                .singleThreaded(random.nextInt(10) == 0) // a promise that is not kept
                                .ignoreOverrun(random.nextInt(10) == 0)
                                .parentDomain(random.nextInt(40) == 0 ? domain : null)));
            case 5 -> {
                context.queryPort(random.nextInt(3));
                context.queryGid(arguments.number(), arguments.number());
                context.queryPkey(arguments.number(), arguments.number());
            }
            default -> createIn(domain, dice);
        }
    }

    /** Makes a set of objects that work together: with chance alone, most would soon be closed. */
    private void revive() {
        last = "revive";
        Context context = world.contexts.any(random);
        if (context == null || random.nextInt(40) == 0) {
            context = world.open(random);
            put(world.contexts, context);
        }
        ProtectionDomain domain = context.allocateProtectionDomain();
        CompletionChannel channel = context.createCompletionChannel();
        CompletionQueue queue = context.createCompletionQueue(
                new CompletionQueueAttributes().entries(4096).channel(channel));
        QueuePair pair = domain.createQueuePair(new QueuePairInitAttributes()
                .completionQueue(queue)
                .maxSendElements(3)
                .maxReceiveElements(3)
                .maxSendRequests(64)
                .maxReceiveRequests(64)
                .maxInlineData(100));
        Endpoint.connect(pair, pair);
        MemoryRegion region = domain.allocateMemory(4096, End.ALL_RIGHTS);
        for (AutoCloseable pushedOut : new AutoCloseable[] {
            world.pairs.add(pair, random),
            world.regions.add(region, random),
            world.queues.add(queue, random),
            world.channels.add(channel, random),
            world.domains.add(domain, random)
        }) {
            close(pushedOut);
        }
    }

    private void createIn(ProtectionDomain domain, int dice) {
        if (domain == null) {
            return;
        }
        switch (dice) {
            case 6, 7 ->
                put(
                        world.regions,
                        domain.allocateMemory(
                                arguments.size(), random.nextInt(3) == 0 ? arguments.flags(15) : End.ALL_RIGHTS));
            case 8 -> {
                ByteBuffer buffer = random.nextInt(5) == 0 ? ByteBuffer.allocate(50) : ByteBuffer.allocateDirect(50);
                put(
                        world.regions,
                        random.nextBoolean()
                                ? domain.registerMemory(
                                        random.nextBoolean() ? buffer : buffer.asReadOnlyBuffer(), arguments.flags(15))
                                : domain.registerMemory(
                                        buffer, arguments.number(), arguments.number(), arguments.flags(15)));
            }
            case 9 -> put(world.handles, domain.createAddressHandle(arguments.vector()));
            default ->
                put(
                        world.pairs,
                        domain.createQueuePair(new QueuePairInitAttributes()
                                .type(
                                        random.nextInt(10) == 0
                                                ? arguments.any(QueuePairType.values())
                                                : connected(domain.context()))
                                .sendCompletionQueue(queueOf(domain))
                                .receiveCompletionQueue(queueOf(domain))
                                .maxSendRequests(arguments.size())
                                .maxReceiveRequests(arguments.size())
                                .maxSendElements(random.nextInt(10) == 0 ? arguments.number() : 3)
                                .maxReceiveElements(random.nextInt(10) == 0 ? arguments.number() : 3)
                                .maxInlineData(random.nextInt(10) == 0 ? arguments.number() : inline(domain.context()))
                                .signalAll(random.nextBoolean())));
        }
    }

    private CompletionQueue queueOf(ProtectionDomain domain) {
        return world.queues.suiting(random, queue -> queue.context() == domain.context());
    }

    /** Mostly a type that the device has: where it has but one, little would happen otherwise. */
    private QueuePairType connected(Context context) {
        boolean reliable = random.nextBoolean();
        if (random.nextInt(4) == 0) {
            return has(context, Capability.DATAGRAM) ? QueuePairType.UD : QueuePairType.RC;
        }
        return reliable || !has(context, Capability.UNRELIABLE_CONNECTION) ? QueuePairType.RC : QueuePairType.UC;
    }

    private static int inline(Context context) {
        return has(context, Capability.INLINE) ? 100 : 0;
    }

    private static boolean has(Context context, Capability capability) {
        return context.device().attributes().has(capability);
    }

    private <T extends AutoCloseable> void put(FuzzWorld.Pool<T> pool, T object) {
        if (object != null) {
            close(pool.add(object, random));
        }
    }

    private void close() {
        AutoCloseable object = switch (random.nextInt(8)) {
            case 0 -> random.nextInt(30) == 0 ? world.contexts.any(random) : null;
            case 1 -> world.domains.any(random);
            case 2 -> world.channels.any(random);
            case 3 -> world.queues.any(random);
            case 4 -> world.regions.any(random);
            case 5 -> world.handles.any(random);
            default -> world.pairs.any(random);
        };
        close(object);
    }

    private void close(AutoCloseable object) {
        if (object == null) {
            return;
        }
        last = "close " + object;
        if (object instanceof CompletionQueue queue) {
            queue.close(Duration.ofNanos(random.nextInt(1_000_000))); // it would wait for other threads' events
            return;
        }
        try {
            object.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
