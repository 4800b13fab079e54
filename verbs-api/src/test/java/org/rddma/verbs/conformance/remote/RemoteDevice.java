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
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.rddma.verbs.Context;

/** A device in a virtual machine of its own. Each thread that calls has a thread there that does what it asks for. */
public final class RemoteDevice implements AutoCloseable {
    private static final long LOOK_FOR_INTERRUPTS_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final String name;
    private final Path file;
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
            file = Files.createTempFile("arena", ".shared");
            arena = new SharedArena(file, 1);
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            RemoteProgram.class.getName(),
                            file.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            port = Integer.parseInt(
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                            .readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        station = (RemoteProgram.Station) references.theirs(0, List.of(RemoteProgram.Station.class.getName()));
        interrupts = new Thread(this::passInterruptsOn, "interrupts to " + name);
        interrupts.setDaemon(true);
        interrupts.start();
    }

    /** Opens the device there. */
    public Context open() {
        return station.open(name);
    }

    /** New memory, which is seen there and here. */
    public ByteBuffer memory(int bytes) {
        return arena.allocate(bytes);
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
        if (line == null) {
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
                if (line.isInterrupted()) {
                    interrupt(line);
                } else if (!caller.isAlive()) {
                    lines.remove(caller);
                    line.close();
                }
            });
        }
    }

    private void interrupt(Line line) {
        try {
            station.interrupt(line.localPort());
        } catch (UncheckedIOException e) {
            // nobody waits there any more
        }
    }

    /** Kills the virtual machine, whatever it does. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(interrupts);
        try {
            interrupts.join();
            process.destroyForcibly().waitFor();
            lines.values().forEach(Line::close);
            process.getInputStream().close();
            Files.deleteIfExists(file);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
