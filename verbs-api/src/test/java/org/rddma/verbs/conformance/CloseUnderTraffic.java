package org.rddma.verbs.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;

/**
 * A few ends that send to each other, each driven by a thread, with a thread that sleeps on each channel: while everything is
 * closed under their hands. Whatever meets a closed object is told so with EBADF, and nothing else may go wrong.
 */
final class CloseUnderTraffic {
    private static final int ENDS = 4;
    private static final int DEPTH = 16;
    private static final int PIECE = 64;

    private final Context context;
    private final List<End> ends = new ArrayList<>();
    private final List<Deadline.Running> threads = new ArrayList<>();
    private final Set<Long> seen = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean allClosed;

    CloseUnderTraffic(Context context, Random random) {
        this.context = context;
        EndSpec spec = new EndSpec().depth(DEPTH).withChannel().memory(4 * PIECE);
        for (int i = 0; i < ENDS - 1; i++) {
            ends.add(new End(context, spec));
        }
        ends.add(new End(context, spec, ends.get(0).receives)); // a queue that two share
        Wiring wiring = new Wiring().timeout(1, 1);
        wiring.connect(ends.get(0), ends.get(1));
        wiring.connect(ends.get(2), ends.get(2));
        wiring.connect(ends.get(3), ends.get(3));
        for (int i = 0; i < ENDS; i++) {
            End end = ends.get(i);
            long firstId = (long) i << 32;
            Random own = new Random(random.nextLong());
            start("end " + i, () -> drive(end, firstId, own));
            start("sleeper " + i, () -> sleep(end));
        }
    }

    private void start(String name, Deadline.Body body) {
        threads.add(Deadline.start(name, () -> {
            try {
                body.run();
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        }));
    }

    /** Closes every object, each as soon as it may be, in an order of two threads' choice. */
    void closeObjects(Random random) throws Throwable {
        List<AutoCloseable> objects = new ArrayList<>();
        for (End end : ends) {
            objects.addAll(List.of(end.pair, end.memory, end.sends, end.receives, end.channel, end.domain));
        }
        Collections.shuffle(objects, random);
        int half = objects.size() / 2;
        start("closer 1", () -> closeInTurn(objects.subList(0, half), new Random(random.nextLong())));
        closeInTurn(objects.subList(half, objects.size()), new Random(random.nextLong()));
        join(threads.get(threads.size() - 1));
        finish();
    }

    /** Closes the context with all that is in it. */
    void closeContext() throws Throwable {
        context.close();
        finish();
    }

    private void finish() throws Throwable {
        allClosed = true;
        if (failure.get() != null) {
            context.close(); // whoever sleeps must end
        }
        for (Deadline.Running thread : threads) {
            join(thread);
        }
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    private static void join(Deadline.Running thread) throws Throwable {
        thread.join(Duration.ofSeconds(20));
    }

    private void closeInTurn(List<AutoCloseable> objects, Random random) throws Exception {
        List<AutoCloseable> left = new ArrayList<>(objects);
        while (!left.isEmpty() && failure.get() == null) {
            AutoCloseable object = left.remove(0);
            for (int spin = random.nextInt(2_000); spin > 0; spin--) { // so that work goes on in between
                Thread.onSpinWait();
            }
            try {
                if (object instanceof CompletionQueue queue && random.nextBoolean()) {
                    queue.close(Duration.ofNanos(random.nextInt(100_000)));
                } else {
                    object.close();
                }
            } catch (VerbsException e) {
                if (e.errno() != Errno.EBUSY && e.errno() != Errno.ETIMEDOUT) {
                    throw e;
                }
                left.add(object);
                Thread.yield();
            }
        }
    }

    /** Posts, polls, arms and takes events until all is closed; what is closed it does not mind. */
    private void drive(End end, long firstId, Random random) {
        SendRequest send = new SendRequest();
        ReceiveRequest receive = new ReceiveRequest(0, end.piece(PIECE, PIECE));
        long remote = end.address(2 * PIECE);
        int rkey = end.memory.rkey();
        WorkCompletion completion = new WorkCompletion();
        long id = firstId;
        while (!allClosed && failure.get() == null) {
            try {
                switch (random.nextInt(8)) {
                    case 0, 1 -> {
                        if (end.pair.postReceive(receive.wrId(id)) == null) {
                            id++;
                        }
                    }
                    case 2 -> id += post(end, send.send().wrId(id));
                    case 3 -> id += post(end, send.write(remote, rkey).wrId(id));
                    case 4 -> id += post(end, send.read(remote, rkey).wrId(id));
                    case 5 -> {
                        boolean unused = end.sends.requestNotify(NotificationType.ANY);
                        unused = end.receives.requestNotify(NotificationType.SOLICITED);
                    }
                    default -> {
                        pollAll(end.sends, completion);
                        pollAll(end.receives, completion);
                    }
                }
            } catch (VerbsException e) {
                allowClosed(e);
                Thread.yield();
            }
        }
    }

    private static int post(End end, SendRequest request) {
        request.sge(end.piece(0, PIECE)).flags(org.rddma.verbs.SendFlags.SIGNALED);
        return end.pair.postSend(request) == null ? 1 : 0;
    }

    private void pollAll(CompletionQueue queue, WorkCompletion completion) {
        while (queue.poll(completion)) {
            if (!seen.add(completion.wrId())) {
                throw new AssertionError("a second time: " + completion);
            }
        }
    }

    private void sleep(End end) {
        try {
            while (failure.get() == null) {
                CompletionQueue queue = end.channel.getEvent();
                queue.ackEvents(1);
            }
        } catch (VerbsException e) {
            allowClosed(e);
        }
    }

    private static void allowClosed(VerbsException e) {
        if (e.errno() != Errno.EBADF) {
            throw e;
        }
    }
}
