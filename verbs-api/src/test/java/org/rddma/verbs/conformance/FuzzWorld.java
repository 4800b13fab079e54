package org.rddma.verbs.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;

/** The objects that fuzzers share: open ones and closed ones. */
final class FuzzWorld implements AutoCloseable {
    /** Objects of one kind; a new one pushes a random old one out, which is closed if it can be. */
    static final class Pool<T extends AutoCloseable> {
        private final List<T> objects = new ArrayList<>();
        private final int most;

        Pool(int most) {
            this.most = most;
        }

        synchronized T any(Random random) {
            return objects.isEmpty() || random.nextInt(50) == 0 ? null : objects.get(random.nextInt(objects.size()));
        }

        /** One that suits, mostly: there may be none, and now and then it is any. */
        T suiting(Random random, Predicate<T> suits) {
            T one = any(random);
            for (int i = 0; i < 12 && one != null && !suits.test(one) && random.nextInt(30) > 0; i++) {
                one = any(random);
            }
            return one;
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

    private final List<Supplier<Context>> openers;
    private final List<Context> opened = new ArrayList<>();
    final Pool<Context> contexts = new Pool<>(3);
    final Pool<ProtectionDomain> domains = new Pool<>(4);
    final Pool<CompletionChannel> channels = new Pool<>(8);
    final Pool<CompletionQueue> queues = new Pool<>(12);
    final Pool<QueuePair> pairs = new Pool<>(16);
    final Pool<MemoryRegion> regions = new Pool<>(16);
    final Pool<AddressHandle> handles = new Pool<>(8);

    FuzzWorld(List<Supplier<Context>> openers) {
        this.openers = openers;
    }

    Context open(Random random) {
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
