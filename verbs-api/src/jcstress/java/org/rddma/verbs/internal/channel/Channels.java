package org.rddma.verbs.internal.channel;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Descriptors;

/** What the actors have in common: each state has a channel of its own, which its arbiter closes. */
final class Channels {
    /** Nothing but a lost wake-up lasts so long. */
    private static final int LONG_MILLIS = 20_000;

    private Channels() {}

    static EventChannel<String> open() {
        return new EventChannel<>("channel", "test");
    }

    static EventChannel<String> openWith(EventSource<String> source) {
        EventChannel<String> channel = open();
        channel.raise(source);
        return channel;
    }

    static String tryTake(EventChannel<String> channel) {
        String event = channel.tryTake("tryGetEvent");
        return event == null ? "none" : event;
    }

    /** How a wait ends: with an event, woken, closed, or only because its time has passed. */
    static String await(EventChannel<String> channel) {
        long start = System.nanoTime();
        try {
            String event = channel.take(LONG_MILLIS, TimeUnit.MILLISECONDS, "getEvent");
            if (event != null) {
                return event;
            }
            return System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(LONG_MILLIS) ? "woken" : "asleep";
        } catch (VerbsException e) {
            return Errno.nameOf(e.errno());
        }
    }

    /** What is left: "empty", "one event", or that queue, descriptor and account differ. Closes the channel. */
    static String rest(EventChannel<String> channel, EventSource<String> source) {
        int size = channel.size();
        long count = Descriptors.eventCount(channel.fd());
        boolean same = count == size && source.unread == size;
        channel.close();
        if (!same) {
            return "queue " + size + " descriptor " + count + " source " + source.unread;
        }
        return size == 0 ? "empty" : size == 1 ? "one event" : size + " events";
    }
}
