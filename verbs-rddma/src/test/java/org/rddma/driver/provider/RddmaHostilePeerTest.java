package org.rddma.driver.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Completions;
import org.rddma.verbs.conformance.HangGuard;

/** Whatever a peer writes where both ends can: every request completes, and nothing else is harmed. */
@HangGuard(seconds = 240)
final class RddmaHostilePeerTest {
    private static final int IMPATIENT = 600;
    private static final int ROUNDS = 25;
    private static final int REQUESTS = 6;
    private static final int HEAD_BYTES = 512;

    @Test
    void garbageInControlBlocksAndDirectoriesLosesNoCompletionAndKillsNoThread() {
        List<Throwable> uncaught = new CopyOnWriteArrayList<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> uncaught.add(failure));
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), IMPATIENT)) {
            for (int round = 0; round < ROUNDS; round++) {
                Random random = new Random(round);
                try (Side a = driver.side("own0");
                        Side b = driver.side("own1")) {
                    Endpoint.connect(a.pair, b.pair);
                    ByteBuffer[] shared = {block(a, a), block(a, b), directory(a, a), directory(a, b)};
                    for (int i = 0; i < REQUESTS; i++) {
                        a.receive(i, 0, 64);
                        b.receive(i, 0, 64);
                        spoil(shared[random.nextInt(shared.length)], random);
                        a.post(request(a, b, i, random));
                        b.post(request(b, a, i, random));
                    }
                    a.pair.modify(new QueuePairAttributes().state(QueuePairState.ERR));
                    b.pair.modify(new QueuePairAttributes().state(QueuePairState.ERR));
                    for (Side side : List.of(a, b)) {
                        for (int i = 0; i < REQUESTS; i++) {
                            assertThat(Completions.next(side.sends).wrId()).isEqualTo(i);
                            assertThat(Completions.next(side.receives).wrId()).isEqualTo(i);
                        }
                    }
                }
                assertThat(uncaught).as("round %d", round).isEmpty();
            }
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    private static SendRequest request(Side from, Side to, int wrId, Random random) {
        SendRequest request = from.request(wrId, 0, 1 + random.nextInt(64));
        return switch (random.nextInt(4)) {
            case 0 -> request;
            case 1 -> request.write(to.address(0), to.memory.rkey());
            case 2 -> request.writeWithImmediate(to.address(0), to.memory.rkey(), 5);
            default -> request.read(to.address(0), to.memory.rkey());
        };
    }

    private static ByteBuffer block(Side from, Side of) {
        return from.context.buffers().find(Names.block(of.pair.number()), "test");
    }

    private static ByteBuffer directory(Side from, Side of) {
        return from.context.buffers().find(Names.directory(of.context.number()), "test");
    }

    private static void spoil(ByteBuffer memory, Random random) {
        for (int i = 0; i < 3; i++) {
            int at = random.nextInt(Math.min(HEAD_BYTES, memory.capacity()) / Integer.BYTES) * Integer.BYTES;
            int value = switch (random.nextInt(4)) {
                case 0 -> random.nextInt();
                case 1 -> random.nextInt(8);
                case 2 -> Integer.MIN_VALUE;
                default -> -1;
            };
            memory.putInt(at, value);
        }
    }
}
