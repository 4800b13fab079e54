package org.rddma.perftest;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.app.PeerExchange;
import org.rddma.verbs.app.PeerExchangeOptions;

/**
 * How two ends in two processes find each other: over two TCP connections to the server's port, of which the second
 * shows by a token, told on the first, that it comes from the same client. Both check that they were given the same
 * test; then they tell each other their addresses. An end that cannot go on says why.
 */
final class Rendezvous implements AutoCloseable {
    private static final Duration STEP = Duration.ofSeconds(10);
    /** A client speaks first, and at once; behind who does not, one may be waiting. */
    private static final Duration GREETING = Duration.ofSeconds(5);

    private static final PeerExchangeOptions OPTIONS = PeerExchangeOptions.DEFAULT.withTimeout(STEP);
    private static final String TOKEN = "token";
    private static final String FAILED = "failed";

    final PeerExchange first;
    final PeerExchange second;

    private Rendezvous(PeerExchange first, PeerExchange second) {
        this.first = first;
        this.second = second;
    }

    /** Waits for a client, as long as it takes. What connects and is no perftest is noted and left. */
    static Rendezvous serve(Settings settings, Runnable waiting, Consumer<String> note) {
        return serve(settings, waiting, note, GREETING, STEP);
    }

    /**
     * The same with other limits.
     *
     * @param greeting how long who has connected may say nothing
     * @param step for each later step, and for the client's second connection
     */
    static Rendezvous serve(
            Settings settings, Runnable waiting, Consumer<String> note, Duration greeting, Duration step) {
        try (PeerExchange.Listener listener =
                PeerExchange.listen(new InetSocketAddress(settings.controlPort), OPTIONS.withTimeout(step))) {
            waiting.run();
            Map<String, String> own = Terms.of(settings, End.SERVER);
            String token = token();
            Map<String, String> said = new LinkedHashMap<>(own);
            said.put(TOKEN, token);
            while (true) {
                PeerExchange first = listener.accept();
                Map<String, String> theirs;
                try {
                    theirs = greet(first, said, greeting);
                } catch (VerbsException e) {
                    first.close();
                    note.accept("what connected from " + first.peerAddress() + " was no client: " + e.getMessage());
                    continue;
                }
                return closingOnFailure(first, () -> {
                    Terms.check(own, theirs);
                    return new Rendezvous(first, acceptSecond(listener, token, greeting, step));
                });
            }
        }
    }

    private static PeerExchange acceptSecond(
            PeerExchange.Listener listener, String token, Duration greeting, Duration step) {
        long deadline = System.nanoTime() + step.toNanos();
        while (true) {
            PeerExchange second = accept(listener, deadline - System.nanoTime()); // others may keep coming
            if (second == null) {
                throw new RunFailedException(
                        "the client's second connection did not come within " + step.toSeconds() + " s");
            }
            try {
                if (token.equals(greet(second, Map.of(), greeting).get(TOKEN))) {
                    return second;
                }
            } catch (VerbsException e) {
                // not the client, which will come
            }
            second.close();
        }
    }

    /** Returns null when nobody has come in so many nanoseconds. */
    private static PeerExchange accept(PeerExchange.Listener listener, long nanos) {
        try {
            return nanos <= 0 ? null : listener.accept(Duration.ofNanos(nanos));
        } catch (VerbsException e) {
            if (e.errno() == Errno.ETIMEDOUT) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Hears who has connected. The exchange itself would wait for as long as in any later step: so who says nothing
     * for this long is hung up on from beside.
     */
    private static Map<String, String> greet(PeerExchange peer, Map<String, String> own, Duration patience) {
        TimerTask hangUp = new TimerTask() {
            @Override
            public void run() {
                peer.close();
            }
        };
        Timer timer = new Timer("perftest-greeting", true);
        timer.schedule(hangUp, patience.toMillis());
        try {
            Map<String, String> theirs = peer.exchange(own);
            if (hangUp.cancel()) {
                return theirs;
            }
        } catch (VerbsException e) {
            if (hangUp.cancel()) {
                throw e;
            }
        } finally {
            timer.cancel();
        }
        throw new VerbsException(
                "PeerExchange.exchange",
                Errno.ETIMEDOUT,
                "it did not speak within " + patience.toMillis() + " ms, and a client does at once");
    }

    /** Connects to a server. */
    static Rendezvous join(Settings settings) {
        InetSocketAddress address = new InetSocketAddress(settings.host, settings.controlPort);
        OptionRules.refuseIf(address.isUnresolved(), "<host>: the name '" + settings.host + "' is not known");
        Map<String, String> own = Terms.of(settings, End.CLIENT);
        PeerExchange first;
        try {
            first = PeerExchange.connect(address, OPTIONS);
        } catch (VerbsException e) {
            if (e.errno() == Errno.ECONNREFUSED) {
                throw new RunFailedException("no server waits at " + settings.host + ", port " + settings.controlPort
                        + ": start perftest " + settings.kind.command() + " there first, without HOST");
            }
            throw e;
        }
        return closingOnFailure(first, () -> {
            Map<String, String> theirs = first.exchange(own);
            Terms.check(own, theirs);
            PeerExchange second = PeerExchange.connect(address, OPTIONS);
            return closingOnFailure(second, () -> {
                Map<String, String> unused = second.exchange(Map.of(TOKEN, theirs.getOrDefault(TOKEN, "")));
                return new Rendezvous(first, second);
            });
        });
    }

    /** What {@link #closingOnFailure} tries. */
    private interface Step {
        Rendezvous run();
    }

    private static Rendezvous closingOnFailure(PeerExchange exchange, Step step) {
        try {
            return step.run();
        } catch (RuntimeException e) {
            exchange.close();
            throw e;
        }
    }

    private static String token() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Tells the other end the own addresses, and learns its. */
    SideAddress exchange(SideAddress own) {
        Map<String, String> side = step(AddressFacts.ofSide(own));
        List<LaneAddress> lanes = new ArrayList<>();
        int count = own.lanes().size();
        for (int from = 0; from < count; from += AddressFacts.CHUNK) {
            Map<String, String> facts = step(AddressFacts.ofLanes(own.lanes(), from));
            lanes.addAll(AddressFacts.lanes(facts, from, Math.min(count, from + AddressFacts.CHUNK)));
        }
        return AddressFacts.side(side, lanes);
    }

    /** Waits until both are connected. */
    void meet() {
        Map<String, String> unused = step(Map.of());
    }

    private Map<String, String> step(Map<String, String> own) {
        Map<String, String> theirs = first.exchange(own);
        if (theirs.containsKey(FAILED)) {
            throw new RunFailedException("the other end has failed: " + theirs.get(FAILED));
        }
        return theirs;
    }

    /** Does something without which this end cannot go on; the other hears of a failure in its next step. */
    <T> T failing(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            fail(e.getMessage());
            throw e;
        }
    }

    private void fail(String sentence) {
        try {
            Map<String, String> unused = first.exchange(Map.of(FAILED, oneLine(sentence)));
        } catch (VerbsException e) {
            // then it is gone already
        }
    }

    /** A sentence as it can be told in a fact. */
    static String oneLine(String sentence) {
        String line = sentence == null ? "for an unknown reason" : sentence.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= 1000 ? line : line.substring(0, 1000) + "...";
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
