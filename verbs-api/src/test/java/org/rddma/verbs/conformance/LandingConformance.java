package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.Landing;
import org.rddma.verbs.app.Landings;
import org.rddma.verbs.app.RequestFailedException;

/** Compute first: a look, inside a loop, whether what was asked for has come. */
public abstract class LandingConformance extends DeviceConformance {
    private static final int DEPTH = 8;
    private static final int ENTRIES = 128;

    private CompletionQueue queue;
    private End a;
    private End b;
    private Landings landings;

    @BeforeEach
    final void connect() {
        queue = context.createCompletionQueue(ENTRIES); // without a channel: nobody sleeps
        EndSpec spec = new EndSpec().depth(DEPTH);
        a = new End(context, spec, queue);
        b = new End(context, spec, queue);
        new Wiring().connect(a, b);
        landings = Landings.of(queue);
    }

    private ReceiveRequest receive(int i) {
        return new ReceiveRequest(i, b.piece(8 * i, 8));
    }

    private SendRequest write(int i) {
        return a.request(i, 0, 8).write(b.address(8 * i), b.memory.rkey());
    }

    private static void await(Landing landing) {
        Deadline.await("it lands", landing::landed);
    }

    // ---- landing

    @Test
    @DisplayName("one transfer has landed when its data is there, not before; asking again costs and changes nothing")
    final void one() {
        Landing landing = landings.landing();
        assertThat(landing.landed()).isTrue(); // nothing was asked for
        landing.receive(b.pair, receive(5));
        assertThat(landing.landed()).isFalse();
        assertThat(landing.outstanding()).isEqualTo(1);
        assertThat(landings.outstanding()).isEqualTo(1);
        byte[] sent = a.fill(0, 6, 1);
        Landing sending = landings.landing();
        SendRequest request = a.request(9, 0, 6).send().flags(0);
        sending.send(a.pair, request);
        await(landing);
        assertThat(b.bytes(40, 6)).isEqualTo(sent);
        assertThat(landing.bytes()).isEqualTo(6);
        await(sending);
        assertThat(landing.landed()).isTrue();
        assertThat(request.wrId()).isEqualTo(9);
        assertThat(request.flags()).isZero();
        assertThat(landings.outstanding()).isZero();
    }

    @Test
    @DisplayName("a group has landed when all of it has; groups and queue pairs on one queue do not disturb each other")
    final void groups() {
        End c = new End(context, new EndSpec().depth(DEPTH), queue);
        new Wiring().connect(c, c);
        Landing two = landings.landing();
        Landing mixed = landings.landing();
        two.receive(b.pair, receive(0));
        mixed.receive(c.pair, new ReceiveRequest(0, c.piece(0, 8)));
        two.receive(b.pair, receive(1));
        Landing sends = landings.landing();
        sends.send(a.pair, a.request(1, 0, 8).send());
        await(sends);
        assertThat(two.landed()).isFalse();
        Deadline.await("one of two", () -> {
            assertThat(two.landed()).isFalse();
            return two.outstanding() == 1;
        });
        mixed.send(c.pair, c.request(1, 8, 4).send());
        await(mixed);
        assertThat(mixed.bytes()).isGreaterThanOrEqualTo(4);
        assertThat(two.landed()).isFalse();
        sends.send(a.pair, a.request(1, 0, 8).send());
        await(two);
        assertThat(two.bytes()).isEqualTo(16);
        two.reset();
        assertThat(two.bytes()).isZero();
    }

