package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.EventLoop;
import org.rddma.verbs.app.LoopTimer;

/** What the flight recorder is told: waits, errors and changes of state, when it asks for them; never of a post or a poll. */
@HangGuard(seconds = 120)
public abstract class FlightRecorderConformance extends DeviceConformance {
    private static final String WAIT = "rddma.Wait";
    private static final String ERROR = "rddma.VerbsError";
    private static final String STATE = "rddma.QueuePairState";
    private static final String ASYNC = "rddma.AsyncEvent";
    private static final List<String> ALL = List.of(WAIT, ERROR, STATE, ASYNC);

    @TempDir
    private Path folder;

    private Recording recording;

    @BeforeEach
    final void makeRecording() {
        recording = new Recording();
    }

    @AfterEach
    final void closeRecording() {
        recording.close();
    }

    /**
     * The recorder of JDK 17 keeps what it knows of long strings in a cache that it takes for fresh when it has changed
     * files twice without any: their text is missing then. A recording before this one, with such a string, helps.
     */
    private void record(List<String> names) {
        names.forEach(name -> recording.enable(name).withoutThreshold());
        try (Recording before = new Recording()) {
            before.enable(ERROR);
            before.start();
            assertThat(new VerbsException("record", Errno.EINVAL, "a sentence that is long enough to be kept"))
                    .isNotNull();
            recording.start();
        }
    }

