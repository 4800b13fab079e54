package org.rddma.verbs.conformance.remote;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.rddma.verbs.Context;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.conformance.Deadline;

/** The process on the other side: it opens devices, and does what it is asked for, until its input ends. */
public final class RemoteProgram {
    private static final ThreadLocal<Line> LINE = new ThreadLocal<>();

    private RemoteProgram() {}

    /** What the other side asks first. */
    public interface Station {
        /** Opens a device of this process. */
        Context open(String device);

        /** Interrupts the thread that does a call for a line, if it still does. */
        void interrupt(int line, int call);

        /** Waits until the thread that serves a line sleeps in what it does. */
        void awaitBlocked(int line);
    }

    /** A line, and who serves it. */
    private record Served(Line line, Thread thread) {}

    /**
     * Listens, says where, and serves.
     *
     * @param arguments the file of the memory that both processes see
     */
    public static void main(String[] arguments) throws IOException {
        SharedArena arena = new SharedArena(Path.of(arguments[0]), 0);
        Map<Integer, Served> lines = new ConcurrentHashMap<>();
        References references = new References((number, method, given) -> {
            Line line = LINE.get();
            if (line == null) {
                throw new IllegalStateException(method + " is called from a thread that serves nobody");
            }
            return line.call(number, method, given);
        });
        int unused = references.numberOf(new Station() {
            @Override
            public Context open(String device) {
                return Verbs.open(device);
            }

            @Override
            public void interrupt(int line, int call) {
                Served served = lines.get(line);
                if (served != null) {
                    served.line.interrupt(call);
                }
            }

            @Override
            public void awaitBlocked(int line) {
                Deadline.await(
                        "a call by line " + line,
                        () -> lines.containsKey(line) && lines.get(line).line.isServing());
                Deadline.awaitBlocked(lines.get(line).thread);
            }
        });
        ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        System.out.println(listener.getLocalPort());
        System.out.flush();
        System.setOut(System.err); // nobody reads the other any more
        Thread accepting = new Thread(() -> {
            try {
                for (; ; ) {
                    serve(listener.accept(), references, arena, lines);
                }
            } catch (IOException | RuntimeException | Error e) {
                e.printStackTrace(); // others wait for an answer
                Runtime.getRuntime().halt(1);
            }
        });
        accepting.setDaemon(true);
        accepting.start();
        while (System.in.read() >= 0) {} // the other process is there
        System.exit(0);
    }

    private static void serve(Socket socket, References references, SharedArena arena, Map<Integer, Served> lines)
            throws IOException {
        int number = socket.getPort();
        Line line = new Line(socket, references, arena);
        Thread thread = new Thread(
                () -> {
                    try (line) {
                        LINE.set(line);
                        line.serve();
                    } catch (IOException e) {
                        // the other process is gone, or its thread
                    } finally {
                        lines.remove(number);
                    }
                },
                "line " + number);
        lines.put(number, new Served(line, thread));
        thread.setDaemon(true);
        thread.start();
    }
}
