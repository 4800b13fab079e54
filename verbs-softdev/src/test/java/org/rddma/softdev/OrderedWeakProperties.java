package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.app.OrderedCompletions;
import org.rddma.verbs.app.WaitOptions;

/**
 * {@link OrderedCompletions} on a device of weak order: completions of one send queue overtake each other, and those of
 * three queue pairs and two queues do so all the more. One thread does everything, so one seed is one history.
 */
class OrderedWeakProperties {
    private static final int PAIRS = 3;
    private static final int DEPTH = 5;
    private static final int MOST_STEPS = 1_000_000;

    /** What the program does next. */
    enum Turn {
        POST,
        STEP,
        STEPS,
        TAKE,
        SKIP
    }

    /** A device of weak order with three queue pairs, each connected with itself, and two queues. */
    private static final class World implements AutoCloseable {
        final SoftSchedule schedule;
        final SoftContext context;
        final CompletionQueue[] queues;
        final QueuePair[] pairs = new QueuePair[PAIRS];
        final MemoryRegion memory;

        World(long seed) {
            schedule = SoftSchedule.seeded(seed);
            Set<Capability> all = EnumSet.copyOf(SoftDeviceOptions.DEFAULT.capabilities());
            all.add(Capability.WEAK_ORDER);
            context = new SoftFabric(schedule)
                    .addDevice("weak0", SoftDeviceOptions.DEFAULT.withCapabilities(all))
                    .open();
            ProtectionDomain domain = context.allocateProtectionDomain();
            CompletionChannel channel = context.createCompletionChannel();
            CompletionQueueAttributes attributes =
                    new CompletionQueueAttributes().entries(64).channel(channel);
            queues = new CompletionQueue[] {
                context.createCompletionQueue(attributes), context.createCompletionQueue(attributes)
            };
            memory = domain.allocateMemory(64, ScheduledWorld.ALL);
            for (int i = 0; i < PAIRS; i++) {
                pairs[i] = domain.createQueuePair(new QueuePairInitAttributes()
                        .completionQueue(queues[i % 2])
                        .maxSendRequests(DEPTH));
                Endpoint.connect(pairs[i], pairs[i]);
            }
        }

        SendRequest write(long id) {
            return new SendRequest()
                    .wrId(id)
                    .write(memory.address() + 32, memory.rkey())
                    .sge(new ScatterGatherElement(memory, 0, 8));
        }

        @Override
        public void close() {
            context.close();
        }
    }

    /** What was posted, skipped and taken, and what may be taken next. */
    private static final class Run {
        final World world;
        final OrderedCompletions order;
        final Random random;
        final int window;
        final TreeMap<Long, Long> posted = new TreeMap<>();
        final TreeSet<Long> skipped = new TreeSet<>();
        final List<Long> taken = new ArrayList<>();
        final List<Long> keys = new ArrayList<>();
        final WorkCompletion result = new WorkCompletion();
        long head;
        long nextBlock;
        long ids = 1000;

        Run(World world, int window, long seed) {
            this.world = world;
            this.window = window;
            random = new Random(seed);
            order = OrderedCompletions.of(window, WaitOptions.SLEEP, world.queues);
        }

        void turn(Turn turn, boolean keyed) {
            switch (turn) {
                case POST -> {
                    boolean unused = keyed ? postKey(false) : postNext();
                }
                case STEP -> world.schedule.step();
                case STEPS -> world.schedule.runUntilIdle(random.nextInt(30));
                case TAKE -> take();
                // a hole that is never posted would hold up all behind it: beyond the next only a key is skipped
                case SKIP -> skip(head + random.nextInt(keyed ? window : (int) (next() - head) + 1));
            }
        }

        /** The lowest position above all that were used. */
        private long next() {
            return Math.max(posted.isEmpty() ? 0 : posted.lastKey() + 1, skipped.isEmpty() ? 0 : skipped.last() + 1);
        }

        boolean postNext() {
            long id = ids++;
            long next = next();
            long position = order.postSend(pair(), world.write(id), 0, TimeUnit.NANOSECONDS);
            if (position < 0) {
                return false;
            }
            assertThat(position).isEqualTo(next).isLessThan(head + window);
            posted.put(position, id);
            return true;
        }

