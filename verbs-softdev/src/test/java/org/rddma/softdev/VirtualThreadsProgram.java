package org.rddma.softdev;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.app.FutureQueuePair;
import org.rddma.verbs.app.Futures;

/**
 * A program of its own: virtual threads by the hundred that send to each other over one small queue pair, each of them
 * waiting for room and for its futures, and what the flight recorder says of pinned carriers. Compiled for JDK 17, and so
 * by reflection where it is about virtual threads and the recorder.
 */
final class VirtualThreadsProgram {
    static final int SENDERS = 300;
    static final int RECEIVERS = 20;
    static final int MESSAGES = 20;
    private static final int DEPTH = 8;
    private static final int BYTES = 8;

    private final AtomicInteger received = new AtomicInteger();
    private final AtomicInteger checksum = new AtomicInteger();
    private final Method startVirtualThread;

    private VirtualThreadsProgram() throws ReflectiveOperationException {
        startVirtualThread = Thread.class.getMethod("startVirtualThread", Runnable.class);
    }

    /** Prints one line. */
    public static void main(String[] args) throws Exception {
        new VirtualThreadsProgram().run(); // who meets a class that is being loaded is pinned, too
        VirtualThreadsProgram program = new VirtualThreadsProgram();
        Recorder recorder = new Recorder();
        program.run();
        System.out.println(
                "received " + program.received + ", checksum " + program.checksum + ", pinned " + recorder.pinned());
    }

    private Thread start(Runnable body) throws ReflectiveOperationException {
        return (Thread) startVirtualThread.invoke(null, body);
    }

    private void run() throws Exception {
        try (Context context = Verbs.open("soft0")) {
            ProtectionDomain domain = context.allocateProtectionDomain();
            CompletionChannel channel = context.createCompletionChannel();
            CompletionQueue queue = context.createCompletionQueue(
                    new CompletionQueueAttributes().entries(4 * DEPTH).channel(channel));
            MemoryRegion memory = domain.allocateMemory((SENDERS + RECEIVERS) * BYTES, AccessFlags.LOCAL_WRITE);
            QueuePairInitAttributes sizes = new QueuePairInitAttributes()
                    .completionQueue(queue)
                    .maxSendRequests(DEPTH)
                    .maxReceiveRequests(DEPTH);
            QueuePair a = domain.createQueuePair(sizes);
            QueuePair b = domain.createQueuePair(sizes);
            Endpoint.connect(a, b);
            try (Futures futures = Futures.on(channel)) {
                FutureQueuePair from = futures.attach(a, DEPTH, 0);
                FutureQueuePair to = futures.attach(b, 0, DEPTH);
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < RECEIVERS; i++) {
                    int offset = (SENDERS + i) * BYTES;
                    threads.add(start(() -> receive(to, memory, offset)));
                }
                for (int i = 0; i < SENDERS; i++) {
                    int number = i;
                    threads.add(start(() -> send(from, memory, number)));
                }
                for (Thread thread : threads) {
                    thread.join();
                }
            }
        }
    }

    private void receive(FutureQueuePair pair, MemoryRegion memory, int offset) {
        ReceiveRequest request = new ReceiveRequest(offset, new ScatterGatherElement(memory, offset, BYTES));
        for (int i = 0; i < SENDERS * MESSAGES / RECEIVERS; i++) {
            long bytes = pair.receive(request).join().byteLength();
            int unused = checksum.addAndGet(memory.buffer().getInt(offset) + (int) bytes);
            unused = received.incrementAndGet();
        }
    }

    private static void send(FutureQueuePair pair, MemoryRegion memory, int number) {
        int offset = number * BYTES;
        SendRequest request = new SendRequest()
                .send()
                .wrId(number)
                .sge(new ScatterGatherElement(memory, offset, BYTES))
                .flags(SendFlags.SIGNALED);
        for (int i = 0; i < MESSAGES; i++) {
            memory.buffer().putInt(offset, number + i);
            if (pair.send(request).join().wrId() != number) {
                throw new AssertionError("the completion of another request");
            }
        }
    }

    /** What all messages add up to. */
    static int expectedChecksum() {
        int sum = 0;
        for (int number = 0; number < SENDERS; number++) {
            for (int i = 0; i < MESSAGES; i++) {
                sum += number + i + BYTES;
            }
        }
        return sum;
    }

    /** Counts the times that a virtual thread could not leave its carrier while it waited. */
    private static final class Recorder {
        private static final String EVENT = "jdk.VirtualThreadPinned";

        private final Class<?> type = Class.forName("jdk.jfr.Recording");
        private final Object recording = type.getConstructor().newInstance();

        Recorder() throws ReflectiveOperationException {
            Object settings = type.getMethod("enable", String.class).invoke(recording, EVENT);
            Class<?> settingsType = Class.forName("jdk.jfr.EventSettings");
            Object unused =
                    settingsType.getMethod("withThreshold", Duration.class).invoke(settings, Duration.ZERO);
            unused = settingsType.getMethod("withStackTrace").invoke(settings);
            unused = type.getMethod("start").invoke(recording);
        }

        int pinned() throws Exception {
            Path file = Files.createTempFile("pinned", ".jfr");
            try {
                Object unused = type.getMethod("stop").invoke(recording);
                unused = type.getMethod("dump", Path.class).invoke(recording, file);
                List<?> events = (List<?>) Class.forName("jdk.jfr.consumer.RecordingFile")
                        .getMethod("readAllEvents", Path.class)
                        .invoke(null, file);
                if (!events.isEmpty()) {
                    System.out.println(events.get(0));
                }
                return events.size();
            } finally {
                Files.delete(file);
            }
        }
    }
}
