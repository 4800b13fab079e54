package org.rddma.driver.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Completions;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** Order within a queue pair on a driver whose replies overtake each other. */
@HangGuard(seconds = 60)
final class RddmaOrderTest {
    private static final int PAIRS = 4;
    private static final int MESSAGES = 300;
    private static final int SLOTS = 32;
    private static final int SLOT_BYTES = 1024;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void messagesArriveInOrderAndWithTheirBytesThoughRepliesOvertake(long seed) {
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults().withOvertaking(seed), 10_000)) {
            Side[] senders = new Side[PAIRS];
            Side[] receivers = new Side[PAIRS];
            RddmaContext here = driver.device("own0").open();
            RddmaContext there = driver.device("own1").open();
            try (here;
                    there) {
                for (int i = 0; i < PAIRS; i++) {
                    senders[i] = new Side(here);
                    receivers[i] = new Side(there);
                    Endpoint.connect(senders[i].pair, receivers[i].pair);
                }
                run(senders, receivers, new Random(seed));
            }
        }
    }

    @Test
    void messagesArriveInOrderAndWithTheirBytesThoughTheDriverIsSlowWithSomeCopies() throws Throwable {
        AtomicBoolean ends = new AtomicBoolean();
        AtomicReference<FilteredFile> file = new AtomicReference<>();
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), 10_000)) {
            RddmaDevice slow = RddmaDevice.of("own0", () -> {
                file.set(new FilteredFile(driver.emulator.open(true)));
                return file.get();
            });
            RddmaContext here = slow.open();
            RddmaContext there = driver.device("own1").open();
            try (here;
                    there) {
                Side[] senders = {new Side(here), new Side(here)};
                Side[] receivers = {new Side(there), new Side(there)};
                for (int i = 0; i < 2; i++) {
                    Endpoint.connect(senders[i].pair, receivers[i].pair);
                }
                Random random = new Random(5);
                file.get().hold(text -> text.contains("_b") && random.nextInt(3) == 0);
                Deadline.Running releaser = Deadline.start("releases", () -> {
                    while (!ends.get()) {
                        Deadline.await("a command", () -> file.get().heldBack() > 0 || ends.get());
                        file.get().releaseBackwards();
                    }
                });
                try {
                    run(senders, receivers, new Random(6));
                } finally {
                    ends.set(true);
                    releaser.join();
                }
            }
        }
    }

    private static void run(Side[] senders, Side[] receivers, Random random) {
        int[] lengths = new int[senders.length * SLOTS];
        for (int first = 0; first < MESSAGES; first += SLOTS) {
            for (int pair = 0; pair < senders.length; pair++) {
                for (int i = 0; i < SLOTS; i++) {
                    receivers[pair].receive(first + i, i * SLOT_BYTES, SLOT_BYTES);
                }
            }
            for (int i = 0; i < SLOTS; i++) {
                for (int pair = 0; pair < senders.length; pair++) {
                    int length = random.nextInt(SLOT_BYTES);
                    lengths[pair * SLOTS + i] = length;
                    int unused = senders[pair].fill(i * SLOT_BYTES, length, first + i).length;
                    senders[pair].post(request(senders[pair], receivers[pair], first + i, i, length, random));
                }
            }
            for (int pair = 0; pair < senders.length; pair++) {
                for (int i = 0; i < SLOTS; i++) {
                    WorkCompletion sent = Completions.next(senders[pair].sends);
                    assertThat(sent.isSuccess()).as("%s", sent).isTrue();
                    assertThat(sent.wrId()).isEqualTo(first + i);
                    WorkCompletion received = Completions.next(receivers[pair].receives);
                    assertThat(received.isSuccess()).isTrue();
                    assertThat(received.wrId()).isEqualTo(first + i);
                    assertThat(received.immediate()).isEqualTo(first + i);
                    int length = lengths[pair * SLOTS + i];
                    assertThat(received.byteLength()).isEqualTo(length);
                    assertThat(receivers[pair].bytes(i * SLOT_BYTES, length))
                            .isEqualTo(senders[pair].bytes(i * SLOT_BYTES, length));
                }
            }
        }
    }

    /** A message by a send or by a write, of one piece or of several. */
    private static SendRequest request(Side from, Side to, int number, int slot, int length, Random random) {
        int at = slot * SLOT_BYTES;
        SendRequest request = from.request(number, at, length).flags(SendFlags.SIGNALED);
        if (length > 2 && random.nextBoolean()) {
            int first = 1 + random.nextInt(length - 1);
            request.sges(
                    new org.rddma.verbs.ScatterGatherElement(from.memory, at, first),
                    new org.rddma.verbs.ScatterGatherElement(from.memory, at + first, length - first));
        }
        return random.nextBoolean()
                ? request.sendWithImmediate(number)
                : request.writeWithImmediate(to.address(at), to.memory.rkey(), number);
    }
}
