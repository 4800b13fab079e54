package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.conformance.HangGuard;
import org.rddma.verbs.layer.Validation;
import org.rddma.verbs.layer.ValidationFinding;
import org.rddma.verbs.layer.ValidationFinding.Kind;

/** What a handler may do with the memory of the completion that it is given, and what validation says when it throws. */
@HangGuard
final class HandlerValidationTest {
    private final LayerWorld world = new LayerWorld(Validation::of);

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void aHandlerMayFillTheMemoryOfWhatIsDoneAgainAndPostIt() {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            world.queue.poll(
                    completion -> {
                        ids.add(completion.wrId());
                        if (completion.wrId() == 1) {
                            world.memory.buffer().put(LayerWorld.HALF + 60, (byte) ids.size());
                            world.b.postReceive(world.receive(1, 100));
                        } else {
                            world.memory.buffer().put(3, (byte) ids.size());
                            world.a.postSend(world.send(7, 10));
                        }
                    },
                    1);
        }
        assertThat(ids).containsExactly(1L, 7L, 1L, 7L);
    }

    @Test
    void aHandlerMayCloseTheMemoryOfWhatIsDone() {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        int polled = world.queue.poll(
                completion -> {
                    if (completion.wrId() == 7) {
                        world.memory.close();
                    }
                },
                16);
        assertThat(polled).isEqualTo(2);
    }

    @Test
    void memoryIsFreeAgainAlsoWhenTheHandlerThrows() {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        for (long id : new long[] {1, 7}) {
            assertThatThrownBy(() -> world.queue.poll(HandlerValidationTest::fail, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("handler of %d", id);
        }
        world.memory.close();
    }

    @Test
    void whatTheHandlerThrowsComesBeforeWhatIsFoundAndNamesIt() {
        mistake(world);
        assertThatThrownBy(() -> world.queue.poll(HandlerValidationTest::fail, 1))
                .isInstanceOf(IllegalStateException.class)
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .isInstanceOfSatisfying(
                                VerbsException.class,
                                finding -> assertThat(finding).hasMessageContaining("byte 60 of the memory")));
    }

    @Test
    void aListenerIsToldAlsoWhenTheHandlerThrows() {
        List<ValidationFinding> findings = new ArrayList<>();
        try (LayerWorld other = new LayerWorld(context -> Validation.of(context, findings::add))) {
            mistake(other);
            assertThatThrownBy(() -> other.queue.poll(HandlerValidationTest::fail, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasNoSuppressedExceptions();
        }
        assertThat(findings).extracting(ValidationFinding::kind).containsExactly(Kind.RECEIVING_MEMORY_WRITTEN);
    }

    @Test
    void theHandlerHasTheCompletionBeforeItsFindingIsThrown() {
        mistake(world);
        List<Long> ids = new ArrayList<>();
        refused("poll", Errno.EINVAL, () -> world.queue.poll(completion -> ids.add(completion.wrId()), 1));
        assertThat(ids).containsExactly(1L);
    }

    @Test
    void aPollWhoseHandlerThrowsIsAPollAllTheSame() {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        assertThat(world.queue.requestNotify(NotificationType.ANY)).isTrue();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> world.queue.poll(HandlerValidationTest::fail, 1))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(world.channel.getEvent(1, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void anArmInAHandlerIsNotPolledByThePollThatItIsIn() {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        world.queue.poll(
                completion -> assertThat(world.queue.requestNotify(NotificationType.ANY))
                        .isTrue(),
                1);
        assertThat(refused("getEvent", Errno.EINVAL, world.channel::getEvent)).hasMessageContaining("poll until");
    }

    private static void mistake(LayerWorld world) {
        world.b.postReceive(world.receive(1, 100));
        world.memory.buffer().put(LayerWorld.HALF + 60, (byte) 1);
        world.a.postSend(world.send(7, 10));
    }

    private static void fail(WorkCompletion completion) {
        throw new IllegalStateException("handler of " + completion.wrId());
    }
}
