package org.rddma.driver.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.driver.Reply;
import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.conformance.Deadline;

/** The examples of the ways to wait, on a driver whose replies overtake each other. */
class ExampleTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private DriverEmulator emulator;
    private String path;

    @BeforeEach
    void listen() {
        emulator = DriverEmulator.start(EmulatorOptions.defaults().withOvertaking(11));
        Path socket = folder.resolve("rddma");
        emulator.listen(socket);
        path = socket.toString();
    }

    @AfterEach
    void close() {
        emulator.close();
    }

    @Test
    void rawBlocking() throws Throwable {
        Deadline.run(
                "example", LIMIT, () -> assertThat(RawBlocking.run(path, "L")).isEqualTo("""
                        location_create://L#0:0?result(0),reply(<NULL>)
                        smb_create://buf.L#0:1000?result(0),reply(<NULL>)
                        """));
    }

    @Test
    void blockingOrdered() throws Throwable {
        Deadline.run(
                "example",
                LIMIT,
                () -> assertThat(BlockingOrdered.run(path, "L").text()).isEqualTo("buf.L#0:1000"));
    }

    @Test
    void nonBlockingOrdered() throws Throwable {
        Deadline.run(
                "example",
                LIMIT,
                () -> assertThat(NonBlockingOrdered.run(path, "L")).isEqualTo(11 * 499_500));
    }

    @Test
    void outOfOrder() throws Throwable {
        Deadline.run("example", LIMIT, () -> {
            List<Reply> replies = OutOfOrder.run(path, "L");
            assertThat(replies).hasSize(44).allMatch(Reply::succeeded);
            assertThat(replies.get(2).operation()).isEqualTo("sync_send");
            assertThat(replies.get(3).operation()).isEqualTo("sync_wait");
            for (int i = 0; i < 20; i++) {
                assertThat(replies.get(4 + i).text()).isEqualTo("t" + i + ".L#0:40");
            }
            assertThat(replies.subList(24, 44)).extracting(Reply::text).doesNotHaveDuplicates();
        });
    }

    @Test
    void announcedByEventFd() throws Throwable {
        Deadline.run(
                "example",
                LIMIT,
                () -> assertThat(AnnouncedByEventFd.run(path, "L")).isEqualTo(136));
    }

    @Test
    void announcedBySignal() throws Throwable {
        Deadline.run(
                "example",
                LIMIT,
                () -> assertThat(AnnouncedBySignal.run(path, "L")).isEqualTo(136));
    }
}
