package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.internal.os.SharedMemory;
import org.rddma.verbs.internal.os.UnixSocket;

/**
 * The asynchronous I/O of the system, on a file in memory in place of a device: it takes the commands, at the
 * "position" that is the address of the buffer, and puts no replies there.
 */
class KernelAioTest {
    /** Memory whose descriptor is as good as a device's for a write. */
    private static class MemoryFile extends DriverFile {
        private final SharedMemory memory = SharedMemory.create("ways", 4096, "test");

        @Override
        public int fd() {
            return memory.fd();
        }

        @Override
        public boolean nonBlocking() {
            return true;
        }

        @Override
        public void nonBlocking(boolean nonBlocking) {}

        @Override
        public int write(ByteBuffer text, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(ByteBuffer into, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean await(long nanos) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ByteBuffer map(long mmapOffset, long length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    @Test
    void eachCommandCompletesWithItsCookieAndItsBuffer() throws Throwable {
        Deadline.run("owner", java.time.Duration.ofSeconds(20), () -> {
            try (AioConnection connection = AioConnection.over(new MemoryFile(), 8)) {
                AioCompletion[] taken = new AioCompletion[8];
                List<Long> cookies = new ArrayList<>();
                for (int round = 0; round < 100; round++) {
                    for (int i = 0; i < 8; i++) {
                        assertThat(connection.submit(
                                        Commands.smbFind("b", "L"), AioConnection.replyBuffer(), round * 8L + i))
                                .isTrue();
                    }
                    assertThat(connection.submit(Commands.smbFind("b", "L"), AioConnection.replyBuffer(), -1))
                            .isFalse();
                    while (connection.underWay() > 0) {
                        int count = connection.completions(taken);
                        for (int i = 0; i < count; i++) {
                            cookies.add(taken[i].cookie());
                            assertThat(taken[i].length()).isZero();
                            AioCompletion completion = taken[i];
                            assertThatThrownBy(completion::reply).isInstanceOf(RddmaSyntaxException.class);
                        }
                    }
                }
                assertThat(cookies).hasSize(800).doesNotHaveDuplicates();
                assertThat(connection.completions(taken, 5, TimeUnit.MILLISECONDS))
                        .isZero();
            }
        });
    }

    @Test
    void closingEndsTheWaitAlsoWithCommandsUnderWay() throws Throwable {
        AioConnection connection = AioConnection.over(new MemoryFile(), 2);
        AioCompletion[] one = new AioCompletion[1];
        Deadline.Running waiter = Deadline.start(
                "waiter",
                () -> assertThatThrownBy(() -> connection.completions(one))
                        .isInstanceOfSatisfying(
                                VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF)));
        Deadline.awaitBlocked(waiter.thread());
        connection.close();
        waiter.join();
        AioConnection other = AioConnection.over(new MemoryFile(), 2);
        assertThat(other.submit(Commands.smbFind("b", "L"), AioConnection.replyBuffer(), 1))
                .isTrue();
        other.close();
    }

    /** As {@link MemoryFile}; its close takes until it is told to go on, as one of a device with a slow command. */
    private static final class SlowlyClosed extends DriverFile {
        private final MemoryFile file = new MemoryFile();
        private final CountDownLatch closing = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public int fd() {
            return file.fd();
        }

        @Override
        public boolean nonBlocking() {
            return true;
        }

        @Override
        public void nonBlocking(boolean nonBlocking) {}

        @Override
        public int write(ByteBuffer text, int offset, int length) {
            return file.write(text, offset, length);
        }

        @Override
        public int read(ByteBuffer into, int offset, int length) {
            return file.read(into, offset, length);
        }

        @Override
        public boolean await(long nanos) {
            return file.await(nanos);
        }

        @Override
        public ByteBuffer map(long mmapOffset, long length) {
            return file.map(mmapOffset, length);
        }

        @Override
        public void close() {
            closing.countDown();
            try {
                boolean unused = goOn.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            file.close();
        }
    }

    @Test
    void theBuffersOfCommandsUnderWayAreKeptUntilTheSystemHasEndedThem() throws Throwable {
        SlowlyClosed file = new SlowlyClosed();
        WeakReference<ByteBuffer> reply = new WeakReference<>(abandon(file));
        assertThat(file.closing.await(10, TimeUnit.SECONDS)).isTrue();
        collectGarbage();
        assertThat(reply.get()).as("the device may still write into it").isNotNull();
        file.goOn.countDown();
        Deadline.await("it is free", () -> {
            System.gc();
            return reply.get() == null;
        });
    }

    /** In a method of its own, so that nothing of it stays on the stack. */
    private static ByteBuffer abandon(DriverFile file) {
        ByteBuffer memory = ByteBuffer.allocateDirect(2 * 4096);
        AioConnection connection = AioConnection.over(file, 2);
        assertThat(connection.submit(Commands.smbFind("b", "L"), memory.alignedSlice(4096), 1))
                .isTrue();
        connection.close();
        return memory;
    }

    private static void collectGarbage() {
        WeakReference<Object> gone = new WeakReference<>(new Object());
        Deadline.await("a collection", () -> {
            System.gc();
            return gone.get() == null;
        });
    }

    @Test
    void aDeviceThatHasHungUpIsWaitedForWithoutHaste() throws Throwable {
        UnixSocket[] pair = UnixSocket.pair("test");
        pair[1].close();
        AioConnection connection = AioConnection.over(
                new MemoryFile() {
                    @Override
                    public int fd() {
                        return pair[0].fd();
                    }
                },
                2);
        Deadline.Running waiter = Deadline.start("waiter", () -> {
            assertThat(connection.completions(new AioCompletion[1])).isZero();
            assertThat(Thread.interrupted()).isTrue();
        });
        Deadline.awaitBlocked(waiter.thread());
        waiter.thread().interrupt();
        waiter.join();
        connection.close();
        pair[0].close();
    }
}
