package org.rddma.perftest;

import java.lang.reflect.Proxy;
import java.util.List;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.WorkCompletion;

/**
 * Another part of a program, which uses four providers at once: the two that there are, and two that do nothing. What the
 * virtual machine learns of its calls must not slow down those of a part that uses one of them.
 */
public final class Elsewhere implements AutoCloseable {
    private final Context soft = Verbs.open("soft0");
    private final Context rddma = Verbs.open("rddma0");
    private final List<Own> providers = List.of(
            own(new WriteLoop(soft)),
            own(new WriteLoop(rddma)),
            new Own(idle(CompletionQueue.class), idle(QueuePair.class), null),
            new Own(
                    idle(CompletionQueue.class, AutoCloseable.class, Runnable.class),
                    idle(QueuePair.class, AutoCloseable.class, Runnable.class),
                    null));
    private final WorkCompletion[] array = WorkCompletion.array(4);
    private final WorkCompletion completion = new WorkCompletion();

    private record Own(CompletionQueue queue, QueuePair pair, SendRequest write) {}

    /** Opens them. */
    public Elsewhere() {}

    private static Own own(WriteLoop loop) {
        return new Own(loop.queue, loop.pair, loop.write());
    }

    /** An object of a class of its own, all of whose verbs do nothing. */
    private static <T> T idle(Class<T> verbs, Class<?>... more) {
        Class<?>[] types = new Class<?>[more.length + 1];
        types[0] = verbs;
        System.arraycopy(more, 0, types, 1, more.length);
        return verbs.cast(Proxy.newProxyInstance(
                Elsewhere.class.getClassLoader(), types, (proxy, method, arguments) -> switch (method.getReturnType()
                        .getName()) {
                    case "int" -> 0;
                    case "boolean" -> false;
                    default -> null;
                }));
    }

    /** Uses each of them so often. */
    public void use(int rounds) {
        for (int i = 0; i < rounds; i++) {
            for (Own own : providers) {
                use(own);
            }
        }
    }

    private void use(Own own) {
        int unused = poll(own.queue, array);
        boolean unusedToo = arm(own.queue);
        boolean full = post(own.pair, own.write) != null;
        boolean done = poll(own.queue, completion);
        while (own.write != null && !full && !done) {
            done = poll(own.queue, completion);
        }
        if (own.queue.channel() != null && own.queue.channel().tryGetEvent() != null) {
            own.queue.ackEvents(1);
        }
    }

    static int poll(CompletionQueue queue, WorkCompletion[] completions) {
        return queue.poll(completions);
    }

    static boolean poll(CompletionQueue queue, WorkCompletion completion) {
        return queue.poll(completion);
    }

    static boolean arm(CompletionQueue queue) {
        return queue.requestNotify(NotificationType.ANY);
    }

    static SendRequest post(QueuePair pair, SendRequest write) {
        return pair.postSend(write);
    }

    @Override
    public void close() {
        rddma.close();
        soft.close();
    }
}
