package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A core whose driver thread is the test's: tasks run when the test asks for something. */
final class CoreBench implements AutoCloseable {
    static final long PATIENCE_SECONDS = 20;

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    final DriverCore core;

    CoreBench(EmulatorOptions options) {
        core = new DriverCore(options, tasks::add);
    }

    static CoreBench relaxed() {
        return new CoreBench(options(false, EmulatorLimits.defaults()));
    }

    static CoreBench strict() {
        return new CoreBench(options(true, EmulatorLimits.defaults()));
    }

    static CoreBench limited(EmulatorLimits limits) {
        return new CoreBench(options(false, limits));
    }

    static EmulatorOptions options(boolean strict, EmulatorLimits limits) {
        return EmulatorOptions.defaults().withStrict(strict).withLimits(limits);
    }

    /** A process on one node. */
    record Peer(int pid, int node) implements Client {}

    /** A command and what came back. */
    static final class Asked {
        final List<String> replies = new ArrayList<>();

        boolean answered() {
            return !replies.isEmpty();
        }

        /** The only reply; null when there is none yet. */
        String reply() {
            assertThat(replies).hasSizeLessThanOrEqualTo(1);
            return replies.isEmpty() ? null : replies.get(0);
        }

        int result() {
            return CoreBench.result(reply());
        }
    }

    static int result(String reply) {
        int from = reply.lastIndexOf("result(") + 7;
        return Integer.parseInt(reply.substring(from, reply.indexOf(')', from)));
    }

    Asked send(Client client, String text) {
        Asked asked = new Asked();
        core.execute(client, text, asked.replies::add);
        return asked;
    }

    Asked send(String text) {
        return send(new Peer(1, 0), text);
    }

    /** The reply, at once or when the engine is through. */
    String ask(Client client, String text) {
        return await(send(client, text)).reply();
    }

    String ask(String text) {
        return ask(new Peer(1, 0), text);
    }

    String ask(int node, String text) {
        return ask(new Peer(1, node), text);
    }

    int result(int node, String text) {
        return result(ask(node, text));
    }

    int code(String text) {
        return result(ask(text));
    }

    void ok(String... commands) {
        for (String command : commands) {
            assertThat(ask(command)).contains("?result(0)");
        }
    }

    void ok(int node, String command) {
        assertThat(ask(node, command)).contains("?result(0)");
    }

    Asked await(Asked asked) {
        while (!asked.answered()) {
            assertThat(runNext()).as("an answer in time").isTrue();
        }
        return asked;
    }

    /** Runs what is due now. */
    void runDue() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private boolean runNext() {
        try {
            Runnable task = tasks.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (task != null) {
                task.run();
            }
            return task != null;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The bytes of a buffer, for looking and filling. */
    ByteBuffer bytes(int node, String location, String buffer) {
        return core.buffer(node, location, buffer).memory.mapped();
    }

    ByteBuffer bytes(String buffer) {
        return bytes(0, "l", buffer);
    }

    @Override
    public void close() {
        core.close();
    }
}
