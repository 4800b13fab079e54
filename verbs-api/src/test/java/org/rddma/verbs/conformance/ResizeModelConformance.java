package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.WorkCompletion;

/** Programs of completing, polling, resizing and arming, against a model: a list and an arm. */
public abstract class ResizeModelConformance implements DeviceUnderTest {
    private static final int FIRST_SIZE = 8;
    private static final int MOST = 40;

    /** What can be done. */
    enum Kind {
        COMPLETE,
        COMPLETE_SOLICITED,
        POLL,
        POLL_ARRAY,
        POLL_CURSOR,
        RESIZE,
        ARM_ANY,
        ARM_SOLICITED,
        GET_EVENT
    }

    /** One of it, with a number that it may use. */
    record Step(Kind kind, int number) {}

    @Provide
    Arbitrary<List<Step>> programs() {
        Arbitrary<Step> step = Combinators.combine(
                        Arbitraries.frequencyOf(
                                net.jqwik.api.Tuple.of(4, Arbitraries.of(Kind.COMPLETE, Kind.COMPLETE_SOLICITED)),
                                net.jqwik.api.Tuple.of(3, Arbitraries.of(Kind.POLL, Kind.POLL_ARRAY, Kind.POLL_CURSOR)),
                                net.jqwik.api.Tuple.of(3, Arbitraries.just(Kind.RESIZE)),
                                net.jqwik.api.Tuple.of(
                                        2, Arbitraries.of(Kind.ARM_ANY, Kind.ARM_SOLICITED, Kind.GET_EVENT))),
                        Arbitraries.integers().between(1, MOST))
                .as(Step::new);
        return step.list().ofMinSize(1).ofMaxSize(100);
    }

    /**
     * §1.1 resize_cq keeps contents and order; §1.2 it keeps the arm.
     *
     * <p>Would catch: a completion that is lost, doubled or out of order after a change of size at any fill and offset; a
     * size that is refused though it suffices, or granted though it does not; a refusal that changes something; an arm or an
     * unread event that does not survive; a queue that says that it is empty when it is not.
     */
    @Property(tries = 300)
    void contentsFollowTheModel(@ForAll("programs") List<Step> program) {
        Deadline.check("a program", Duration.ofSeconds(20), () -> {
            Wiring.usual(this);
            try (Context context = open()) {
                if (context.device().attributes().has(Capability.RESIZE_COMPLETION_QUEUE)) {
                    new Run(context).execute(program);
                } else {
                    CompletionQueue queue = context.createCompletionQueue(1);
                    refused("resize", Errno.EOPNOTSUPP, () -> queue.resize(2));
                }
            }
        });
    }

    private static final class Run {
        final CompletionChannel channel;
        final CompletionQueue queue;
        final CompletionCursor cursor;
        final Ticker ticker;
        final WorkCompletion completion = new WorkCompletion();
        final Deque<Long> inside = new ArrayDeque<>();
        NotificationType armed;
        int unread;
        long ids;

        Run(Context context) {
            channel = context.createCompletionChannel();
            queue = context.createCompletionQueue(
                    new CompletionQueueAttributes().entries(FIRST_SIZE).channel(channel));
            cursor = queue.cursor();
            ticker = new Ticker(context, queue, 2 * MOST);
        }

        void execute(List<Step> program) {
            for (Step step : program) {
                apply(step);
                Deadline.await("as many unread events as the model has", () -> channel.unreadEvents() == unread);
            }
            while (!inside.isEmpty()) {
                poll(queue.poll(completion), completion.wrId());
            }
            poll(queue.poll(completion), 0);
        }

        private void apply(Step step) {
            switch (step.kind) {
                case COMPLETE -> complete(false);
                case COMPLETE_SOLICITED -> complete(true);
                case POLL -> poll(queue.poll(completion), completion.wrId());
                case POLL_CURSOR -> poll(cursor.next(), cursor.wrId());
                case POLL_ARRAY -> pollArray(step.number);
                case RESIZE -> resize(step.number);
                case ARM_ANY -> {
                    assertThat(queue.requestNotify(NotificationType.ANY)).isEqualTo(!inside.isEmpty());
                    armed = NotificationType.ANY;
                }
                case ARM_SOLICITED -> {
                    assertThat(queue.requestNotify(NotificationType.SOLICITED)).isEqualTo(!inside.isEmpty());
                    armed = armed == NotificationType.ANY ? armed : NotificationType.SOLICITED;
                }
                case GET_EVENT -> {
                    CompletionQueue event = channel.tryGetEvent();
                    assertThat(event).isSameAs(unread == 0 ? null : queue);
                    if (event != null) {
                        unread--;
                        event.ackEvents(1);
                    }
                }
            }
        }

        private void complete(boolean solicited) {
            if (inside.size() == queue.capacity() || inside.size() == MOST) {
                return; // an overrun is another story
            }
            inside.addLast(ids);
            if (solicited) {
                ticker.solicited(ids++);
            } else {
                ticker.unsolicited(ids++);
            }
            if (armed == NotificationType.ANY || armed == NotificationType.SOLICITED && solicited) {
                armed = null;
                unread++;
            }
        }

        private void poll(boolean some, long id) {
            assertThat(some).isEqualTo(!inside.isEmpty());
            if (some) {
                assertThat(id).isEqualTo(inside.removeFirst());
            }
        }

        private void pollArray(int length) {
            WorkCompletion[] array = WorkCompletion.array(length);
            int count = queue.poll(array);
            assertThat(count).isEqualTo(Math.min(length, inside.size()));
            for (int i = 0; i < count; i++) {
                assertThat(array[i].wrId()).isEqualTo(inside.removeFirst());
            }
        }

        private void resize(int size) {
            int before = queue.capacity();
            if (size < inside.size()) {
                refused("resize", Errno.EINVAL, () -> queue.resize(size));
                assertThat(queue.capacity()).isEqualTo(before);
            } else {
                queue.resize(size);
                assertThat(queue.capacity()).isGreaterThanOrEqualTo(size);
            }
        }
    }
}
