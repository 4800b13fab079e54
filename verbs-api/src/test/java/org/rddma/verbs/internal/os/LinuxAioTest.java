package org.rddma.verbs.internal.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;

class LinuxAioTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** A file in memory, which Linux AIO takes as any other. */
    private static int file() {
        ByteBuffer name = direct("aio\0");
        int fd = LibC.memfd_create(Os.addressOf(name), 1);
        assertThat(fd).isPositive();
        return fd;
    }

    private static ByteBuffer direct(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    @Test
    void aWriteAndAReadBringTheirDataAndTheirPlaceBackAndSignalTheEventDescriptor() {
        int fd = file();
        EventFd event = EventFd.counter("test");
        LinuxAio aio = new LinuxAio(4, "test");
        try {
            ByteBuffer text = direct("hello");
            long cookie = 0xfedc_ba98_7654_3210L;
            assertThat(aio.write(3, fd, Os.addressOf(text), 5, 0, cookie, event.fd()))
                    .isEqualTo(1);
            Deadline.await("the event descriptor is signalled", event::take);
            assertThat(aio.take(4, 0)).isEqualTo(1);
            assertThat(aio.data(0)).isEqualTo(cookie);
            assertThat(aio.place(0)).isEqualTo(3);
            assertThat(aio.result(0)).isEqualTo(5);
            assertThat(aio.secondResult(0)).isZero();

            ByteBuffer back = ByteBuffer.allocateDirect(8);
            assertThat(aio.read(1, fd, Os.addressOf(back), 8, 1, -1, -1)).isEqualTo(1);
            assertThat(aio.take(4, SECOND)).isEqualTo(1);
            assertThat(aio.data(0)).isEqualTo(-1);
            assertThat(aio.place(0)).isEqualTo(1);
            assertThat(aio.result(0)).isEqualTo(4);
            assertThat(StandardCharsets.US_ASCII.decode(back).toString()).startsWith("ello");
            assertThat(event.take()).as("the read had no event descriptor").isFalse();
        } finally {
            aio.close();
            event.close();
            int unused = LibC.close(fd);
        }
    }

    @Test
    void takingWaitsNoLongerThanItIsTold() {
        LinuxAio aio = new LinuxAio(1, "test");
        try {
            assertThat(aio.take(1, 0)).isZero();
            long start = System.nanoTime();
            assertThat(aio.take(1, 20_000_000)).isZero();
            assertThat(System.nanoTime() - start).isBetween(15_000_000L, 10 * SECOND);
            assertThat(aio.cancel(0)).as("nothing is under way").isNegative();
        } finally {
            aio.close();
        }
    }

    @Test
    void aRequestOnAClosedDescriptorIsRefusedAndItsPlaceIsFree() {
        int fd = file();
        LinuxAio aio = new LinuxAio(1, "test");
        try {
            ByteBuffer text = direct("x");
            assertThat(aio.write(0, 1_000_000, Os.addressOf(text), 1, 0, 0, -1)).isEqualTo(-Errno.EBADF);
            assertThat(aio.write(0, fd, Os.addressOf(text), 1, 0, 0, -1)).isEqualTo(1);
            assertThat(aio.take(1, SECOND)).isEqualTo(1);
        } finally {
            aio.close();
            int unused = LibC.close(fd);
        }
    }

    @Test
    void memoryThatIsNotThereIsAnErrorAndNoCrash() {
        int fd = file();
        LinuxAio aio = new LinuxAio(1, "test");
        try {
            int submitted = aio.write(0, fd, 16, 100, 0, 0, -1);
            long result = submitted < 0 ? submitted : aio.take(1, SECOND) == 1 ? aio.result(0) : 0;
            assertThat(result).isEqualTo(-Errno.EFAULT);
        } finally {
            aio.close();
            int unused = LibC.close(fd);
        }
    }

    @Test
    void badArgumentsAreRefused() {
        assertThatThrownBy(() -> new LinuxAio(0, "test"))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("1 to 65536");
        LinuxAio aio = new LinuxAio(1, "test");
        try {
            assertThatThrownBy(() -> aio.write(1, 0, 0, 0, 0, 0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        } finally {
            aio.close();
            aio.close();
        }
    }
}
