package org.rddma.verbs.conformance.remote;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.rddma.verbs.ProtectionDomain;

/**
 * A connection between a thread here, which calls, and one there, which does what is asked for, as if both were one: while it
 * waits for the answer, the caller does what the other asks of it, such as handling a completion.
 */
final class Line implements AutoCloseable {
    private static final int CALL = 1;
    private static final int RESULT = 2;
    private static final int FAILURE = 3;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final References references;
    private final SharedArena arena;

    /** Who waits for an answer, whose interrupts are to be passed on, and to which call. */
    private volatile Thread waiting;

    private volatile int calls;

    /** Who does what is asked for here, and which call that is; 0 between two. With the lock of this. */
    private Thread serving;

    private int served;

    Line(Socket socket, References references, SharedArena arena) throws IOException {
        this.socket = socket;
        this.references = references;
        this.arena = arena;
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    /** What the other process knows this line by. */
    int localPort() {
        return socket.getLocalPort();
    }

    /**
     * The call in which a thread has been interrupted that waits for its answer.
     *
     * @return 0 for none
     */
    int interruptedCall() {
        int call = calls;
        Thread thread = waiting;
        return thread != null && thread.isInterrupted() ? call : 0;
    }

    /** Interrupts who does a call, if it still does. */
    synchronized void interrupt(int call) {
        if (served == call && call != 0) {
            serving.interrupt();
        }
    }

    /** Whether something is being done that the other end has asked for. */
    synchronized boolean isServing() {
        return served != 0;
    }

    boolean isClosed() {
        return socket.isClosed();
    }

    /** Calls an object of the other process. */
    Object call(int number, Method method, Object[] arguments) throws Throwable {
        boolean inStep = false;
        Thread before = waiting;
        try {
            Graph graph = new Graph(references, arena);
            int call = calls + 1;
            calls = call; // by this thread only
            out.writeByte(CALL);
            out.writeInt(call);
            out.writeInt(number);
            out.writeUTF(method.getDeclaringClass().getName());
            out.writeUTF(method.getName());
            graph.write(out, typesOf(method));
            out.writeBoolean(Thread.currentThread().isInterrupted());
            graph.write(out, Arrays.asList(arguments));
            out.flush();
            int sent = graph.count();
            waiting = Thread.currentThread();
            int kind = in.readByte();
            for (; kind == CALL; kind = in.readByte()) {
                int unused = in.readInt();
                answer();
            }
            Object result = graph.read(in);
            graph.readChanges(in, sent);
            inStep = true;
            if (kind == FAILURE) {
                throw (Throwable) result;
            }
            return result;
        } finally {
            waiting = before;
            if (!inStep) {
                close(); // what comes next would not be understood
            }
        }
    }

    private static List<String> typesOf(Method method) {
        return Arrays.stream(method.getParameterTypes()).map(Class::getName).toList();
    }

    /** Does what the other end asks for, until it hangs up. */
    void serve() throws IOException {
        for (int kind = in.read(); kind == CALL; kind = in.read()) {
            boolean unused = Thread.interrupted(); // was of the call before
            served(in.readInt());
            answer();
            served(0);
        }
    }

    private synchronized void served(int call) {
        serving = Thread.currentThread();
        served = call;
    }

    private void answer() throws IOException {
        Graph graph = new Graph(references, arena);
        Object target = references.mine(in.readInt());
        Class<?> type = References.named(in.readUTF());
        String verb = in.readUTF();
        Object types = graph.read(in);
        boolean interrupted = in.readBoolean();
        Object[] arguments = ((List<?>) graph.read(in)).toArray();
        int received = graph.count();
        Object result;
        int kind = RESULT;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            result = invoke(target, find(type, verb, types), arguments);
        } catch (InvocationTargetException e) {
            result = e.getCause();
            kind = FAILURE;
        } catch (IllegalAccessException e) {
            result = e;
            kind = FAILURE;
        }
        out.writeByte(kind);
        graph.write(out, result);
        graph.writeChanges(out, received);
        out.flush();
    }

    private static Method find(Class<?> type, String verb, Object types) {
        for (Method method : type.getMethods()) {
            if (method.getName().equals(verb) && typesOf(method).equals(types)) {
                return method;
            }
        }
        throw new IllegalStateException("both processes have the same classes: " + type + " " + verb);
    }

    /** What is allocated here is to be seen there too. */
    private Object invoke(Object target, Method method, Object[] arguments)
            throws InvocationTargetException, IllegalAccessException {
        if (target instanceof ProtectionDomain domain
                && method.getName().equals("allocateMemory")
                && (int) arguments[0] > 0) {
            ByteBuffer memory = arena.allocate((int) arguments[0]);
            try {
                return domain.registerMemory(memory, (int) arguments[1]);
            } catch (RuntimeException e) {
                throw new InvocationTargetException(e);
            }
        }
        return method.invoke(target, arguments);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
