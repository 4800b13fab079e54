package org.rddma.softdev;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.CompletionDelivery;
import org.rddma.verbs.spi.DeliverySchedule;
import org.rddma.verbs.spi.DeliveryVector;

/** What is pending on a fabric, and the choice among it. */
final class Scheduler {
    /*
     * Two locks. The stepping lock is held by the thread that carries out a step, for as long as that takes, so that
     * steps come one after the other; no verb takes it, so a step may wait for a verb and run the user's code. The
     * other lock guards everything in here; nothing is called under it that takes another lock, so that it can be
     * taken from anywhere inside of the device.
     *
     * One seed, one history: all choices are made by one random generator, among candidates whose order follows from
     * the order in which objects were made and work was posted, and from nothing else: no hash codes, no clock, no
     * names of threads.
     */
    private static final long LEAST_STEP_NANOS = 100;
    private static final int STEP_NANOS = 900;
    private static final long NEVER = Long.MAX_VALUE;

    final Object lock = new Object();
    private final ReentrantLock stepping = new ReentrantLock();
    private final StringBuilder details = new StringBuilder(); // of the step that is being carried out
    private boolean firing;

    private final SplittableRandom random;
    private final TreeSet<ScheduledQueuePair> ready = new TreeSet<>(Comparator.comparingInt(pair -> pair.serial));
    private final List<CompletionLanes> queues = new ArrayList<>();
    private final List<DeliveryVector> vectors = new ArrayList<>();
    private final List<SoftCompletionChannel> channels = new ArrayList<>();
    private final TreeSet<VirtualTimer.Task> timers = new TreeSet<>();
    private final TreeMap<Long, ArrayDeque<Step>> plan = new TreeMap<>();
    private final Trace trace = new Trace();

    private int serials;
    private long sequences;
    private long steps;
    private boolean hasWoken;
    private volatile long now;
    private volatile Freedoms freedoms;
    private volatile Thread thread;

    /** Something that can happen. */
    @FunctionalInterface
    interface Step {
        /** Does it; returns what was done, or null when there was nothing to do any more. */
        String carryOut();
    }

    Scheduler(long seed, Freedoms freedoms) {
        random = new SplittableRandom(seed);
        this.freedoms = freedoms;
    }

    // ---- what the device tells

    int nextSerial() {
        synchronized (lock) {
            return serials++;
        }
    }

    /** Called with the lock held. */
    long nextSequence() {
        return sequences++;
    }

    SplittableRandom newRandom() {
        synchronized (lock) {
            return random.split();
        }
    }

    DeliveryVector newVector(int index, SoftDevice device) {
        DeliveryVector vector = DeliveryVector.scheduled(index, new DeliverySchedule() {
            @Override
            public CompletionDelivery deliveryOf(String queue) {
                CompletionLanes lanes = new CompletionLanes(Scheduler.this, queue, device);
                synchronized (lock) {
                    queues.add(lanes);
                }
                return lanes;
            }

            @Override
            public void eventRaised() {
                signal();
            }
        });
        synchronized (lock) {
            vectors.add(vector);
        }
        return vector;
    }

    void remove(List<DeliveryVector> closed) {
        synchronized (lock) {
            vectors.removeAll(closed);
        }
    }

    void remove(CompletionLanes closed) {
        synchronized (lock) {
            queues.remove(closed);
        }
    }

    void add(SoftCompletionChannel channel) {
        synchronized (lock) {
            channels.add(channel);
        }
    }

    void remove(SoftCompletionChannel channel) {
        synchronized (lock) {
            channels.remove(channel);
        }
    }

    void wake(ScheduledQueuePair pair, QueuePairEngine engine) {
        synchronized (lock) {
            pair.engine = engine;
            if (!engine.hasNext()) {
                ready.remove(pair);
                return;
            }
            if (ready.add(pair)) {
                pair.readySince = nextSequence();
            }
        }
        if (stepping.isHeldByCurrentThread() && firing) {
            details.append(": ").append(pair).append(" tries again");
        }
        signal();
    }

    Future<?> add(VirtualTimer.Task task, long delayNanos) {
        synchronized (lock) {
            task.due = now + Math.max(0, delayNanos);
            task.sequence = nextSequence();
            timers.add(task);
        }
        signal();
        return task;
    }

