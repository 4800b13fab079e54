package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.WorkCompletion;

/**
 * Programs of arming, completing, polling, reading, acknowledging and closing over several queues on one channel, against a
 * model of verbs-semantics §1.2 to §1.5.
 */
public abstract class EventAccountConformance implements DeviceUnderTest {
    private static final int MOST_TRIES = 400;
    private static final int QUEUES = 3;
    private static final int CAPACITY = 16;

    /** What can be done. */
    enum Kind {
        ARM_ANY,
        ARM_SOLICITED,
        UNSOLICITED,
        SOLICITED,
        SENT,
        POLL,
        GET_EVENT,
        ACK,
        OVER_ACK,
        CLOSE
    }

    /** One of it, with a queue and a number that it may use. */
    record Step(Kind kind, int queue, int number) {}

    @Provide
    Arbitrary<List<Step>> programs() {
        Arbitrary<Kind> kinds = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(30, Arbitraries.of(Kind.ARM_ANY, Kind.ARM_SOLICITED)),
                net.jqwik.api.Tuple.of(40, Arbitraries.of(Kind.UNSOLICITED, Kind.SOLICITED, Kind.SENT)),
                net.jqwik.api.Tuple.of(24, Arbitraries.of(Kind.POLL, Kind.GET_EVENT, Kind.ACK, Kind.OVER_ACK)),
                net.jqwik.api.Tuple.of(2, Arbitraries.just(Kind.CLOSE)));
        Arbitrary<Step> step = Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, QUEUES - 1),
                        Arbitraries.integers().between(1, 4))
                .as(Step::new);
        return step.list().ofMinSize(1).ofMaxSize(80);
    }

    /** A queue, and what the model says of it. */
    private static final class Member {
        final CompletionQueue queue;
        final Ticker ticker;
        NotificationType armed;
        int completions;
        int unacknowledged;
        boolean closed;

        Member(CompletionQueue queue, Ticker ticker) {
            this.queue = queue;
            this.ticker = ticker;
        }
    }

    /**
     * §1.2 one event per arm and none lost; §1.3 the FIFO and its descriptor; §1.5 acknowledgements never exceed, and finally
     * equal, what was read.
     *
     * <p>Would catch: an arm that is not taken by the event (two events), that is lost by a completion that does not qualify,
     * that is downgraded from any to solicited; an event for completions that were there before; arms that add up; a second
     * event that is merged with an unread one; events out of firing order; a descriptor whose count drifts from the FIFO;
     * closing that leaves events behind or takes a neighbour's; an arm call that is wrong about emptiness; acknowledgements
     * counted on the wrong queue, or beyond what was read.
     */
    @Property(tries = MOST_TRIES)
    void eventsFollowTheModel(@ForAll("programs") List<Step> program) {
        if (tried++ >= tries(MOST_TRIES)) {
            return;
        }
        LeakGuard.Snapshot before = LeakGuard.Snapshot.take();
        Deadline.check("a program", Duration.ofSeconds(20), () -> {
            Wiring.usual(this);
            try (Context context = open()) {
                new Run(context).execute(program);
            }
        });
        before.assertNothingLeaked();
    }

    private int tried;

    private static final class Run {
        final CompletionChannel channel;
        final List<Member> members = new ArrayList<>();
        final List<Member> unread = new ArrayList<>();
        final WorkCompletion completion = new WorkCompletion();

        Run(Context context) {
            channel = context.createCompletionChannel();
            for (int i = 0; i < QUEUES; i++) {
                CompletionQueue queue = context.createCompletionQueue(new CompletionQueueAttributes()
                        .entries(CAPACITY)
                        .channel(channel)
                        .vector(i % context.completionVectors().size()));
                members.add(new Member(queue, new Ticker(context, queue)));
            }
        }

        void execute(List<Step> program) {
            for (Step step : program) {
                Member member = members.get(step.queue);
                if (!member.closed) {
                    apply(step, member);
                }
                check();
            }
            finish();
        }

        private void apply(Step step, Member member) {
            switch (step.kind) {
                case ARM_ANY -> {
                    assertThat(member.queue.requestNotify(NotificationType.ANY)).isEqualTo(member.completions > 0);
                    member.armed = NotificationType.ANY;
                }
                case ARM_SOLICITED -> {
                    assertThat(member.queue.requestNotify(NotificationType.SOLICITED))
                            .isEqualTo(member.completions > 0);
                    member.armed =
                            member.armed == NotificationType.ANY ? NotificationType.ANY : NotificationType.SOLICITED;
                }
                case UNSOLICITED, SOLICITED, SENT -> complete(step.kind, member);
                case POLL -> poll(member, step.number);
                case GET_EVENT -> getEvent();
                case ACK -> {
                    int count = Math.min(step.number, member.unacknowledged);
                    member.queue.ackEvents(count);
                    member.unacknowledged -= count;
                }
                case OVER_ACK ->
                    refused(
                            "ackEvents",
                            Errno.EINVAL,
                            () -> member.queue.ackEvents(member.unacknowledged + step.number));
                case CLOSE -> close(member);
            }
        }

        private void complete(Kind kind, Member member) {
            if (member.completions == CAPACITY) {
                return; // an overrun is another story
            }
            switch (kind) {
                case UNSOLICITED -> member.ticker.unsolicited(1);
                case SOLICITED -> member.ticker.solicited(1);
                default -> member.ticker.sent(1);
            }
            member.completions++;
            boolean fires = member.armed == NotificationType.ANY
                    || member.armed == NotificationType.SOLICITED && kind == Kind.SOLICITED;
            if (fires) {
                member.armed = null;
                unread.add(member);
            }
        }

        private void poll(Member member, int most) {
            for (int i = 0; i < most; i++) {
                boolean some = member.queue.poll(completion);
                assertThat(some).isEqualTo(member.completions > 0);
                member.completions -= some ? 1 : 0;
            }
        }

        private void getEvent() {
            CompletionQueue event = channel.tryGetEvent();
            if (unread.isEmpty()) {
                assertThat(event).isNull();
            } else {
                Member expected = unread.remove(0);
                assertThat(event).isSameAs(expected.queue);
                expected.unacknowledged++;
            }
        }

        private void close(Member member) {
            refused("close", Errno.EBUSY, () -> member.queue.close(Duration.ZERO));
            member.ticker.close();
            unread.removeIf(other -> other == member);
            member.closed = true;
            if (member.unacknowledged > 0) {
                refused("close", Errno.ETIMEDOUT, () -> member.queue.close(Duration.ZERO));
                refused("ackEvents", Errno.EINVAL, () -> member.queue.ackEvents(member.unacknowledged + 1));
                member.queue.ackEvents(member.unacknowledged);
            }
            member.queue.close(Duration.ZERO);
            member.unacknowledged = 0;
        }

        private void check() {
            Deadline.await("as many unread events as the model has", () -> channel.unreadEvents() == unread.size());
            Deadline.await(
                    "readable exactly while an event is unread",
                    () -> Descriptors.isReadable(channel.fd()) == !unread.isEmpty());
            for (Member member : members) {
                assertThat(member.queue.unacknowledgedEvents()).isEqualTo(member.unacknowledged);
            }
        }

        private void finish() {
            Descriptors.awaitEventCount(channel.fd(), unread.size());
            while (!unread.isEmpty()) {
                getEvent();
            }
            assertThat(channel.tryGetEvent()).isNull();
            for (Member member : members) {
                if (!member.closed) {
                    assertThat(member.queue.unacknowledgedEvents()).isEqualTo(member.unacknowledged);
                    member.queue.ackEvents(member.unacknowledged);
                    poll(member, CAPACITY + 1);
                    member.ticker.close();
                    member.queue.close(Duration.ZERO);
                }
            }
            channel.close();
        }
    }
}
