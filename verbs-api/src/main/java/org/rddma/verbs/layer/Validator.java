package org.rddma.verbs.layer;

import java.util.function.Consumer;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventChannel;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SharedReceiveQueue;

/**
 * Sees every call to the objects of one context, and hands those that matter to who knows about them. Whatever it notes,
 * the verb is done as without it; where findings are thrown, those about an argument are thrown before the verb, and those
 * about what it returned after it.
 */
final class Validator implements Interceptor {
    private final Findings findings;
    private final PostedMemory memory = new PostedMemory();
    private final Posting posting;

    /** Made with the context, whose device says in which order it completes. */
    private volatile Completing completing;

    private volatile Polling polling;
    private volatile Waiting waiting;
    private volatile Closing closing;

    Validator(Consumer<ValidationFinding> listener) {
        findings = new Findings(listener);
        posting = new Posting(memory, findings);
    }

    @Override
    public Object notesFor(Class<?> type, Object target) {
        if (target instanceof Context context && type == Context.class) {
            boolean weakOrder = context.device().attributes().has(Capability.WEAK_ORDER);
            completing = new Completing(memory, findings, weakOrder);
            polling = new Polling(completing, findings);
            waiting = new Waiting(completing, findings);
            closing = new Closing(memory, completing, findings);
        } else if (type == MemoryRegion.class) {
            Usage usage = new Usage(target);
            memory.opened(((MemoryRegion) target).lkey(), usage);
            return usage;
        } else if (type == AddressHandle.class) {
            return new Usage(target);
        } else if (type == CompletionChannel.class) {
            return new ChannelNotes();
        } else if (type == CompletionQueue.class) {
            return closing.opened(new QueueNotes((CompletionQueue) target));
        } else if (type == QueuePair.class) {
            return new PairNotes((QueuePair) target);
        } else if (type == SharedReceiveQueue.class) {
            return closing.opened(new SharedNotes((SharedReceiveQueue) target));
        } else if (type == CompletionCursor.class) {
            return new CursorNotes();
        } else if (type == SendBuilder.class) {
            return new Batch();
        } else if (type == AsyncEvent.class) {
            return new EventNotes();
        }
        return null;
    }

    @Override
    public Object intercept(Call call) throws Throwable {
        Class<?> type = call.wrapper.type;
        if (type == CompletionQueue.class) {
            return completionQueue(call, call.notes(QueueNotes.class));
        } else if (type == QueuePair.class) {
            return queuePair(call, call.notes(PairNotes.class));
        } else if (type == SharedReceiveQueue.class) {
            return sharedReceiveQueue(call, call.notes(SharedNotes.class));
        } else if (type == CompletionCursor.class) {
            return polling.cursor(call, call.notes(CursorNotes.class));
        } else if (type == SendBuilder.class) {
            return call.notes(Batch.class).call(call, posting, findings);
        } else if (type == CompletionChannel.class) {
            return waiting.channel(call, call.notes(ChannelNotes.class));
        } else if (type == AsyncEventChannel.class) {
            return Waiting.asyncEvents(call);
        } else if (type == AsyncEvent.class) {
            return Waiting.asyncEvent(call, call.notes(EventNotes.class));
        } else if (call.verb().equals("close")) {
            return closing.other(call);
        }
        return made(call);
    }

    private Object completionQueue(Call call, QueueNotes queue) throws Throwable {
        return switch (call.verb()) {
            case "poll" -> polling.poll(call, queue);
            case "cursor" -> polling.made(call.proceed(), queue);
            case "requestNotify" -> polling.arm(call, queue);
            case "ackEvents" -> {
                Object nothing = call.proceed();
                queue.events.acknowledged((Integer) call.arguments[0]);
                yield nothing;
            }
            case "close" -> closing.queue(call, queue);
            default -> call.proceed();
        };
    }

    private Object queuePair(Call call, PairNotes pair) throws Throwable {
        return switch (call.verb()) {
            case "postSend" -> posting.postSend(call, pair);
            case "postReceive" -> posting.postReceive(call, pair);
            case "bindMemoryWindow" -> posting.bindMemoryWindow(call, pair);
            case "modify" -> completing.modify(call, pair);
            case "sendBuilder" -> {
                Object builder = call.proceed();
                ((Batch) Wrapper.of(builder).notes).pair = pair;
                yield builder;
            }
            case "close" -> closing.pair(call, pair);
            default -> call.proceed();
        };
    }

    private Object sharedReceiveQueue(Call call, SharedNotes shared) throws Throwable {
        return switch (call.verb()) {
            case "postReceive" -> posting.postReceive(call, shared.receives);
            case "close" -> closing.shared(call, shared);
            default -> call.proceed();
        };
    }

    /** What is new is connected with what it was made from, before the program has it. */
    private Object made(Call call) throws Throwable {
        Object result = call.proceed();
        switch (call.verb()) {
            case "createCompletionQueue" -> Making.queue(call, (CompletionQueue) result);
            case "createQueuePair" -> completing.opened(Making.pair((QueuePair) result));
            case "reregister" -> {
                MemoryRegion region = call.target(MemoryRegion.class);
                Usage usage = call.notes(Usage.class);
                usage.read(region);
                memory.opened(region.lkey(), usage);
            }
            default -> {}
        }
        return result;
    }
}
