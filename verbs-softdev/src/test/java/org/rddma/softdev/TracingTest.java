package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.layer.Tracing;

/** What the tracing layer writes, and that nothing but the writing tells a program that it is there. */
final class TracingTest {
    private static final String TIME = "\\d\\d:\\d\\d:\\d\\d\\.\\d{6} \\[";
    private static final String DURATION = " in [0-9.]+ (ns|us|ms|s)";

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private final LayerWorld world = new LayerWorld(context -> Tracing.of(context, lines::add));
    private final WorkCompletion[] done = WorkCompletion.array(16);

    @AfterEach
    void close() {
        world.close();
    }

    private String last() {
        return lines.get(lines.size() - 1);
    }

    @Test
    void aVerbIsALineWithTimeThreadObjectArgumentsResultAndDuration() {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(2, 5));
        assertThat(last())
                .matches(TIME + ".*" + DURATION)
                .contains("[" + Thread.currentThread().getName() + "] " + world.a + " postSend(")
                .contains("(wr 2 SEND SIGNALED 5 bytes) = posted in");
        world.queue.poll(done);
        assertThat(last()).contains(world.queue + " poll(16 completions) = 2: wr 1 RECV, wr 2 SEND in");
    }

    @Test
    void allVerbsOfSettingUpAreThereAndNoAccessors() {
        assertThat(lines).anyMatch(line -> line.contains("createCompletionChannel() = "));
        assertThat(lines).anyMatch(line -> line.contains("createCompletionQueue(64 entries, channel "));
        assertThat(lines).anyMatch(line -> line.contains("modify(state INIT, accessFlags "));
        assertThat(lines).anyMatch(line -> line.contains("state RTR") && line.contains("pathMtu"));
        int before = lines.size();
        assertThat(world.a.number()).isPositive();
        assertThat(world.memory.lkey()).isNotZero();
        assertThat(world.queue.capacity()).isPositive();
        assertThat(lines).hasSize(before);
    }

    @Test
    void whatIsLookedForInVainIsCountedAndWrittenBeforeTheNextLine() {
        int before = lines.size();
        for (int i = 0; i < 1234; i++) {
            world.queue.poll(done);
        }
        world.channel.tryGetEvent();
        assertThat(lines).hasSize(before);
        world.queue.requestNotify(NotificationType.ANY);
        assertThat(lines).hasSize(before + 3);
        assertThat(lines.get(before)).contains(world.queue + " poll(16 completions) = nothing (x 1234) in");
        assertThat(lines.get(before + 1)).contains("tryGetEvent() = nothing in");
        assertThat(lines.get(before + 2)).contains("requestNotify(ANY) = false in");
        world.queue.poll(done);
        world.context.close();
        assertThat(lines.subList(before + 3, lines.size()))
                .anyMatch(line -> line.contains("poll(16 completions) = nothing in"));
    }

    @Test
    void aFailureIsALineToo() {
        VerbsException thrown = refused("postSend", Errno.EINVAL, () -> world.a.postSend(null));
        assertThat(last()).contains("postSend(null) threw ").contains(thrown.getMessage());
        assertThat(thrown.getCause()).isNull();
    }

    @Test
    void aBatchIsOneLine() {
        world.b.postReceive(world.receive(1, 100));
        int before = lines.size();
        SendBuilder builder = world.a.sendBuilder();
        builder.start();
        assertThat(builder.wrId(9)).isSameAs(builder);
        builder.flags(SendFlags.SIGNALED).send().sge(world.memory.lkey(), world.memory.address(), 5);
        builder.complete();
        assertThat(lines).hasSize(before + 2);
        assertThat(last()).contains("complete(wrId(9) flags(2) send() sge(").contains(") = true in");
        CompletionCursor cursor = world.queue.cursor();
        cursor.next();
        assertThat(last()).contains("next() = wr 1 RECV");
    }

    @Test
    void completionsAreSeenByTheHandlerAndWritten() {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(2, 5));
        List<Long> ids = new ArrayList<>();
        assertThat(world.queue.poll(completion -> ids.add(completion.wrId()), 16))
                .isEqualTo(2);
        assertThat(ids).containsExactly(1L, 2L);
        assertThat(last()).contains("poll(handler, 16) = 2: wr 1 RECV, wr 2 SEND");
    }

    @Test
    void aSinkThatThrowsDoesNotReachTheProgram() {
        try (LayerWorld other = new LayerWorld(context -> Tracing.of(context, line -> {
            throw new IllegalStateException(line);
        }))) {
            other.b.postReceive(other.receive(1, 100));
            assertThat(other.a.postSend(other.send(2, 5))).isNull();
            assertThat(other.queue.poll(done)).isEqualTo(2);
        }
    }

    @Test
    void anErrorOfTheSinkDoesNotReachTheProgramEither() {
        try (LayerWorld other = new LayerWorld(context -> Tracing.of(context, line -> {
            throw new AssertionError(line);
        }))) {
            other.b.postReceive(other.receive(1, 100));
            assertThat(other.a.postSend(other.send(2, 5))).isNull();
            assertThat(other.queue.poll(done)).isEqualTo(2);
            refused("postSend", Errno.EINVAL, () -> other.a.postSend(null));
        }
    }

    @Test
    void aVerbIsDoneAlsoWhereItsLineCannotBeMade() {
        List<Object> asked = new ArrayList<>();
        Context named = (Context) Proxy.newProxyInstance(
                Context.class.getClassLoader(), new Class<?>[] {Context.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("toString")) {
                        throw new AssertionError("no name");
                    }
                    asked.add(method.getName());
                    return null;
                });
        List<String> written = new ArrayList<>();
        Tracing.of(named, written::add).allocateProtectionDomain();
        assertThat(asked).containsExactly("allocateProtectionDomain");
        assertThat(written).singleElement().asString().contains("allocateProtectionDomain");
    }

    @Test
    void textIsAppendedLineByLine() throws IOException {
        StringBuilder text = new StringBuilder();
        try (LayerWorld other = new LayerWorld(context -> Tracing.of(context, text))) {
            assertThat(other.queue.capacity()).isPositive();
        }
        assertThat(text.toString().lines()).allMatch(line -> line.matches(TIME + ".*" + DURATION));
        assertThat(text.toString()).endsWith(System.lineSeparator());
    }

    @Test
    void objectsAreTheSameWhereverTheyComeFrom() {
        assertThat(world.a.sendCompletionQueue()).isSameAs(world.queue);
        assertThat(world.queue.channel()).isSameAs(world.channel);
        assertThat(world.queue.context()).isSameAs(world.context);
        assertThat(world.memory.protectionDomain()).isSameAs(world.domain);
        assertThat(world.context.asyncEvents()).isSameAs(world.context.asyncEvents());
        assertThat(world.queue).isEqualTo(world.a.sendCompletionQueue()).isNotEqualTo(world.channel);
        world.queue.requestNotify(NotificationType.ANY);
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(2, 5));
        assertThat(world.channel.getEvent(1, TimeUnit.MINUTES)).isSameAs(world.queue);
        world.queue.ackEvents(1);
        world.memory.buffer().put(0, (byte) 42);
        assertThat(world.memory.buffer().get(0)).isEqualTo((byte) 42);
    }

    @Test
    void requestsThatNameObjectsAreAsTheyWereAndComeBackThemselves() {
        QueuePair pair = world.domain.createQueuePair(
                new QueuePairInitAttributes().type(QueuePairType.UD).completionQueue(world.queue));
        Endpoint.activate(pair);
        AddressHandle handle = world.domain.createAddressHandle(AddressVector.to(world.context.queryGid(1, 0)));
        SendRequest good = world.send(1, 5).datagram(handle, pair.number(), Endpoint.QKEY);
        SendRequest bad = world.send(2, -1).datagram(handle, pair.number(), Endpoint.QKEY);
        good.next(bad);
        VerbsException thrown = refused("postSend", Errno.EINVAL, () -> pair.postSend(good));
        assertThat(thrown.badRequest()).containsSame(bad);
        assertThat(good.addressHandle()).isSameAs(handle);
        assertThat(good.next()).isSameAs(bad);
        good.next(null);
        SendRequest full = good;
        while (full != null && pair.postSend(good) == null) {
            full = good;
        }
        assertThat(pair.postSend(good)).isSameAs(good);
        assertThat(world.queue.poll(done)).isPositive();
    }
}
