package org.rddma.perftest;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.app.PeerExchange;

/**
 * The two ends of a test in two processes tell each other {@link News}. An exchange goes both ways at once, and
 * either end has news at any time: so there are two connections, one for the news of each end, where the other end
 * answers with nothing, at once. One thread says what is queued, or once in a while that the process is there;
 * another hears. What is no concern of a running phase waits until the thread of the run asks for it, in order.
 */
final class ControlLink implements AutoCloseable {
    /**
     * Who says nothing for so long is dead, or cut off; the connection itself tells at once when the process has
     * ended.
     */
    static final long SILENCE_SECONDS = 10;

    private static final long HURRIED_SECONDS = 3;
    private static final long READY_SECONDS = 60;
    private static final long ALIVE_MILLIS = 1000;
    private static final int MOST_WAITING = 16;

    /** What news mean to the run. For the thread that hears. */
    interface Listener {
        void done(long phase, long messages);

        void interrupted();

        /** The other end will say nothing more, and go. */
        void bye();

        /** Nothing more will come, and a phase that is under way must end. */
        void failed(RunFailedException failure);
    }

    private final PeerExchange ours;
    private final PeerExchange theirs;
    private final Listener listener;
    private final BlockingQueue<Map<String, String>> toSay = new LinkedBlockingQueue<>();
    private final BlockingQueue<Map<String, String>> heard = new ArrayBlockingQueue<>(MOST_WAITING);
    private final Thread speaker = new Thread(this::speak, "perftest-speaker");
    private final Thread hearer = new Thread(this::hear, "perftest-hearer");
    private volatile long heardAt = System.nanoTime();
    private volatile boolean theirBye;
    private volatile boolean ourBye;
    private volatile RunFailedException failure;

    /**
     * Begins to speak and to hear.
     *
     * @param ours on which this end has news
     * @param theirs on which the other has
     */
    ControlLink(PeerExchange ours, PeerExchange theirs, Listener listener) {
        this.ours = ours;
        this.theirs = theirs;
        this.listener = listener;
        speaker.setDaemon(true);
        hearer.setDaemon(true);
        speaker.start();
        hearer.start();
    }

    /** Has this said to the other end, soon and in order. Never waits. */
    void say(News news, Map<String, String> facts) {
        Map<String, String> all = new TreeMap<>(facts);
        all.put(News.KIND, news.name());
        toSay.add(all);
    }

    /**
     * Waits for the next news that are for the thread of the run: they must be of this kind and of this phase.
     *
     * @param hurried whether the run is over before its time: then the other end is not waited for long
     * @return null when they did not come
     */
    Map<String, String> await(News kind, long phase, BooleanSupplier hurried) {
        Map<String, String> facts = take(kind, hurried);
        if (facts != null && (News.of(facts) != kind || AddressFacts.number(facts, News.PHASE, n -> true) != phase)) {
            throw new RunFailedException("the other end is not where this one is: it said " + facts
                    + " when it should have said " + kind + " for phase " + phase);
        }
        return facts;
    }

    /** Throws what ended the connection, if it has ended. */
    void check() {
        if (failure != null) {
            throw failure;
        }
    }

    /** Whether the other end has said farewell. */
    boolean hasSaidBye() {
        return theirBye;
    }

    private Map<String, String> take(News kind, BooleanSupplier hurried) {
        long deadline = Long.MAX_VALUE;
        long start = System.nanoTime();
        try {
            while (true) {
                boolean noMore = theirBye;
                Map<String, String> facts = heard.poll(50, TimeUnit.MILLISECONDS);
                if (facts != null) {
                    return facts;
                }
                check();
                if (hurried.getAsBoolean()) {
                    long now = System.nanoTime();
                    deadline = deadline == Long.MAX_VALUE ? now + TimeUnit.SECONDS.toNanos(HURRIED_SECONDS) : deadline;
                    if (noMore || now - deadline >= 0) {
                        return null;
                    }
                } else if (kind == News.READY && System.nanoTime() - start > TimeUnit.SECONDS.toNanos(READY_SECONDS)) {
                    throw new RunFailedException("the other end is there, but was not ready for the next phase in "
                            + READY_SECONDS + " seconds");
                } else if (noMore) {
                    throw new RunFailedException("the other end has ended before this one");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunFailedException("interrupted");
        }
    }

    private void speak() {
        try {
            while (!ourBye) {
                Map<String, String> facts = toSay.poll(ALIVE_MILLIS, TimeUnit.MILLISECONDS);
                Map<String, String> unused =
                        ours.exchange(facts != null ? facts : Map.of(News.KIND, News.ALIVE.name()));
                ourBye = facts != null && News.of(facts) == News.BYE;
                if (System.nanoTime() - heardAt > TimeUnit.SECONDS.toNanos(SILENCE_SECONDS)) {
                    fail("the other end has said nothing for " + SILENCE_SECONDS + " seconds");
                }
            }
        } catch (InterruptedException e) {
            // closed
        } catch (VerbsException e) {
            fail(broken(e));
        }
    }

    private void hear() {
        try {
            while (!theirBye) {
                Map<String, String> facts = theirs.exchange(Map.of());
                heardAt = System.nanoTime();
                hear(facts);
            }
        } catch (VerbsException e) {
            fail(broken(e));
        } catch (RunFailedException e) {
            fail(e.getMessage());
        }
    }

    private void hear(Map<String, String> facts) {
        News news = News.of(facts);
        if (news == null) {
            throw new RunFailedException("the other end has said what is no news: " + facts);
        }
        switch (news) {
            case ALIVE -> {}
            case DONE ->
                listener.done(
                        AddressFacts.number(facts, News.PHASE, n -> true),
                        AddressFacts.number(facts, News.MESSAGES, n -> true));
            case INTERRUPTED -> listener.interrupted();
            case FAILED -> throw new RunFailedException("the other end has failed: " + facts.get(News.SENTENCE));
            case BYE -> {
                theirBye = true;
                listener.bye();
            }
            case READY, FIGURES -> {
                if (!heard.offer(facts)) {
                    throw new RunFailedException("the other end says more than this one can follow");
                }
            }
        }
    }

    private static String broken(VerbsException e) {
        return e.errno() == Errno.ECONNRESET
                ? "the other end has gone: its process has ended, or the connection to it is broken"
                : "the connection to the other end: " + e.getMessage();
    }

    private void fail(String sentence) {
        if (failure == null && !theirBye) {
            failure = new RunFailedException(sentence);
            listener.failed(failure);
        }
    }

    /** Says farewell, lets the other end do so as well, and ends the connections. */
    @Override
    public void close() {
        say(News.BYE, Map.of());
        try {
            speaker.join(TimeUnit.SECONDS.toMillis(2));
            hearer.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ours.close();
        theirs.close();
        speaker.interrupt();
    }
}