    /** Ends the recording; what it has of these verbs, in the order of time. */
    private List<RecordedEvent> recorded() throws IOException {
        recording.stop();
        Path file = Files.createTempFile(folder, "verbs", ".jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("rddma."))
                .sorted((a, b) -> a.getEndTime().compareTo(b.getEndTime()))
                .toList();
    }

    /** What there is in it of one kind. */
    private List<RecordedEvent> recorded(String name) throws IOException {
        return recorded().stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }

    private static boolean isOf(RecordedEvent event, Thread thread) {
        return event.getThread() != null && event.getThread().getJavaThreadId() == thread.getId();
    }

    private static String states(RecordedEvent event) {
        return event.getString("from") + " " + event.getString("to") + " " + event.getString("why");
    }

    /** The history of a queue pair. */
    private static List<String> states(List<RecordedEvent> events, int number) {
        return events.stream()
                .filter(event -> event.getInt("number") == number)
                .map(FlightRecorderConformance::states)
                .toList();
    }

    @Test
    @DisplayName("nothing is recorded by default: each event must be asked for by its name")
    final void offByDefault() throws IOException {
        recording.start();
        End end = self(new EndSpec().withChannel());
        assertThat(end.channel.getEvent(1, TimeUnit.MILLISECONDS)).isNull();
        assertThat(catchThrowableOfType(VerbsException.class, () -> end.pair.modify(null)))
                .isNotNull();
        end.pair.modify(to(QueuePairState.ERR));
        assertThat(recorded()).isEmpty();
    }

    @Test
    @DisplayName("posting, polling, arming, looking for events and acknowledging them record nothing")
    final void fastPathIsSilent() throws IOException {
        Pair pair = pair(new EndSpec().depth(4).withChannel());
        End a = pair.a();
        End b = pair.b();
        SendRequest send = a.request(2, 0, 8);
        WorkCompletion completion = new WorkCompletion();
        WorkCompletion[] array = WorkCompletion.array(4);
        CompletionCursor cursor = a.sends.cursor();
        record(ALL);
        for (int i = 0; i < 100; i++) {
            assertThat(a.sends.requestNotify(NotificationType.ANY)).isFalse();
            assertThat(a.channel.tryGetEvent()).isNull();
            b.receive(1, 0, 8);
            a.post(send);
            Deadline.await("the event", () -> a.channel.unreadEvents() > 0);
            boolean even = i % 2 == 0;
            CompletionQueue fired = even ? a.channel.tryGetEvent() : a.channel.getEvent();
            fired.ackEvents(1);
            Deadline.await("the receive", () -> b.receives.poll(completion));
            Deadline.await("the send", () -> even ? cursor.next() : a.sends.poll(array) == 1);
            assertThat(a.sends.poll(array)).isZero();
        }
        while (a.pair.postSend(send) == null) {
            assertThat(a.sends.poll(completion)).isFalse(); // no receive: it fills
        }
        assertThat(recorded())
                .filteredOn(event -> isOf(event, Thread.currentThread()))
                .isEmpty();
    }

    @Test
    @DisplayName("a wait is recorded with its verb, what it waited on, how long, and what ended it")
    final void waits() throws Throwable {
        End end = self(new EndSpec().withChannel());
        record(List.of(WAIT));
        assertThat(end.channel.getEvent(2, TimeUnit.MILLISECONDS)).isNull();
        Thread.currentThread().interrupt();
        assertThat(end.channel.getEvent()).isNull();
        assertThat(Thread.interrupted()).isTrue();
        end.channel.wakeup();
        assertThat(end.channel.getEvent()).isNull(); // did not sleep
        Deadline.Running woken = Deadline.start(
                "is woken", () -> assertThat(end.channel.getEvent()).isNull());
        Deadline.awaitBlocked(woken.thread());
        end.channel.wakeup();
        woken.join();
        Deadline.Running waits = Deadline.start("waits", () -> {
            assertThat(end.sends.requestNotify(NotificationType.ANY)).isFalse();
            assertThat(end.channel.getEvent()).isSameAs(end.sends);
            end.sends.ackEvents(1);
        });
        Deadline.awaitBlocked(waits.thread());
        end.post(end.request(1, 0, 8).write(end.address(8), end.memory.rkey()));
        waits.join();
        Deadline.Running fails = Deadline.start(
                "fails", () -> Refusals.refused("getEvent", Errno.EBADF, context.asyncEvents()::getEvent));
        Deadline.awaitBlocked(fails.thread());
        String events = context.asyncEvents().toString();
        String channel = end.channel.toString();
        context.close();
        fails.join();
        List<RecordedEvent> all = recorded(WAIT).stream()
                .filter(event -> event.getString("verb").equals("getEvent"))
                .toList();
        assertThat(all)
                .extracting(event -> event.getString("outcome"))
                .containsExactly("timeout", "interrupted", "woken", "arrived", "failed");
        assertThat(all.subList(0, 4))
                .allMatch(event -> event.getString("object").equals(channel));
        assertThat(all.get(4).getString("object")).contains(events);
        assertThat(all.get(0).getDuration()).isGreaterThanOrEqualTo(Duration.ofMillis(2));
        assertThat(all.get(0)).matches(event -> isOf(event, Thread.currentThread()));
        assertThat(all.get(2)).matches(event -> isOf(event, woken.thread()));
    }

    @Test
    @DisplayName("a close that waits for acknowledgements is a wait")
    final void closeThatWaits() throws Throwable {
        assumeFalse(isBehindLayer(), "a layer may wait in the device's stead");
        End end = self(new EndSpec().withChannel());
        CompletionQueue queue = end.sends;
        String name = queue.toString();
        assertThat(queue.requestNotify(NotificationType.ANY)).isFalse();
        end.post(end.request(1, 0, 8).write(end.address(8), end.memory.rkey()));
        assertThat(end.channel.getEvent()).isSameAs(queue);
        end.pair.close();
        record(List.of(WAIT));
        Deadline.Running closes = Deadline.start("closes", queue::close);
        Deadline.awaitBlocked(closes.thread());
        queue.ackEvents(1);
        closes.join();
        assertThat(recorded(WAIT))
                .filteredOn(event -> event.getString("verb").equals("close"))
                .singleElement()
                .matches(event -> event.getString("object").equals(name))
                .matches(event -> event.getString("outcome").equals("arrived"));
    }

    @Test
    @DisplayName("an event loop that sleeps waits too")
    final void eventLoopThatSleeps() throws IOException {
        try (EventLoop loop = new EventLoop()) {
            record(List.of(WAIT)); // first, for it takes its time
            LoopTimer[] timer = new LoopTimer[1];
            timer[0] = loop.timer(() -> {
                if (loop.statistics().sleeps() > 0) {
                    loop.stop();
                } else { // it has come late to its first round
                    timer[0].start(20, TimeUnit.MILLISECONDS);
                }
            });
            timer[0].start(20, TimeUnit.MILLISECONDS);
            loop.run();
        }
        assertThat(recorded(WAIT))
                .filteredOn(event -> isOf(event, Thread.currentThread()))
                .isNotEmpty()
                .allMatch(event -> event.getString("verb").equals("EventLoop.run"))
                .allMatch(event -> event.getString("outcome").equals("timeout"));
    }

    @Test
    @DisplayName("a verb that fails is recorded once, with the errno and the sentence, and where it was called")
    final void errors() throws IOException {
        End end = self(new EndSpec());
        record(List.of(ERROR));
        VerbsException failure = catchThrowableOfType(VerbsException.class, () -> end.pair.modify(null));
        assertThat(recorded(ERROR)).singleElement().satisfies(event -> {
            assertThat(event.getString("verb")).isEqualTo(failure.verb());
            assertThat(event.getString("errno")).isEqualTo("EINVAL");
            assertThat(failure.getMessage())
                    .isEqualTo(failure.verb() + ": " + event.getString("sentence") + " (EINVAL)");
            assertThat(event.getStackTrace().getFrames())
                    .anyMatch(frame -> frame.getMethod()
                            .getType()
                            .getName()
                            .startsWith(getClass().getPackageName()));
        });
    }

    @Test
    @DisplayName("each state of a queue pair is recorded, and why: it was modified, a request failed, it was closed")
    final void states() throws IOException {
        record(List.of(STATE));
        Pair pair = pairHere(new EndSpec(), new Wiring().rnrRetries(0));
        pair.a().post(pair.a().request(1, 0, 8)); // there is no receive
        Completions.failure(pair.a().sends, 1, WorkCompletionStatus.RNR_RETRY_EXC_ERR);
        pair.a().awaitState(QueuePairState.ERR);
        pair.a().pair.modify(to(QueuePairState.RESET));
        pair.b().pair.modify(to(QueuePairState.ERR));
        pair.b().pair.modify(to(QueuePairState.ERR)); // is there already
        pair.b().pair.close();
        List<RecordedEvent> all = recorded(STATE);
        assertThat(states(all, pair.a().pair.number()))
                .containsExactly(
                        "RESET INIT modify",
                        "INIT RTR modify",
                        "RTR RTS modify",
                        "RTS ERR RNR_RETRY_EXC_ERR",
                        "ERR RESET modify");
        assertThat(states(all, pair.b().pair.number()))
                .containsExactly(
                        "RESET INIT modify", "INIT RTR modify", "RTR RTS modify", "RTS ERR modify", "ERR RESET close");
        assertThat(all).allMatch(event -> event.getString("queuePair").endsWith(device()));
    }

    /** The state is seen before it is recorded; who changes it does both before anything else happens to the queue pair. */
    private static void awaitRecord(End end) {
        assertThat(end.pair.query().state()).isEqualTo(QueuePairState.ERR);
    }

    @Test
    @DisplayName(
            "a request that the peer must refuse takes both queue pairs to the error state, which is recorded of both")
    final void refusedRequest() throws IOException {
        Pair pair = pairHere(new EndSpec(), new Wiring());
        record(List.of(STATE));
        pair.a()
                .post(pair.a()
                        .request(1, 0, 8)
                        .write(pair.b().address(0), pair.b().memory.rkey() + 1));
        Completions.failure(pair.a().sends, 1, WorkCompletionStatus.REM_ACCESS_ERR);
        pair.a().awaitState(QueuePairState.ERR);
        pair.b().awaitState(QueuePairState.ERR);
        awaitRecord(pair.a());
        awaitRecord(pair.b());
        List<RecordedEvent> all = recorded(STATE);
        assertThat(states(all, pair.a().pair.number())).containsExactly("RTS ERR REM_ACCESS_ERR");
        assertThat(states(all, pair.b().pair.number()))
                .containsExactly("RTS ERR a request of the peer could not be carried out");
    }

    @Test
    @DisplayName(
            "asynchronous events are recorded when they are announced, and with the overrun of a queue what follows")
    final void asynchronousEvents() throws IOException {
        record(List.of(ASYNC, STATE));
        SmallQueue small = new SmallQueue(context, null);
        small.overrun();
        AsyncEvent event = AsyncEvents.next(context, AsyncEventType.CQ_ERR);
        event.acknowledge();
        small.end.awaitState(QueuePairState.ERR);
        awaitRecord(small.end);
        List<RecordedEvent> all = recorded();
        assertThat(all)
                .filteredOn(one -> one.getEventType().getName().equals(ASYNC))
                .filteredOn(one -> one.getString("type").equals("CQ_ERR"))
                .singleElement()
                .matches(one -> one.getString("object").equals(small.queue.toString()))
                .matches(one -> one.getInt("port") == 0);
        assertThat(states(
                        all.stream()
                                .filter(one -> one.getEventType().getName().equals(STATE))
                                .toList(),
                        small.end.pair.number()))
                .last()
                .asString()
                .endsWith("ERR a completion queue was overrun");
    }
}
