package org.rddma.verbs.layer;

import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventChannel;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.WorkCompletion;

/**
 * Writes a line for every verb when it has returned. Two things would drown the rest and are drawn together: what a thread
 * looks for in vain, which is counted and written before the thread's next line, and a builder's batch, which is one line
 * when it ends. Reading an attribute is no verb.
 */
final class Tracer implements Interceptor {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS");

    /** Of what has no arguments and a result, these are verbs. */
    private static final Set<String> VERBS = Set.of(
            "query",
            "queryGidTable",
            "queryRawClock",
            "getEvent",
            "tryGetEvent",
            "allocateProtectionDomain",
            "allocateThreadDomain",
            "createCompletionChannel",
            "openXrcDomain",
            "open",
            "cursor",
            "next",
            "sendBuilder",
            "complete");

    /** Characters after which no more of a batch is written. */
    private static final int LONG = 1000;

    /** What a program does again and again until there is something. */
    private static final Set<String> LOOKS = Set.of("poll", "next", "tryGetEvent");

    /** What a builder was told since it was started; of a cursor too, whose it is. */
    private static final class Batch {
        volatile Object owner = "";
        String text = "";
    }

    private final Consumer<String> sink;
    private final AtomicBoolean failed = new AtomicBoolean();
    private final Map<Thread, InVain> inVain = new ConcurrentHashMap<>();

    Tracer(Consumer<String> sink) {
        this.sink = sink;
    }

    @Override
    public Object notesFor(Class<?> type, Object target) {
        return type == SendBuilder.class || type == CompletionCursor.class ? new Batch() : null;
    }

    @Override
    public Object intercept(Call call) throws Throwable {
        boolean isAccessor = call.arguments.length == 0 && call.hasResult() && !VERBS.contains(call.verb());
        boolean isPartOfBatch = call.wrapper.type == SendBuilder.class && addedToBatch(call);
        if (isAccessor || isPartOfBatch || call.verb().equals("extension")) {
            return call.proceed();
        }
        Object result = trace(call);
        Wrapper made = Wrapper.of(result);
        if (made != null && made.notes instanceof Batch batch) {
            batch.owner = call.wrapper.target;
        }
        return result;
    }

    private boolean addedToBatch(Call call) {
        Batch batch = call.notes(Batch.class);
        switch (call.verb()) {
            case "start" -> batch.text = "";
            case "complete", "abort" -> {
                return false;
            }
            default -> {
                if (batch.text.length() <= LONG) {
                    String gap = batch.text.isEmpty() ? "" : " ";
                    guarded(() -> batch.text += gap + call.verb() + "(" + TraceText.of(call.arguments) + ")");
                }
            }
        }
        return true;
    }

    private Object trace(Call call) throws Throwable {
        boolean isLook = LOOKS.contains(call.verb());
        if (!isLook) {
            guarded(() -> writeInVain(Thread.currentThread()));
        }
        String what = whatOf(call);
        StringBuilder handed = new StringBuilder();
        if (call.arguments.length == 2 && call.arguments[0] instanceof CompletionHandler handler) {
            call.arguments[0] = (CompletionHandler) completion -> {
                guarded(() -> handed.append(handed.length() == 0 ? "" : ", ").append(TraceText.of(completion)));
                handler.onCompletion(completion);
            };
        }
        LocalTime at = LocalTime.now(ZoneId.systemDefault());
        long start = System.nanoTime();
        Object result;
        try {
            result = call.proceed();
        } catch (Throwable thrown) {
            long nanos = System.nanoTime() - start;
            guarded(() -> {
                writeInVain(Thread.currentThread());
                write(at, Thread.currentThread(), what, " threw " + thrown, nanos);
            });
            throw thrown;
        }
        long nanos = System.nanoTime() - start;
        guarded(() -> {
            if (isLook && isNothing(result)) {
                inVain.computeIfAbsent(Thread.currentThread(), thread -> new InVain())
                        .add(call.wrapper.target, what, at, nanos);
                return;
            }
            writeInVain(Thread.currentThread());
            write(at, Thread.currentThread(), what, " = " + resultOf(call, result, handed), nanos);
            if (call.wrapper.type == Context.class && call.verb().equals("close")) {
                inVain.keySet().forEach(this::writeInVain);
            }
        });
        return result;
    }

    /** Makes text or writes it, whatever comes of that: the verb is done, and its caller must get what it gave. */
    private void guarded(Runnable telling) {
        try {
            telling.run();
        } catch (Throwable e) { // an error too: of a program's toString, or of its sink
            if (failed.compareAndSet(false, true)) {
                System.getLogger(Tracer.class.getName()).log(System.Logger.Level.WARNING, "a trace was not written", e);
            }
        }
    }

    private String whatOf(Call call) {
        StringBuilder what = new StringBuilder();
        guarded(() -> what.append(nameOf(call.wrapper)).append(' '));
        what.append(call.verb()).append('(');
        guarded(() -> what.append(argumentsOf(call)));
        return what.append(')').toString();
    }

    private static String nameOf(Wrapper wrapper) {
        if (wrapper.type == SendBuilder.class) {
            return ((Batch) wrapper.notes).owner + " builder";
        } else if (wrapper.type == CompletionCursor.class) {
            return ((Batch) wrapper.notes).owner + " cursor";
        } else if (wrapper.target instanceof AsyncEvent event) {
            return "event " + event.type();
        } else if (wrapper.target instanceof AsyncEventChannel channel) {
            return channel.context() + " asyncEvents";
        } else if (wrapper.target instanceof Device device) {
            return "device " + device.name();
        }
        return String.valueOf(wrapper.target);
    }

    private static String argumentsOf(Call call) {
        if (call.wrapper.type == SendBuilder.class) {
            Batch batch = call.notes(Batch.class);
            String text = batch.text;
            batch.text = "";
            return text;
        }
        return TraceText.of(call.arguments);
    }

    private static boolean isNothing(Object result) {
        return result == null || result.equals(0) || result.equals(false);
    }

    private static String resultOf(Call call, Object result, StringBuilder handed) {
        if (!call.hasResult()) {
            return "done";
        }
        if (call.verb().startsWith("post")) {
            return result == null ? "posted" : "full, not posted from here on: " + TraceText.of(result);
        }
        if (call.verb().equals("poll")) {
            Object into = call.arguments[0];
            if (into instanceof WorkCompletion completion) {
                return TraceText.of(completion);
            }
            return result + ": " + (handed.length() > 0 ? handed : TraceText.of(into, (Integer) result));
        }
        if (call.verb().equals("next")) {
            CompletionCursor cursor = call.target(CompletionCursor.class);
            return TraceText.completion(cursor.wrId(), cursor.status(), cursor.isSuccess() ? cursor.opcode() : null);
        }
        return TraceText.of(result);
    }

    private void writeInVain(Thread thread) {
        InVain looks = inVain.remove(thread);
        if (looks != null) {
            looks.forEach((what, look) -> write(look.first(), thread, what, " = nothing" + look.times(), look.nanos()));
        }
    }

    private void write(LocalTime at, Thread thread, String what, String result, long nanos) {
        String line = TIME.format(at) + " [" + thread.getName() + "] " + what + result + " in " + TraceText.time(nanos);
        guarded(() -> sink.accept(line));
    }
}
