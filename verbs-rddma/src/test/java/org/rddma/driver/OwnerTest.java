package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.conformance.Deadline;

/** The out-of-order mode on the driver in user space: many threads, many commands, replies that overtake. */
class OwnerTest {
    private static final int THREADS = 64;
    private static final int COMMANDS = 100_000;

    /** Counts the replies that come before one to an earlier command. */
    private static final class Watched extends DriverFile {
        private static final Pattern REQUEST = Pattern.compile("request\\(([0-9a-f]+)\\)");
        private static final Pattern REPLY = Pattern.compile("reply\\(([0-9a-f]+)\\)");

        private final DriverFile file;
        private final ConcurrentHashMap<String, Long> order = new ConcurrentHashMap<>();
        private final AtomicLong written = new AtomicLong();
        private final AtomicLong overtaken = new AtomicLong();
        private final AtomicLong last = new AtomicLong();

        Watched(DriverFile file) {
            this.file = file;
        }

        private static String tag(Pattern pattern, ByteBuffer text, int offset, int length) {
            byte[] bytes = new byte[length];
            text.get(offset, bytes);
            Matcher matcher = pattern.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
            assertThat(matcher.find()).isTrue();
            return matcher.group(1);
        }

        @Override
        public int write(ByteBuffer text, int offset, int length) {
            order.put(tag(REQUEST, text, offset, length), written.incrementAndGet());
            return file.write(text, offset, length);
        }

        @Override
        public int read(ByteBuffer into, int offset, int length) {
            int read = file.read(into, offset, length);
            if (read > 0) {
                long mine = order.remove(tag(REPLY, into, offset, read));
                if (mine < last.getAndAccumulate(mine, Math::max)) {
                    overtaken.incrementAndGet();
                }
            }
            return read;
        }

        @Override
        public int fd() {
            return file.fd();
        }

        @Override
        public boolean nonBlocking() {
            return file.nonBlocking();
        }

        @Override
        public void nonBlocking(boolean nonBlocking) {
            file.nonBlocking(nonBlocking);
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
            file.close();
        }
    }

    @Test
    void everyReplyOfAHundredThousandCommandsOfSixtyFourThreadsIsAtItsOwnerAlthoughRepliesOvertake() throws Throwable {
        try (DriverEmulator emulator =
                        DriverEmulator.start(EmulatorOptions.defaults().withOvertaking(64));
                AsyncConnection connection = connection(emulator)) {
            connection.startDispatcher();
            List<Deadline.Running> workers = new ArrayList<>();
            int each = COMMANDS / THREADS + 1;
            for (int t = 0; t < THREADS; t++) {
                String prefix = "t" + t + "_";
                workers.add(Deadline.start("worker " + t, () -> doCommands(connection, prefix, each)));
            }
            for (Deadline.Running worker : workers) {
                worker.join(Duration.ofMinutes(2));
            }
            assertThat(connection.counters()).isEqualTo(new ReplyCounters((long) THREADS * each, 0, 0, 0, 0));
            assertThat(watched.order).isEmpty();
            assertThat(watched.overtaken.get()).isGreaterThan(COMMANDS / 100);
        }
    }

    private Watched watched;

    private AsyncConnection connection(DriverEmulator emulator) {
        watched = new Watched(emulator.open(true));
        return AsyncConnection.over(watched);
    }

    private static void doCommands(AsyncConnection connection, String prefix, int count) {
        try (AsyncHandle handle = connection.handle()) {
            for (int i = 0; i < count; i++) {
                handle.invoke(Commands.smbFind(prefix + i, "L"));
                if (!handle.await().text().equals(prefix + i + ".L")) {
                    throw new AssertionError("not the reply to " + prefix + i);
                }
            }
        }
    }
}
