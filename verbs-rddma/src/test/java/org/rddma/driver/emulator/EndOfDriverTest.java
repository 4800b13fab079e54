package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.UnixSocket;

/** A driver that ends, or does not answer the door, keeps nobody waiting. */
@Timeout(60)
class EndOfDriverTest {
    private static final int ROUNDS = 200;

    @TempDir
    private Path folder;

    @Test
    void whoOpensWhileItEndsIsRefusedOrSeesTheEnd() throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            DriverEmulator driver = DriverEmulator.start(EmulatorOptions.defaults());
            List<DriverFile> files = new ArrayList<>();
            CountDownLatch begun = new CountDownLatch(1);
            Thread opener = new Thread(() -> {
                try {
                    while (true) {
                        files.add(driver.open(true));
                        begun.countDown();
                    }
                } catch (VerbsException e) {
                    assertThat(e.errno()).isIn(Errno.ENODEV, Errno.EMFILE);
                }
            });
            opener.start();
            begun.await();
            driver.close();
            opener.join();
            for (DriverFile file : files) {
                assertThat(file.await(TimeUnit.SECONDS.toNanos(5)))
                        .as("the end is seen")
                        .isTrue();
                file.close();
            }
        }
    }

    @Test
    void whoConnectsToADriverThatDoesNotAnswerIsToldInTimeOrWhenInterrupted() {
        Path path = folder.resolve("driver");
        UnixSocket deaf = UnixSocket.listen(path, 1, "listen");
        List<UnixSocket> queued = new ArrayList<>();
        try {
            assertThatThrownBy(() -> {
                        while (true) {
                            queued.add(UnixSocket.connect(path, "open"));
                        }
                    })
                    .isInstanceOf(VerbsException.class)
                    .hasMessageContaining("(ETIMEDOUT)");
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> UnixSocket.connect(path, "open"))
                    .isInstanceOf(VerbsException.class)
                    .hasMessageContaining("EINTR");
            assertThat(Thread.interrupted()).isTrue();
        } finally {
            queued.forEach(UnixSocket::close);
            deaf.close();
        }
    }
}
