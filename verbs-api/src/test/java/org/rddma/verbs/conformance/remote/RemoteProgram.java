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

/** The process on the other side: it opens devices, and does what it is asked for, until its input ends. */
public final class RemoteProgram {
    private static final ThreadLocal<Line> LINE = new ThreadLocal<>();

    private RemoteProgram() {}

    /** What the other side asks first. */
    public interface Station {
        /** Opens a device of this process. */
        Context open(String device);

        /** Interrupts the thread that serves a line. */
        void interrupt(int line);
    }

    /**
     * Listens, says where, and serves.
     *
     * @param arguments the file of the memory that both processes see
     */
    public static void main(String[] arguments) throws IOException {
        SharedArena arena = new SharedArena(Path.of(arguments[0]), 0);
        Map<Integer, Thread> threads = new ConcurrentHashMap<>();
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
            public void interrupt(int line) {
                Thread thread = threads.get(line);
                if (thread != null) {
                    thread.interrupt();
                }
            }
        });
        ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        System.out.println(listener.getLocalPort());
        Thread accepting = new Thread(() -> {
            for (; ; ) {
                try {
                    Socket socket = listener.accept();
                    int number = socket.getPort();
                    Thread thread = new Thread(() -> serve(socket, references, arena), "line " + number);
                    threads.put(number, thread);
                    thread.setDaemon(true);
                    thread.start();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        accepting.setDaemon(true);
        accepting.start();
        while (System.in.read() >= 0) {} // the other process is there
        System.exit(0);
    }

    private static void serve(Socket socket, References references, SharedArena arena) {
        try (Line line = new Line(socket, references, arena)) {
            LINE.set(line);
            line.serve();
        } catch (IOException e) {
            // the other process is gone
        }
    }
}
