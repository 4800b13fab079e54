package org.rddma.verbs.conformance.remote;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.rddma.verbs.Context;
import org.rddma.verbs.conformance.Deadline;

/** A device in a virtual machine of its own. Each thread that calls has a thread there that does what it asks for. */
public final class RemoteDevice implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long LOOK_FOR_INTERRUPTS_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final String name;
    private final Process process;
    private final int port;
    private final SharedArena arena;
    private final References references = new References(this::call);
    private final Map<Thread, Line> lines = new ConcurrentHashMap<>();
    private final RemoteProgram.Station station;
    private final Thread interrupts;
    private volatile boolean closed;

    /**
     * Starts the virtual machine, with this one's class path.
     *
     * @param name of the device, as for {@link org.rddma.verbs.Verbs#open(String)}
     */
    public RemoteDevice(String name) {
        this.name = name;
        try {
            Path file = Files.createTempFile("arena", ".shared");
            try {
                arena = new SharedArena(file, 1);
                process = start(file);
                port = port();
            } finally {
                Files.delete(file); // both processes have it mapped
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        station = (RemoteProgram.Station) references.theirs(0, List.of(RemoteProgram.Station.class.getName()));
        interrupts = new Thread(this::passInterruptsOn, "interrupts to " + name);
        interrupts.setDaemon(true);
        interrupts.start();
    }

    private static Process start(Path file) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-Xlog:disable",
                        "-Xlog:all=warning:stderr", // the other one is for the port
                        "-cp",
                        System.getProperty("java.class.path"),
                        RemoteProgram.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** The first that it says is where it listens. */
    private int port() throws IOException {
        BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        try {
            Deadline.await("the other process says something, or ends", PATIENCE, () -> {
                try {
                    return said.ready() || !process.isAlive();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            return Integer.parseInt(said.readLine());
        } catch (NumberFormatException e) {
            process.destroyForcibly();
            throw new IOException("the other process has not said where it listens", e);
        } catch (RuntimeException | Error e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Opens the device there. */
    public Context open() {
        return station.open(name);
    }

    /** New memory, which is seen there and here. */
    public ByteBuffer memory(int bytes) {
        return arena.allocate(bytes);
    }

    /** Waits until the thread there that does what a thread here has asked for sleeps in it. */
    public void awaitBlocked(Thread caller) {
        Deadline.await("a call of " + caller, () -> lines.containsKey(caller));
        station.awaitBlocked(lines.get(caller).localPort());
    }

    private Object call(int number, Method method, Object[] arguments) throws Throwable {
        try {
            return lineOf(Thread.currentThread()).call(number, method, arguments);
        } catch (IOException e) {
            throw new UncheckedIOException("the other process is gone", e);
        }
    }

    private Line lineOf(Thread caller) throws IOException {
        Line line = lines.get(caller);
        if (line == null || line.isClosed()) {
            line = new Line(new Socket(InetAddress.getLoopbackAddress(), port), references, arena);
            lines.put(caller, line);
        }
        return line;
    }

    /** A thread that waits for the other process cannot be interrupted; who waits there, in its place, can. */
    private void passInterruptsOn() {
        while (!closed) {
            LockSupport.parkNanos(LOOK_FOR_INTERRUPTS_NANOS);
            lines.forEach((caller, line) -> {
                int call = line.interruptedCall();
                if (call != 0) {
                    interrupt(line, call);
                } else if (!caller.isAlive()) {
                    lines.remove(caller);
                    line.close();
                }
            });
        }
    }

    private void interrupt(Line line, int call) {
        try {
            station.interrupt(line.localPort(), call);
        } catch (UncheckedIOException e) {
            // nobody waits there any more
        }
    }

    /** Kills the virtual machine, whatever it does. */
    @Override
    public void close() {
        closed = true;
        process.destroyForcibly(); // who waits for it learns that it is gone
        LockSupport.unpark(interrupts);
        try {
            process.waitFor();
            interrupts.join();
            lines.values().forEach(Line::close);
            process.getInputStream().close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
