package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.VerbsException;

/** The other end of a server, that says what a test wants it to say and has no queue pairs at all. */
final class FakeClient {
    /** Where it says that it is. */
    static final SideAddress NOWHERE = new SideAddress(
            new Gid(0xfe80L << 48, 1), 0, Mtu.MTU_1024, 1, 1 << 20, 1, List.of(new LaneAddress(0xabcdef, 1, 0)));

    private final Rendezvous met;

    private FakeClient(Rendezvous met) {
        this.met = met;
    }

    /** Runs a server of send_lat, and how it ended. */
    static TwoEnds.Ended serverWith(String options, Consumer<Settings> client) throws Exception {
        return serverWith(TestKind.SEND_LAT, options, () -> {}, client);
    }

    /**
     * Runs a server, and how it ended.
     *
     * @param begun what it does between meeting its client and the first phase
     * @param client what to do when it waits; with the settings of a client
     */
    static TwoEnds.Ended serverWith(TestKind kind, String options, Runnable begun, Consumer<Settings> client)
            throws Exception {
        int port = TwoEnds.freePort();
        TwoEnds.EndRun server = new TwoEnds.EndRun(kind, "-p " + port + " " + options);
        server.begun = begun;
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<TwoEnds.Ended> ended = thread.submit(server::run);
            assertThat(server.waiting.await(30, TimeUnit.SECONDS)).isTrue();
            client.accept(TwoEnds.settings(kind, "-p " + port + " 127.0.0.1 " + options));
            return ended.get(30, TimeUnit.SECONDS);
        } finally {
            thread.shutdownNow();
        }
    }

    /** A client that does all that is needed up to the first phase. */
    static void connected(Settings settings, Consumer<FakeClient> then) {
        try (Rendezvous met = Rendezvous.join(settings)) {
            SideAddress unused = met.exchange(NOWHERE);
            met.meet();
            then.accept(new FakeClient(met));
        }
    }

    /** Says something; the server may not have understood it yet. */
    void say(News news, String... facts) {
        Map<String, String> all = new TreeMap<>(Map.of(News.KIND, news.name()));
        for (int i = 0; i < facts.length; i += 2) {
            all.put(facts[i], facts[i + 1]);
        }
        say(all);
    }

    void say(Map<String, String> facts) {
        Map<String, String> unused = met.first.exchange(facts);
    }

    /** Hears the server until it says this. */
    void awaitNews(News news, int phase) {
        Map<String, String> heard;
        do {
            heard = met.second.exchange(Map.of());
        } while (News.of(heard) != news || !heard.get(News.PHASE).equals(Integer.toString(phase)));
    }

    /** Hears the server until it has no more to say. */
    void awaitEnd() {
        try {
            while (News.of(met.second.exchange(Map.of())) != News.FAILED) {
                Thread.onSpinWait();
            }
        } catch (VerbsException e) {
            // it has gone
        }
    }
}