        /** The next of the positions, which are mixed in blocks of a few. */
        boolean postKey(boolean least) {
            if (keys.isEmpty()) {
                for (int i = 0; i < 6; i++) {
                    keys.add(nextBlock++);
                }
                Collections.shuffle(keys, random);
            }
            keys.removeAll(skipped);
            if (keys.isEmpty()) {
                return true;
            }
            int chosen = least ? keys.indexOf(Collections.min(keys)) : random.nextInt(keys.size());
            long position = keys.get(chosen);
            long id = ids++;
            if (!order.postSendAt(position, pair(), world.write(id), 0, TimeUnit.NANOSECONDS)) {
                return false;
            }
            assertThat(position).isLessThan(head + window);
            posted.put(position, id);
            keys.remove(chosen);
            return true;
        }

        private QueuePair pair() {
            return world.pairs[random.nextInt(PAIRS)];
        }

        boolean take() {
            long position = order.take(result, 0, TimeUnit.NANOSECONDS);
            if (position < 0) {
                return false;
            }
            assertThat(position).isEqualTo(head);
            assertThat(result.wrId()).isEqualTo(posted.get(position));
            assertThat(result.isSuccess()).isTrue();
            taken.add(position);
            head++;
            passSkipped();
            return true;
        }

        private void skip(long position) {
            if (position >= head && !skipped.contains(position)) {
                boolean inWindow = order.skip(position);
                assertThat(inWindow).isEqualTo(position < head + window);
                if (inWindow) {
                    skipped.add(position);
                }
            }
            passSkipped();
        }

        private void passSkipped() {
            while (skipped.contains(head)) {
                head++;
            }
        }

        void finish(boolean keyed) {
            for (int steps = 0; steps < MOST_STEPS; steps++) {
                boolean moved = world.schedule.step();
                moved |= take();
                if (keyed && !keys.isEmpty()) {
                    moved |= postKey(true);
                }
                if (!moved) {
                    break;
                }
            }
            List<Long> wanted = new ArrayList<>(posted.keySet());
            wanted.removeAll(skipped);
            assertThat(taken).isEqualTo(wanted);
        }
    }

    /**
     * Would catch: a position out of order, left out, taken twice or with another's completion; one beyond the window;
     * a completion that is lost because it overtook, or one of a skipped position that is given to whoever has its entry.
     */
    @Property(tries = 150)
    void everyPositionOnceAndInOrder(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 12) int window,
            @ForAll boolean keyed,
            @ForAll @Size(max = 300) List<Turn> turns) {
        try (World world = new World(seed)) {
            Run run = new Run(world, window, seed);
            turns.forEach(turn -> run.turn(turn, keyed));
            run.finish(keyed);
        }
    }

    /** The same where the window is always full: posts are most of what is done. */
    @Property(tries = 40)
    void aFullWindowMovesOn(@ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int window) {
        try (World world = new World(seed)) {
            Run run = new Run(world, window, seed);
            while (run.taken.size() < 100) {
                while (run.postNext()) {
                    assertThat(run.posted.size() - run.taken.size()).isLessThanOrEqualTo(window);
                }
                world.schedule.step();
                run.take();
            }
            run.finish(false);
        }
    }

    /** Otherwise the properties above would show little. */
    @Example
    void completionsOfThisDeviceDoOvertakeEachOther() {
        int overtaken = 0;
        WorkCompletion completion = new WorkCompletion();
        for (long seed = 0; seed < 20; seed++) {
            try (World world = new World(seed)) {
                for (int i = 0; i < DEPTH; i++) {
                    assertThat(world.pairs[0].postSend(world.write(i).flags(SendFlags.SIGNALED)))
                            .isNull();
                }
                int steps = world.schedule.runUntilIdle();
                assertThat(steps).isPositive();
                for (int i = 0; world.queues[0].poll(completion); i++) {
                    overtaken += completion.wrId() == i ? 0 : 1;
                }
            }
        }
        assertThat(overtaken).isPositive();
    }
}
