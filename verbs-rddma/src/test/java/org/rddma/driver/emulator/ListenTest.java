package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.internal.os.FolderLock;
import org.rddma.verbs.internal.os.UnixSocket;

/** Where a driver listens: what is at that place already, and who else wants to be there. */
@Timeout(60)
class ListenTest {
    private static final int EADDRINUSE = 98;
    private static final int ROUNDS = 30;
    private static final int RACES = 200;
    private static final int RACERS = 4;

    @TempDir
    private Path folder;

    private static DriverEmulator start() {
        return DriverEmulator.start(EmulatorOptions.defaults());
    }

    private static int errnoOf(Runnable call) {
        try {
            call.run();
            return 0;
        } catch (VerbsException e) {
            return e.errno();
        }
    }

    private static String ask(Path path) {
        byte[] text = "bogus://x?request(5)".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer memory = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY).put(0, text);
        try (DriverFile file = DriverEmulator.connect(path, false)) {
            assertThat(file.write(memory, 0, text.length)).isEqualTo(text.length);
            byte[] reply = new byte[file.read(memory, 0, memory.capacity())];
            memory.get(0, reply);
            return new String(reply, StandardCharsets.US_ASCII);
        }
    }

    /** The file that a driver leaves behind which is killed. */
    private Path dead(String name) {
        Path path = folder.resolve(name);
        UnixSocket.listen(path, 1, "test").close();
        return path;
    }

    @Test
    void aSocketWhereNobodyListensIsReplaced() {
        Path path = dead("driver");
        try (DriverEmulator driver = start()) {
            driver.listen(path);
            assertThat(ask(path)).contains("result(10101)");
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void aDriverThatListensIsNotReplacedAndNotHarmed() {
        Path path = folder.resolve("driver");
        try (DriverEmulator driver = start()) {
            driver.listen(path);
            try (DriverEmulator second = start()) {
                assertThat(errnoOf(() -> second.listen(path))).isEqualTo(EADDRINUSE);
            }
            assertThat(errnoOf(() -> driver.listen(path))).isEqualTo(EADDRINUSE);
            assertThat(ask(path)).contains("result(10101)");
        }
    }

    @Test
    void whoListensButTakesNobodyIsNotReplacedAndHoldsNobodyUpForEver() throws Throwable {
        Path path = folder.resolve("driver");
        UnixSocket listening = UnixSocket.listen(path, 0, "test");
        UnixSocket waiting = UnixSocket.connect(path, "test");
        AtomicReference<Integer> errno = new AtomicReference<>();
        try (DriverEmulator driver = start()) {
            assertThat(errnoOf(() -> driver.listen(path))).isEqualTo(EADDRINUSE);
            assertThat(path).exists();

            Deadline.Running connecting = Deadline.start(
                    "connects",
                    () -> errno.set(
                            errnoOf(() -> DriverEmulator.connect(path, true).close())));
            Deadline.awaitBlocked(connecting.thread());
            connecting.thread().interrupt();
            connecting.join();
            assertThat(errno.get()).isEqualTo(Errno.EINTR);
        } finally {
            waiting.close();
            listening.close();
        }
    }

    @Test
    void anotherKindOfFileIsLeftAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "precious");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), dead("driver"));
        try (DriverEmulator driver = start()) {
            for (Path path : List.of(file, empty, link)) {
                assertThat(errnoOf(() -> driver.listen(path))).as("at %s", path).isEqualTo(EADDRINUSE);
            }
        }
        assertThat(file).hasContent("precious");
        assertThat(empty).isDirectory();
        assertThat(Files.isSymbolicLink(link)).isTrue();
    }

    @Test
    void aPlaceWhereNoSocketCanBeIsRefused() {
        Path longest = folder.resolve("a".repeat(200));
        try (DriverEmulator driver = start()) {
            assertThatThrownBy(() -> driver.listen(longest))
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                    .hasMessageContaining("107");
            assertThat(errnoOf(() -> driver.listen(null))).isEqualTo(Errno.EINVAL);
            assertThat(errnoOf(() -> driver.listen(folder.resolve("none/driver"))))
                    .isEqualTo(Errno.ENOENT);
            assertThat(errnoOf(() -> DriverEmulator.connect(longest, true).close()))
                    .isEqualTo(Errno.EINVAL);
        }
    }

    @Test
    void ofDriversThatRaceForOneDeadSocketOneWinsAndCanBeReached() throws Throwable {
        List<DriverEmulator> drivers = new ArrayList<>();
        try {
            for (int i = 0; i < RACERS; i++) {
                drivers.add(start());
            }
            for (int round = 0; round < RACES; round++) {
                race(dead("driver" + round), drivers);
            }
        } finally {
            drivers.forEach(DriverEmulator::close);
        }
    }

    private static void race(Path path, List<DriverEmulator> drivers) throws Throwable {
        CyclicBarrier together = new CyclicBarrier(RACERS);
        int[] errnos = new int[RACERS];
        List<Deadline.Running> racers = new ArrayList<>();
        for (int i = 0; i < RACERS; i++) {
            int number = i;
            racers.add(Deadline.start("racer", () -> {
                int unused = together.await();
                errnos[number] = errnoOf(() -> drivers.get(number).listen(path));
            }));
        }
        for (Deadline.Running racer : racers) {
            racer.join();
        }
        assertThat(errnos).containsOnlyOnce(0).containsOnly(0, EADDRINUSE);
        assertThat(ask(path)).contains("result(10101)");
    }

    @Test
    void whoWaitsForTheFolderCanBeInterrupted() throws Throwable {
        AtomicReference<Integer> errno = new AtomicReference<>();
        try (DriverEmulator driver = start();
                FolderLock held = FolderLock.take(folder, 0, "test")) {
            assertThat(held).isNotNull();
            assertThat(errnoOf(() -> FolderLock.take(folder, 0, "test").close()))
                    .isEqualTo(Errno.EBUSY);
            Deadline.Running listening =
                    Deadline.start("listens", () -> errno.set(errnoOf(() -> driver.listen(folder.resolve("driver")))));
            Deadline.awaitBlocked(listening.thread());
            listening.thread().interrupt();
            listening.join();
            assertThat(errno.get()).isEqualTo(Errno.EINTR);
        }
    }

    @Test
    void aDriverThatEndsLeavesTheFileOfItsSuccessorAlone() throws IOException {
        Path path = folder.resolve("driver");
        try (DriverEmulator successor = start()) {
            try (DriverEmulator driver = start()) {
                driver.listen(path);
                Files.delete(path);
                successor.listen(path);
            }
            assertThat(Files.exists(path, LinkOption.NOFOLLOW_LINKS)).isTrue();
            assertThat(ask(path)).contains("result(10101)");
        }
    }

    @Test
    void aDriverThatHasEndedLetsNobodyInAndLeavesNothing() {
        Path path = folder.resolve("driver");
        DriverEmulator driver = start();
        driver.close();

        assertThat(errnoOf(() -> driver.listen(path))).isEqualTo(Errno.ENODEV);
        assertThat(errnoOf(() -> driver.open(true).close())).isEqualTo(Errno.ENODEV);
        assertThat(path).doesNotExist();
    }

    @Test
    void whoOpensADriverThatEndsIsRefusedOrSeesItsEnd() throws Throwable {
        for (int round = 0; round < ROUNDS; round++) {
            DriverEmulator driver = start();
            CyclicBarrier together = new CyclicBarrier(2);
            ByteBuffer memory = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY);
            AtomicReference<Integer> errno = new AtomicReference<>();
            Deadline.Running opening = Deadline.start("opens", () -> {
                int unused = together.await();
                errno.set(errnoOf(() -> {
                    try (DriverFile file = driver.open(false)) {
                        int read = file.read(memory, 0, memory.capacity());
                        assertThat(read).isZero();
                    }
                }));
            });
            int unused = together.await();
            driver.close();
            opening.join();
            assertThat(errno.get()).isIn(Errno.ENODEV, Errno.EIO);
        }
    }
}
