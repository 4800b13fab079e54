package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rddma.verbs.conformance.Descriptors;
import org.rddma.verbs.internal.os.UnixSocket;

/** Commands that overtake each other: in which order, and which of them. */
@Timeout(60)
class OvertakingTest {
    private static final int COMMANDS = 100;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(1 << 13);

    /** The tags of the replies to commands that all wait before the driver takes the first. */
    private List<Integer> order(EmulatorOptions options) throws InterruptedException {
        DriverServer server = new DriverServer(options, "test driver");
        UnixSocket client = server.connect(0, false);
        try {
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch all = new CountDownLatch(1);
            server.execute(() -> {
                held.countDown();
                awaitQuietly(all);
            });
            held.await();
            for (int i = 0; i < COMMANDS; i++) {
                byte[] text = ("bogus://x?request(" + i + ")").getBytes(StandardCharsets.US_ASCII);
                assertThat(client.send(memory.put(0, text), 0, text.length, UnixSocket.NONE))
                        .isPositive();
            }
            all.countDown();
            List<Integer> tags = new ArrayList<>();
            while (tags.size() < COMMANDS) {
                tags.add(tag(client));
            }
            return tags;
        } finally {
            server.close();
            client.close();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private int tag(UnixSocket client) {
        assertThat(Descriptors.isReadable(client.fd(), 10_000))
                .as("an answer in time")
                .isTrue();
        byte[] reply = new byte[client.receive(memory, 0, memory.capacity())];
        memory.get(0, reply);
        String text = new String(reply, StandardCharsets.US_ASCII);
        int at = text.indexOf("reply(") + "reply(".length();
        return Integer.parseInt(text.substring(at, text.indexOf(')', at)));
    }

    private static List<Integer> inOrder() {
        return IntStream.range(0, COMMANDS).boxed().toList();
    }

    @Test
    void theSameSeedGivesTheSameOrderAndAnotherOneAnother() throws InterruptedException {
        EmulatorOptions options = EmulatorOptions.defaults();
        List<Integer> first = order(options.withOvertaking(1));

        assertThat(first).isNotEqualTo(inOrder()).containsExactlyInAnyOrderElementsOf(inOrder());
        for (int i = 0; i < 10; i++) {
            assertThat(order(options.withOvertaking(1))).isEqualTo(first);
        }
        assertThat(order(options.withOvertaking(2))).isNotEqualTo(first);
    }

    @Test
    void withoutItCommandsAreAnsweredInTheirOrder() throws InterruptedException {
        assertThat(order(EmulatorOptions.defaults())).isEqualTo(inOrder());
    }
}
