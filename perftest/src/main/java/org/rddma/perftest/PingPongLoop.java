package org.rddma.perftest;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.app.Endpoint;

/**
 * The traffic of a ping-pong. Each queue pair waits for two completions, that of its send and that of the answer, and
 * sends again when it has both; it is over when as many sends and receives are done as there are to be round trips, of
 * all queue pairs together. Receives are posted again when hardly one for each queue pair is left.
 *
 * <p>With events the queue is armed before it is polled until it is empty, and only then waited for; all events are
 * acknowledged at the end. A peer that is silent for too long is taken for dead: of an unreliable one also a lost message
 * looks like that.
 */
final class PingPongLoop {
    private static final int LOOKS_PER_YIELD = 1 << 8;

    private final PingPongEnd end;
    private final PingPongSettings settings;
    private final CompletionCursor cursor;
    private final SendRequest[] sends;
    private final SendBuilder builder;
    private final long[] pending;
    private final PingPongTimes times = new PingPongTimes();
    private int posted;
    private int sent;
    private int received;
    private int events;
    private long lastProgress;

    /** Posts the receives and arms the queue: that must be done before the peer is told where to send. */
    PingPongLoop(PingPongEnd end) {
        this.end = end;
        settings = end.settings;
        cursor = end.queue.cursor();
        sends = new SendRequest[end.pairs.length];
        pending = new long[end.pairs.length];
        builder = settings.builder ? end.pairs[0].sendBuilder() : null;
        posted = end.postReceives(settings.rxDepth);
        if (posted < settings.rxDepth) {
            throw new RunFailedException("Couldn't post receive (" + posted + ")");
        }
        if (settings.events) {
            end.queue.requestNotify(NotificationType.ANY);
        }
    }

    /** All round trips, once the queue pairs are connected to these; returns the nanoseconds that they took. */
    long run(PingPongAddress[] remote) {
        for (int i = 0; i < sends.length; i++) {
            sends[i] = request(i, remote[i]);
            pending[i] = PingPongEnd.RECEIVE_ID;
        }
        if (settings.isClient() && settings.check) {
            end.markPages();
        }
        long start = System.nanoTime();
        lastProgress = start;
        for (int i = 0; i < sends.length && settings.isClient(); i++) {
            send(i);
        }
        try {
            while (sent < settings.iterations || received < settings.iterations) {
                step();
            }
        } finally {
            if (events > 0) {
                end.queue.ackEvents(events);
            }
        }
        return System.nanoTime() - start;
    }

    PingPongTimes times() {
        return times;
    }

    private SendRequest request(int index, PingPongAddress remote) {
        QueuePair pair = end.pairs[index];
        boolean inline = settings.size <= pair.capabilities().maxInlineData();
        SendRequest request = new SendRequest()
                .send()
                .wrId(PingPongEnd.SEND_ID)
                .flags(inline ? SendFlags.SIGNALED | SendFlags.INLINE : SendFlags.SIGNALED)
                .sge(end.message());
        if (end.handle(index) != null) {
            request.datagram(end.handle(index), remote.queuePair(), Endpoint.QKEY);
        }
        return request;
    }

    private void step() {
        if (settings.events) {
            awaitEvent();
        }
        int looks = 0;
        while (!drain()) {
            if (settings.events) {
                return; // a wake-up for no reason, or for what an earlier look has taken
            }
            Thread.onSpinWait();
            if (++looks % LOOKS_PER_YIELD == 0) {
                Thread.yield(); // the peer may need this processor
                failIfSilent();
            }
        }
        lastProgress = settings.timeoutNanos > 0 ? System.nanoTime() : 0;
    }

    private void awaitEvent() {
        long patience = settings.timeoutNanos > 0 ? settings.timeoutNanos : Long.MAX_VALUE;
        while (end.channel.getEvent(patience, TimeUnit.NANOSECONDS) == null) {
            failIfSilent();
        }
        events++;
        end.queue.requestNotify(NotificationType.ANY);
    }

    private void failIfSilent() {
        if (Thread.currentThread().isInterrupted()) {
            throw new RunFailedException("interrupted");
        }
        if (settings.timeoutNanos > 0 && System.nanoTime() - lastProgress >= settings.timeoutNanos) {
            throw new RunFailedException("the peer is silent since " + settings.timeoutNanos / 1_000_000_000L
                    + " s, after " + received + " of " + settings.iterations + " messages: it has ended"
                    + (settings.kind == PingPongKind.RC || settings.kind == PingPongKind.SRQ
                            ? ""
                            : ", or a message was lost"));
        }
    }

    /** Takes all completions there are; returns whether there were any. */
    private boolean drain() {
        boolean some = false;
        while (cursor.next()) {
            some = true;
            take();
        }
        return some;
    }

    private void take() {
        if (!cursor.isSuccess()) {
            throw new RunFailedException("Failed status " + cursor.status().text() + " ("
                    + cursor.status().value() + ") for wr_id " + cursor.wrId());
        }
        int index = indexOf(cursor.queuePairNumber());
        pending[index] &= ~cursor.wrId();
        if (cursor.wrId() == PingPongEnd.SEND_ID) {
            sent++;
        } else {
            takeReceive();
        }
        if (pending[index] == 0 && sent < settings.iterations) {
            send(index);
        }
    }

    private void takeReceive() {
        received++;
        if (settings.timestamps) {
            times.add(cursor.completionTimestamp());
        }
        if (--posted <= sends.length) {
            posted += end.postReceives(settings.rxDepth - posted);
            if (posted < settings.rxDepth) {
                throw new RunFailedException("Couldn't post receive (" + posted + ")");
            }
        }
    }

    private int indexOf(int number) {
        for (int i = 0; i < end.pairs.length; i++) {
            if (end.pairs[i].number() == number) {
                return i;
            }
        }
        throw new IllegalStateException("a completion of queue pair " + number + ", which is none of ours");
    }

    private void send(int index) {
        boolean full;
        if (builder == null) {
            full = end.pairs[index].postSend(sends[index]) != null;
        } else {
            builder.start();
            builder.wrId(PingPongEnd.SEND_ID).flags(sends[index].flags()).send().sges(end.message());
            full = !builder.complete();
        }
        if (full) {
            throw new RunFailedException("Couldn't post send");
        }
        pending[index] = PingPongEnd.RECEIVE_ID | PingPongEnd.SEND_ID;
    }
}
