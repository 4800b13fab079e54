package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.Descriptors;
import org.rddma.verbs.internal.os.UnixSocket;

/** A mistake of the driver itself: a command of nobody, which the core has no way to carry out. */
@Timeout(60)
class InternalErrorTest {
    private final ByteBuffer memory = ByteBuffer.allocateDirect(1 << 13);
    private final List<String> replies = new CopyOnWriteArrayList<>();
    private DriverServer server;
    private UnixSocket client;

    @BeforeEach
    void start() {
        server = new DriverServer(EmulatorOptions.defaults(), "test driver");
        client = server.connect(0, false);
    }

    @AfterEach
    void end() {
        server.close();
        client.close();
    }

    private void carryOutForNobody(String text) {
        server.execute(() -> server.execute(null, text, replies::add, true));
    }

    private String ask(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        assertThat(client.send(memory.put(0, bytes), 0, bytes.length, UnixSocket.NONE))
                .isEqualTo(bytes.length);
        assertThat(Descriptors.isReadable(client.fd(), 10_000))
                .as("an answer in time")
                .isTrue();
        byte[] reply = new byte[client.receive(memory, 0, memory.capacity())];
        memory.get(0, reply);
        return new String(reply, StandardCharsets.US_ASCII);
    }

    @Test
    void itsCommandIsAnsweredWithAnErrorAndItsTag() {
        carryOutForNobody("smb_find://b.l?request(7)");
        carryOutForNobody("smb_find://b.l");

        Deadline.await("the answers", () -> replies.size() == 2);
        assertThat(replies)
                .containsExactly("smb_find://b.l?result(-5),reply(7)", "smb_find://b.l?result(-5),reply(<NULL>)");
    }

    @Test
    void itIsCountedAndTheDriverGoesOn() {
        for (int i = 1; i <= 100; i++) {
            int count = i;
            carryOutForNobody("location_create://x");
            Deadline.await("it is answered", () -> replies.size() == count);
            assertThat(ask("bogus://x?request(5)")).isEqualTo("bogus://x?request(5),result(10101),reply(5)\n");
            assertThat(server.counters().internalErrors()).isEqualTo(i);
        }
    }

    @Test
    void aTaskThatFailsIsCountedAndTheDriverGoesOn() {
        server.execute(() -> {
            throw new StackOverflowError("as if");
        });
        Deadline.await("it is counted", () -> server.counters().internalErrors() == 1);
        assertThat(ask("bogus://x?request(5)")).contains("reply(5)");
    }
}