    void remove(VirtualTimer.Task task) {
        synchronized (lock) {
            timers.remove(task);
        }
    }

    void close(VirtualTimer timer) {
        synchronized (lock) {
            timers.removeIf(task -> task.timer == timer);
        }
    }

    boolean hasTimers(VirtualTimer timer) {
        synchronized (lock) {
            return timers.stream().anyMatch(task -> task.timer == timer);
        }
    }

    // ---- choices

    Freedoms freedoms() {
        return freedoms;
    }

    void freedoms(Freedoms others) {
        freedoms = others;
    }

    boolean chance(Freedom freedom) {
        int percent = freedoms.percent(freedom);
        synchronized (lock) {
            return percent == 100 || percent > 0 && random.nextInt(100) < percent;
        }
    }

    int pick(int count) {
        synchronized (lock) {
            return random.nextInt(count);
        }
    }

    // ---- the trace

    /** Adds to what the step that is being carried out does, if this thread carries one out. */
    void detail(String what) {
        if (stepping.isHeldByCurrentThread()) {
            details.append(what);
        }
    }

    /** A line for what the device decides while a verb is called. */
    void note(String what) {
        synchronized (lock) {
            trace.add("-- " + Trace.time(now) + " " + what);
        }
    }

    List<String> trace() {
        synchronized (lock) {
            return trace.lines();
        }
    }

    void listener(java.util.function.Consumer<String> listener) {
        synchronized (lock) {
            trace.listener(listener);
        }
    }

    long now() {
        return now;
    }

    long steps() {
        synchronized (lock) {
            return steps;
        }
    }

    int pending() {
        synchronized (lock) {
            prune();
            int count = ready.size() + timers.size();
            for (CompletionLanes lanes : queues) {
                count += lanes.size();
            }
            for (DeliveryVector vector : vectors) {
                count += vector.waitingEvents();
            }
            return count;
        }
    }

    void plan(long step, String what, Runnable action) {
        synchronized (lock) {
            plan.computeIfAbsent(step, key -> new ArrayDeque<>()).add(() -> {
                action.run();
                return what;
            });
        }
        signal();
    }

    // ---- steps

    boolean step() {
        if (stepping.isHeldByCurrentThread()) {
            throw new IllegalStateException("a step is being carried out: its code cannot make another");
        }
        stepping.lock();
        try {
            String done = null;
            while (done == null) {
                Step step;
                synchronized (lock) {
                    step = choose();
                }
                if (step == null) {
                    return false;
                }
                done = carryOut(step);
            }
            return true;
        } finally {
            stepping.unlock();
        }
    }

