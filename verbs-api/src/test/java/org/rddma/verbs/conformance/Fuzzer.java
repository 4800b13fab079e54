package org.rddma.verbs.conformance;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
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
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.app.Endpoint;

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
    private static final int[] CORNERS = {0, 1, -1, 2, 7, 8, 64, 4096, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 24};

    /** Objects of one kind; a new one pushes a random old one out, which is closed if it can be. */
    private static final class Pool<T extends AutoCloseable> {
        private final List<T> objects = new ArrayList<>();
        private final int most;

        Pool(int most) {
            this.most = most;
        }

        synchronized T any(Random random) {
            return objects.isEmpty() || random.nextInt(50) == 0 ? null : objects.get(random.nextInt(objects.size()));
        }

        /** Returns what must be closed by the caller. */
        synchronized T add(T object, Random random) {
            if (objects.size() < most) {
                objects.add(object);
                return null;
            }
            return objects.set(random.nextInt(most), object);
        }
    }

    /** What the fuzzers share. */
    static final class World implements AutoCloseable {
        private final List<Supplier<Context>> openers;
        private final List<Context> opened = new ArrayList<>();
        private final Pool<Context> contexts = new Pool<>(4);
        private final Pool<ProtectionDomain> domains = new Pool<>(8);
        private final Pool<CompletionChannel> channels = new Pool<>(8);
        private final Pool<CompletionQueue> queues = new Pool<>(12);
        private final Pool<QueuePair> pairs = new Pool<>(16);
        private final Pool<MemoryRegion> regions = new Pool<>(16);
        private final Pool<AddressHandle> handles = new Pool<>(8);

        World(List<Supplier<Context>> openers) {
            this.openers = openers;
        }

        private Context open(Random random) {
            Context context = openers.get(random.nextInt(openers.size())).get();
            synchronized (opened) {
                opened.add(context);
            }
            return context;
        }

        @Override
        public void close() {
            synchronized (opened) {
                opened.forEach(Context::close);
            }
        }
    }

    private final World world;
    private final Random random;
    private final WorkCompletion[] completionsOrNull = {new WorkCompletion(), new WorkCompletion(), null};
    private String last = "nothing";
    long calls;
    long refusals;
    long completions;
    long events;

    Fuzzer(World world, long seed) {
        this.world = world;
        random = new Random(seed);
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
        if (dice < 40) {
            post();
        } else if (dice < 62) {
            completions();
        } else if (dice < 74) {
            channel();
        } else if (dice < 82) {
            modify();
        } else if (dice < 97) {
            create();
        } else {
            close();
        }
    }

    // ---- arguments

    private int number() {
        return switch (random.nextInt(4)) {
            case 0 -> CORNERS[random.nextInt(CORNERS.length)];
            case 1 -> random.nextInt();
            default -> random.nextInt(64);
        };
    }

    /** Small where it is legal, so that memory lasts. */
    private int size() {
        return random.nextInt(8) == 0 ? CORNERS[random.nextInt(CORNERS.length)] : 1 + random.nextInt(200);
    }

    private <E extends Enum<E>> E any(E[] values) {
        return random.nextInt(40) == 0 ? null : values[random.nextInt(values.length)];
    }

    private int flags(int known) {
        return random.nextInt(10) == 0 ? number() : random.nextInt() & known;
    }

    private Gid gid() {
        Context context = world.contexts.any(random);
        return context == null || random.nextInt(10) == 0
                ? new Gid(random.nextLong(), random.nextInt(3))
                : Wiring.gidOf(context);
    }

    private AddressVector vector() {
        return random.nextInt(4) == 0
                ? new AddressVector(gid(), number(), number(), number(), number(), number(), number())
                : AddressVector.to(gid());
    }

    private ScatterGatherElement element() {
        MemoryRegion region = world.regions.any(random);
        if (region == null || random.nextInt(20) == 0) {
            return random.nextBoolean() ? null : new ScatterGatherElement().set(random.nextLong(), number(), number());
        }
        return random.nextInt(10) == 0
                ? new ScatterGatherElement(region, number(), number())
                : new ScatterGatherElement(region, 0, random.nextInt(region.length() + 1));
    }

    private ScatterGatherElement[] elements() {
        ScatterGatherElement[] elements = new ScatterGatherElement[random.nextInt(4)];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = element();
        }
        return elements;
    }

    private SendRequest send(int behind) {
        MemoryRegion target = world.regions.any(random);
        QueuePair peer = world.pairs.any(random);
        SendRequest request = new SendRequest()
                .wrId(random.nextLong())
                .sges(elements())
                .datagram(world.handles.any(random), peer == null ? number() : peer.number(), number());
        long address = target == null ? random.nextLong() : target.address() + (random.nextInt(5) == 0 ? number() : 0);
        int key = target == null ? number() : target.rkey();
        request.compareAndSwap(address, key, random.nextLong(), random.nextLong());
        if (random.nextInt(10) == 0) {
            request.inlineData(ByteBuffer.allocate(random.nextInt(100)));
        }
        return request.opcode(any(WorkRequestOpcode.values()))
                .flags(flags(15))
                .next(behind == 0 ? null : send(behind - 1));
    }

    private ReceiveRequest receive(int behind) {
        return new ReceiveRequest()
                .wrId(random.nextLong())
                .sges(elements())
                .next(behind == 0 ? null : receive(behind - 1));
    }

    // ---- calls

    private void post() {
        QueuePair pair = world.pairs.any(random);
        if (pair == null) {
            return;
        }
        last = "post on " + pair;
        if (random.nextInt(3) == 0) {
            pair.postReceive(random.nextInt(50) == 0 ? null : receive(random.nextInt(3)));
        } else {
            pair.postSend(random.nextInt(50) == 0 ? null : send(random.nextInt(3)));
        }
    }

    private void completions() {
        CompletionQueue queue = world.queues.any(random);
        if (queue == null) {
            return;
        }
        int dice = random.nextInt(6);
        last = "poll, form " + dice + ", on " + queue;
        switch (dice) {
            case 0 -> completions += queue.poll(WorkCompletion.array(Math.min(100, Math.max(0, number()))));
            case 1 -> completions += queue.poll(random.nextInt(50) == 0 ? null : new WorkCompletion()) ? 1 : 0;
            case 2 -> completions += queue.poll(completion -> completions(), Math.min(5, number()));
            case 3 -> completions += queue.cursor().next() ? 1 : 0;
            case 4 -> completions += queue.poll(completionsOrNull);
            default -> {
                boolean unused = queue.requestNotify(any(NotificationType.values()));
            }
        }
    }

    private void channel() {
        int dice = random.nextInt(8);
        CompletionChannel channel = world.channels.any(random);
        CompletionQueue queue = world.queues.any(random);
        last = "channel, " + dice + ", on " + channel + " and " + queue;
        if (channel == null || queue == null) {
            return;
        }
        CompletionQueue event = null;
        switch (dice) {
            case 0 -> event = channel.getEvent(random.nextInt(2_000_000), TimeUnit.NANOSECONDS);
            case 1 -> event = channel.getEvent(Math.min(0, number()), any(TimeUnit.values()));
            case 2 -> channel.wakeup();
            case 3 -> queue.ackEvents(number());
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

    private void modify() {
        QueuePair pair = world.pairs.any(random);
        QueuePair peer = world.pairs.any(random);
        if (pair == null || peer == null) {
            return;
        }
        last = "modify " + pair;
        int dice = random.nextInt(10);
        if (dice < 5) {
            boolean close = random.nextBoolean();
            pair.modify(new QueuePairAttributes().state(QueuePairState.RESET));
            QueuePair other = close ? pair : peer;
            other.modify(new QueuePairAttributes().state(QueuePairState.RESET));
            if (pair.type() == QueuePairType.UD) {
                Endpoint.activate(pair);
            } else {
                Endpoint.connect(pair, other);
            }
        } else if (dice < 8) {
            pair.modify(new QueuePairAttributes().state(any(QueuePairState.values())));
        } else if (dice == 8) {
            QueuePairAttributes attributes = pair.query();
            last += " by " + attributes.mask();
            pair.modify(attributes.pathMtu(any(Mtu.values())).addressVector(vector()));
        } else {
            pair.modify(new QueuePairAttributes()
                    .state(any(QueuePairState.values()))
                    .port(number())
                    .pkeyIndex(number())
                    .qkey(number())
                    .accessFlags(number())
                    .timeout(number()));
        }
    }

    private void create() {
        Context context = world.contexts.any(random);
        ProtectionDomain domain = world.domains.any(random);
        int dice = context == null ? 0 : random.nextInt(12);
        last = "create, " + dice + ", in " + context + ", " + domain;
        switch (dice) {
            case 0 -> put(world.contexts, context == null || random.nextInt(20) == 0 ? world.open(random) : null);
            case 1 -> put(world.domains, context.allocateProtectionDomain());
            case 2 -> put(world.channels, context.createCompletionChannel());
            case 3, 4 ->
                put(
                        world.queues,
                        context.createCompletionQueue(new CompletionQueueAttributes()
                                .entries(size())
                                .channel(world.channels.any(random))
                                .vector(random.nextInt(10) == 0 ? number() : 0)));
            case 5 -> {
                context.queryPort(random.nextInt(3));
                context.queryGid(number(), number());
            }
            default -> createIn(domain, dice);
        }
    }

    private void createIn(ProtectionDomain domain, int dice) {
        if (domain == null) {
            return;
        }
        switch (dice) {
            case 6, 7 -> put(world.regions, domain.allocateMemory(size(), flags(15)));
            case 8 -> {
                ByteBuffer buffer = random.nextInt(5) == 0 ? ByteBuffer.allocate(50) : ByteBuffer.allocateDirect(50);
                put(
                        world.regions,
                        random.nextBoolean()
                                ? domain.registerMemory(
                                        random.nextBoolean() ? buffer : buffer.asReadOnlyBuffer(), flags(15))
                                : domain.registerMemory(buffer, number(), number(), flags(15)));
            }
            case 9 -> put(world.handles, domain.createAddressHandle(vector()));
            default ->
                put(
                        world.pairs,
                        domain.createQueuePair(new QueuePairInitAttributes()
                                .type(random.nextInt(10) == 0 ? any(QueuePairType.values()) : connected())
                                .sendCompletionQueue(world.queues.any(random))
                                .receiveCompletionQueue(world.queues.any(random))
                                .maxSendRequests(size())
                                .maxReceiveRequests(size())
                                .maxSendElements(random.nextInt(10) == 0 ? number() : 3)
                                .maxReceiveElements(random.nextInt(10) == 0 ? number() : 3)
                                .maxInlineData(random.nextInt(10) == 0 ? number() : 100)
                                .signalAll(random.nextBoolean())));
        }
    }

    private QueuePairType connected() {
        return random.nextInt(4) == 0 ? QueuePairType.UD : random.nextBoolean() ? QueuePairType.UC : QueuePairType.RC;
    }

    private <T extends AutoCloseable> void put(Pool<T> pool, T object) {
        if (object != null) {
            close(pool.add(object, random));
        }
    }

    private void close() {
        AutoCloseable object = switch (random.nextInt(8)) {
            case 0 -> random.nextInt(10) == 0 ? world.contexts.any(random) : null;
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