    @Test
    @DisplayName("waiting: until it lands, until a time is over, or until interrupted")
    final void waiting() throws Throwable {
        Landing landing = landings.landing();
        assertThat(landing.await(0, TimeUnit.SECONDS)).isTrue();
        landing.receive(b.pair, receive(0));
        assertThat(landing.await(-1, TimeUnit.SECONDS)).isFalse();
        long start = System.nanoTime();
        assertThat(landing.await(15, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(15_000_000);
        refused("Landing.await", Errno.EINVAL, () -> landing.await(1, null));
        Deadline.Running interrupted = Deadline.start(
                "is interrupted", () -> refused("Landing.await", Errno.EINTR, () -> landing.await(1, TimeUnit.DAYS)));
        Deadline.awaitBlocked(interrupted.thread());
        interrupted.thread().interrupt();
        interrupted.join();
        Deadline.Running waits = Deadline.start(
                "waits", () -> assertThat(landing.await(1, TimeUnit.DAYS)).isTrue());
        Deadline.awaitBlocked(waits.thread());
        a.post(a.request(1, 0, 8).send());
        waits.join();
    }

    // ---- failures

    @Test
    @DisplayName("what fails is thrown when all of the group is over, the first of it, each time until reset")
    final void failures() {
        Landing landing = landings.landing();
        Landing other = landings.landing();
        landing.receive(a.pair, new ReceiveRequest(4, a.piece(0, 8)));
        landing.send(a.pair, write(3).write(b.address(0), b.memory.rkey() + 0x100));
        End c = new End(context, new EndSpec().depth(DEPTH), queue);
        new Wiring().connect(c, c);
        other.receive(c.pair, new ReceiveRequest(0, c.piece(0, 8)));
        Deadline.await("the end", () -> {
            assertThat(catchThrowable(landings::poll)).isNull();
            return landing.outstanding() == 0;
        });
        assertThat(landing.hasFailed()).isTrue();
        for (int i = 0; i < 2; i++) {
            assertThat(catchThrowable(landing::landed)).isInstanceOfSatisfying(RequestFailedException.class, e -> {
                assertThat(e.completion().wrId()).isIn(3L, 4L);
                assertThat(e.status()).isIn(WorkCompletionStatus.REM_ACCESS_ERR, WorkCompletionStatus.WR_FLUSH_ERR);
            });
        }
        assertThat(other.landed()).isFalse();
        assertThat(other.hasFailed()).isFalse();
        landing.reset();
        assertThat(landing.landed()).isTrue();
    }

    @Test
    @DisplayName("what a queue pair had outstanding when it was reset or closed can be given up: it counts as flushed")
    final void giveUp() {
        Landing lost = landings.landing();
        Landing kept = landings.landing();
        for (int i = 0; i < DEPTH; i++) {
            lost.receive(b.pair, receive(i));
        }
        kept.receive(a.pair, new ReceiveRequest(4, a.piece(0, 8)));
        refused("Landing.reset", Errno.EBUSY, lost::reset);
        b.pair.modify(to(QueuePairState.RESET));
        assertThat(landings.giveUp(b.pair)).isEqualTo(DEPTH);
        assertThat(landings.giveUp(b.pair)).isZero();
        assertThat(catchThrowable(lost::landed))
                .isInstanceOfSatisfying(
                        RequestFailedException.class,
                        e -> assertThat(e.isFlushed()).isTrue());
        assertThat(kept.landed()).isFalse();
        assertThat(landings.outstanding()).isEqualTo(1);
        a.pair.close();
        assertThat(landings.giveUp(a.pair)).isEqualTo(1);
    }

    // ---- room

    @Test
    @DisplayName("a full queue refuses, or makes whoever posts wait and take completions, until there is room")
    final void fullQueue() throws Throwable {
        Landing receives = landings.landing();
        while (receives.tryReceive(b.pair, receive(0))) {
            assertThat(receives.outstanding()).isLessThan(ENTRIES);
        }
        assertThat(receives.outstanding()).isGreaterThanOrEqualTo(DEPTH);
        Deadline.Running interrupted = Deadline.start("is interrupted", () -> {
            refused("Landing.receive", Errno.EINTR, () -> receives.receive(b.pair, receive(0)));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        Deadline.awaitBlocked(interrupted.thread());
        interrupted.thread().interrupt();
        interrupted.join();
        int full = receives.outstanding();
        Deadline.Running waits = Deadline.start("waits", () -> receives.receive(b.pair, receive(1)));
        Deadline.awaitBlocked(waits.thread());
        a.post(a.request(1, 0, 8).send());
        waits.join();
        assertThat(receives.outstanding()).isEqualTo(full);
        Landing writes = landings.landing();
        for (int i = 0; i < 100; i++) { // many more than there is room for
            writes.send(a.pair, write(i));
        }
        await(writes);
    }

    @Test
    @DisplayName("no more than the given number may be outstanding, so that the queue is never overrun")
    final void limit() {
        Landings few = Landings.of(queue, 3, completion -> {});
        Landing landing = few.landing();
        for (int i = 0; i < 3; i++) {
            assertThat(landing.tryReceive(b.pair, receive(i))).isTrue();
        }
        assertThat(landing.tryReceive(b.pair, receive(3))).isFalse();
        assertThat(landing.trySend(a.pair, write(1))).isFalse();
        a.post(a.request(1, 0, 8).send());
        Deadline.await("room", () -> !landing.landed() && landing.outstanding() == 2);
        assertThat(landing.tryReceive(b.pair, receive(3))).isTrue();
        refused("Landings", Errno.EINVAL, () -> Landings.of(null));
        refused("Landings", Errno.EINVAL, () -> Landings.of(queue, 0, completion -> {}));
        refused("Landings", Errno.EINVAL, () -> Landings.of(queue, queue.capacity() + 1, completion -> {}));
        refused("Landings", Errno.EINVAL, () -> Landings.of(queue, 1, null));
    }

    // ---- others and mistakes

    @Test
    @DisplayName("completions of requests that others posted go to their handler; where it throws, nothing is lost")
    final void others() {
        List<Long> seen = new ArrayList<>();
        Landings shared = Landings.of(queue, 8, completion -> {
            seen.add(completion.wrId());
            throw new IllegalStateException("of the test");
        });
        Landing landing = shared.landing();
        Ticker ticker = new Ticker(context, queue);
        for (int i = 0; i < 4; i++) {
            ticker.unsolicited(i);
            landing.send(a.pair, write(i));
        }
        Deadline.await("all", () -> {
            Throwable thrown = catchThrowable(shared::poll);
            assertThat(thrown == null || thrown instanceof IllegalStateException)
                    .isTrue();
            return seen.size() == 4 && landing.outstanding() == 0;
        });
        assertThat(seen).containsExactly(0L, 1L, 2L, 3L);
        assertThat(landing.landed()).isTrue();
    }

    @Test
    @DisplayName("a request that is wrong is refused and takes no room")
    final void mistakes() {
        Landing landing = landings.landing();
        QueuePair elsewhere = new End(context, new EndSpec()).pair;
        for (int i = 0; i < 2 * ENTRIES; i++) {
            refused("Landing.send", Errno.EINVAL, () -> landing.send(a.pair, null));
            refused("Landing.send", Errno.EINVAL, () -> landing.send(null, write(0)));
            refused("Landing.send", Errno.EINVAL, () -> landing.send(elsewhere, write(0)));
            refused("Landing.send", Errno.EINVAL, () -> landing.send(a.pair, write(0).next(write(1))));
            refused(
                    "postSend",
                    Errno.EINVAL,
                    () -> landing.send(a.pair, write(0).addSge(a.piece(0, 1)).addSge(null)));
            refused("Landing.receive", Errno.EINVAL, () -> landing.receive(b.pair, null));
            refused("Landing.receive", Errno.EINVAL, () -> landing.receive(null, receive(0)));
            refused("Landing.receive", Errno.EINVAL, () -> landing.receive(elsewhere, receive(0)));
            refused(
                    "Landing.receive",
                    Errno.EINVAL,
                    () -> landing.receive(b.pair, receive(0).next(receive(1))));
        }
        assertThat(landing.outstanding()).isZero();
        assertThat(landings.outstanding()).isZero();
    }

    // ---- cost

    @Test
    @DisplayName("posting, asking in vain and landing make no garbage")
    final void garbage() {
        assumeFalse(isBehindLayer(), "a layer makes garbage");
        Landing never = landings.landing();
        never.receive(b.pair, receive(0));
        Landing landing = landings.landing();
        SendRequest request = write(1);
        Runnable round = () -> {
            landing.send(a.pair, request);
            while (!landing.landed()) {
                Thread.onSpinWait();
            }
            assertNot(never.landed());
        };
        int rounds = load(50_000);
        for (int i = 0; i < Math.max(rounds, 2_000); i++) {
            round.run();
        }
        long least = Long.MAX_VALUE;
        int allowed = Math.max(1_000, completesInPost() ? 0 : rounds); // a timer that is set now and then
        for (int attempt = 0; attempt < 3 && least > allowed; attempt++) { // the compiler may still be at work at first
            long before = AllocatedBytes.ofThisThread();
            for (int i = 0; i < rounds; i++) {
                round.run();
            }
            least = Math.min(least, AllocatedBytes.ofThisThread() - before);
        }
        assertThat(least).as("bytes in %d rounds", rounds).isLessThanOrEqualTo(allowed);
    }

    private static void assertNot(boolean value) {
        if (value) {
            throw new AssertionError("nobody has sent anything");
        }
    }
}