    private String carryOut(Step step) {
        details.setLength(0);
        String done = "fail";
        try {
            done = step.carryOut();
            return done;
        } finally {
            Runnable untold = null;
            synchronized (lock) {
                if (done != null) {
                    steps++;
                    trace.add("#" + steps + " " + Trace.time(now) + " " + done + details);
                    setNow(now + LEAST_STEP_NANOS + random.nextInt(STEP_NANOS));
                    untold = trace.takeUntold();
                }
            }
            if (untold != null) {
                untold.run();
            }
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock
    private void setNow(long time) {
        now = time;
    }

    /** The next step; null when there is nothing to do. */
    private Step choose() {
        if (!plan.isEmpty() && plan.firstKey() <= steps + 1) {
            return planned();
        }
        prune();
        List<DeliveryVector> raised = new ArrayList<>(vectors);
        raised.removeIf(vector -> vector.waitingEvents() == 0);
        List<CompletionLanes.Lane> lanes = new ArrayList<>();
        queues.forEach(queue -> queue.addLanesTo(lanes));
        List<VirtualTimer.Task> due = new ArrayList<>(timers.headSet(dueBy(now), true));
        int count = raised.size() + lanes.size() + due.size() + ready.size();
        if (count == 0 && timers.isEmpty()) {
            return null;
        }
        if (!channels.isEmpty() && !hasWoken && chance(Freedom.EMPTY_WAKEUPS)) {
            hasWoken = true; // not twice in a row: something else must happen too
            return wakeup(channels.get(pick(channels.size())));
        }
        hasWoken = false;
        if (count == 0 || timers.size() > due.size() && chance(Freedom.SLOW_STEPS)) {
            return this::advance;
        }
        if (!raised.isEmpty() && !chance(Freedom.LATE_EVENTS)) {
            return () -> raise(raised.get(0));
        }
        if (!lanes.isEmpty() && !chance(Freedom.LATE_COMPLETIONS)) {
            lanes.sort(Comparator.comparingLong(CompletionLanes.Lane::sequence));
            return lanes.get(0)::deliver;
        }
        if (!(due.isEmpty() && ready.isEmpty()) && !chance(Freedom.LATE_EXECUTION)) {
            return due.isEmpty() ? () -> execute(oldestReady()) : () -> fire(due.get(0));
        }
        return draw(pick(count), raised, lanes, due);
    }

    private static VirtualTimer.Task dueBy(long time) {
        VirtualTimer.Task bound = new VirtualTimer.Task(null, () -> {});
        bound.due = time;
        bound.sequence = NEVER;
        return bound;
    }

    private Step draw(
            int number, List<DeliveryVector> raised, List<CompletionLanes.Lane> lanes, List<VirtualTimer.Task> due) {
        int drawn = number;
        if (drawn < raised.size()) {
            DeliveryVector vector = raised.get(drawn);
            return () -> raise(vector);
        }
        drawn -= raised.size();
        if (drawn < lanes.size()) {
            return lanes.get(drawn)::deliver;
        }
        drawn -= lanes.size();
        if (drawn < due.size()) {
            VirtualTimer.Task task = due.get(drawn);
            return () -> fire(task);
        }
        ScheduledQueuePair pair = new ArrayList<>(ready).get(drawn - due.size());
        return () -> execute(pair);
    }

    private Step planned() {
        ArrayDeque<Step> first = plan.firstEntry().getValue();
        Step step = first.removeFirst();
        if (first.isEmpty()) {
            plan.pollFirstEntry();
        }
        return step;
    }

    /** What has become impossible meanwhile: the queue pair was reset, or stopped, or is gone. */
    private void prune() {
        ready.removeIf(pair -> !pair.engine.hasNext());
    }

    private ScheduledQueuePair oldestReady() {
        synchronized (lock) {
            return ready.stream()
                    .min(Comparator.comparingLong(pair -> pair.readySince))
                    .orElse(null);
        }
    }

    private String execute(ScheduledQueuePair pair) {
        if (pair == null) {
            return null;
        }
        String entry = pair.engine.executeNext();
        synchronized (lock) {
            if (!pair.engine.hasNext()) {
                ready.remove(pair);
            } else {
                boolean unused = ready.add(pair);
                pair.readySince = nextSequence();
            }
        }
        return entry == null ? null : "execute " + pair + " send " + entry;
    }

    private String raise(DeliveryVector vector) {
        Completer queue = vector.deliverNext();
        return queue == null ? null : "raise event of " + queue;
    }

    private String fire(VirtualTimer.Task task) {
        remove(task);
        if (task.isDone()) {
            return null;
        }
        firing = true;
        try {
            task.run();
        } finally {
            firing = false;
        }
        return "fire " + task.timer;
    }

    private String advance() {
        synchronized (lock) {
            if (timers.isEmpty()) {
                return null;
            }
            VirtualTimer.Task next = timers.higher(dueBy(now));
            long before = now;
            setNow(next == null ? now : next.due);
            return "advance the clock by " + Trace.time(now - before);
        }
    }

    private Step wakeup(SoftCompletionChannel channel) {
        return () -> {
            try {
                channel.wakeup();
                return "wake " + channel + " without an event";
            } catch (VerbsException e) {
                return null; // closed meanwhile
            }
        };
    }

    // ---- a thread of its own

    Thread thread() {
        return thread;
    }

    void thread(Thread stepper) {
        thread = stepper;
    }

    /** There may be something to do: the schedule's own thread shall look. */
    void signal() {
        Thread stepper = thread;
        if (stepper != null) {
            LockSupport.unpark(stepper);
        }
    }

    /** How long there is nothing to do but to wait for a timer; 0 when there is; {@link Long#MAX_VALUE} without one. */
    long idleNanos() {
        synchronized (lock) {
            if (!plan.isEmpty() && plan.firstKey() <= steps + 1) {
                return 0;
            }
            int pending = pending();
            if (pending > timers.size()) {
                return 0;
            }
            return timers.isEmpty() ? NEVER : Math.max(0, timers.first().due - now);
        }
    }
}
