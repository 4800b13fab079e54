package org.rddma.verbs.layer;

import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.QueuePair;

/** Connects the notes of what is new with those of what it was made from. */
final class Making {
    private Making() {}

    static void queue(Call call, CompletionQueue made) {
        QueueNotes queue = (QueueNotes) Wrapper.of(made).notes;
        if (call.arguments[0] instanceof CompletionQueueAttributes attributes) {
            queue.fields = attributes.fields();
            boolean hasThreadDomain = attributes.parentDomain() != null
                    && attributes.parentDomain().threadDomain() != null;
            queue.oneThread = attributes.singleThreaded() || hasThreadDomain;
        } else {
            queue.fields = CompletionFields.STANDARD;
        }
        Wrapper channel = Wrapper.of(made.channel());
        if (channel != null) {
            queue.channel = (ChannelNotes) channel.notes;
            queue.channel.queues.add(queue);
        }
    }

    static PairNotes pair(QueuePair made) {
        PairNotes pair = (PairNotes) Wrapper.of(made).notes;
        pair.sendQueue = notes(made.sendCompletionQueue(), QueueNotes.class);
        pair.receiveQueue = notes(made.receiveCompletionQueue(), QueueNotes.class);
        SharedNotes shared = notes(made.sharedReceiveQueue(), SharedNotes.class);
        if (shared != null) {
            pair.receives = shared.receives;
        }
        pair.followed = pair.canBeFollowed();
        return pair;
    }

    private static <T> T notes(Object object, Class<T> type) {
        Wrapper wrapper = Wrapper.of(object);
        return wrapper == null ? null : type.cast(wrapper.notes);
    }
}
