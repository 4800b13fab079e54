package org.rddma.verbs.layer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.RegionChange;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.WorkRequest;

/** Arguments and results in few words. Whatever they are, it gives some text. */
final class TraceText {
    private static final int MANY = 8;

    private TraceText() {}

    static String of(Object[] arguments) {
        return Arrays.stream(arguments).map(TraceText::of).collect(Collectors.joining(", "));
    }

    static String of(Object value) {
        try {
            return text(value);
        } catch (RuntimeException e) { // of a toString that is not ours, or of what another thread changes
            return value.getClass().getSimpleName();
        }
    }

    private static String text(Object value) {
        if (value instanceof SendRequest first) {
            return sends(first);
        } else if (value instanceof ReceiveRequest first) {
            return receives(first);
        } else if (value instanceof WorkCompletion[] completions) {
            return completions.length + " completions";
        } else if (value instanceof Object[] array) {
            return Arrays.stream(array).map(TraceText::of).collect(Collectors.joining(", ", "[", "]"));
        } else if (value instanceof WorkCompletion done) {
            return completion(done.wrId(), done.status(), done.isSuccess() ? done.opcode() : null);
        } else if (value instanceof QueuePairAttributes attributes) {
            return attributes(attributes);
        } else if (value instanceof QueuePairInitAttributes init) {
            return init.type() + ", " + init.capabilities() + ", sends to " + init.sendCompletionQueue()
                    + ", receives to " + init.receiveCompletionQueue();
        } else if (value instanceof CompletionQueueAttributes queue) {
            return queue.entries() + " entries, channel " + queue.channel() + ", vector " + queue.vector();
        } else if (value instanceof SharedReceiveQueueAttributes queue) {
            return queue.maxRequests() + " requests of " + queue.maxElements() + " elements";
        } else if (value instanceof MemoryWindowBind bind) {
            return "wr " + bind.wrId() + " shows " + bind.length() + " bytes from 0x" + Long.toHexString(bind.address())
                    + " of " + bind.region();
        } else if (value instanceof RegionChange change) {
            return "change " + change.mask();
        } else if (value instanceof CompletionHandler) {
            return "handler";
        } else if (value instanceof Collection<?> many && many.size() > MANY) {
            return many.size() + " of them";
        }
        return String.valueOf(value);
    }

    static String of(Object completions, int count) {
        WorkCompletion[] all = (WorkCompletion[]) completions;
        String some = Arrays.stream(all)
                .limit(Math.min(count, MANY))
                .map(TraceText::of)
                .collect(Collectors.joining(", "));
        return count > MANY ? some + " and " + (count - MANY) + " more" : some;
    }

    static String completion(long wrId, WorkCompletionStatus status, WorkCompletionOpcode opcode) {
        return "wr " + wrId + " " + (opcode != null ? opcode : status);
    }

    private static String sends(SendRequest first) {
        List<String> texts = new ArrayList<>();
        int count = 0;
        for (SendRequest request = first; request != null && count <= MANY; request = request.next(), count++) {
            if (count < MANY) {
                texts.add("wr " + request.wrId() + " " + request.opcode() + flags(request.flags()) + elements(request));
            }
        }
        return chain(texts, count);
    }

    private static String receives(ReceiveRequest first) {
        List<String> texts = new ArrayList<>();
        int count = 0;
        for (ReceiveRequest request = first; request != null && count <= MANY; request = request.next(), count++) {
            if (count < MANY) {
                texts.add("wr " + request.wrId() + elements(request));
            }
        }
        return chain(texts, count);
    }

    private static String chain(List<String> texts, int count) {
        return String.join(", ", texts) + (count > MANY ? ", ..." : "");
    }

    private static String elements(WorkRequest request) {
        long bytes = 0;
        for (int i = 0; i < request.sgeCount(); i++) {
            ScatterGatherElement element = request.sge(i);
            bytes += element == null ? 0 : element.length();
        }
        return " " + bytes + " bytes";
    }

    private static String flags(int flags) {
        if (flags == 0) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        int rest = flags;
        for (Flag flag : FLAGS) {
            if ((rest & flag.bit) != 0) {
                text.append(' ').append(flag.name);
                rest &= ~flag.bit;
            }
        }
        return rest == 0 ? text.toString() : text + " flags 0x" + Integer.toHexString(rest);
    }

    private record Flag(int bit, String name) {}

    private static final List<Flag> FLAGS = List.of(
            new Flag(SendFlags.FENCE, "FENCE"),
            new Flag(SendFlags.SIGNALED, "SIGNALED"),
            new Flag(SendFlags.SOLICITED, "SOLICITED"),
            new Flag(SendFlags.INLINE, "INLINE"),
            new Flag(SendFlags.IP_CSUM, "IP_CSUM"));

    private static String attributes(QueuePairAttributes attributes) {
        List<String> texts = new ArrayList<>();
        for (int bit = 1; bit != 0; bit <<= 1) {
            if (attributes.has(bit)) {
                texts.add(QueuePairAttributes.nameOf(bit) + " " + value(attributes, bit));
            }
        }
        return String.join(", ", texts);
    }

    private static Object value(QueuePairAttributes attributes, int bit) {
        return switch (bit) {
            case QueuePairAttributes.STATE -> attributes.state();
            case QueuePairAttributes.CURRENT_STATE -> attributes.currentState();
            case QueuePairAttributes.SQD_ASYNC_NOTIFY -> attributes.sqdAsyncNotify();
            case QueuePairAttributes.ACCESS_FLAGS -> attributes.accessFlags();
            case QueuePairAttributes.PKEY_INDEX -> attributes.pkeyIndex();
            case QueuePairAttributes.PORT -> attributes.port();
            case QueuePairAttributes.QKEY -> attributes.qkey();
            case QueuePairAttributes.ADDRESS_VECTOR -> attributes.addressVector();
            case QueuePairAttributes.PATH_MTU -> attributes.pathMtu();
            case QueuePairAttributes.TIMEOUT -> attributes.timeout();
            case QueuePairAttributes.RETRY_COUNT -> attributes.retryCount();
            case QueuePairAttributes.RNR_RETRY -> attributes.rnrRetry();
            case QueuePairAttributes.RQ_PSN -> attributes.rqPsn();
            case QueuePairAttributes.MAX_READ_ATOMIC -> attributes.maxReadAtomic();
            case QueuePairAttributes.ALTERNATE_PATH -> attributes.alternatePath();
            case QueuePairAttributes.MIN_RNR_TIMER -> attributes.minRnrTimer();
            case QueuePairAttributes.SQ_PSN -> attributes.sqPsn();
            case QueuePairAttributes.MAX_DEST_READ_ATOMIC -> attributes.maxDestReadAtomic();
            case QueuePairAttributes.PATH_MIGRATION_STATE -> attributes.pathMigrationState();
            case QueuePairAttributes.DESTINATION_QUEUE_PAIR -> attributes.destinationQueuePair();
            default -> "?";
        };
    }

    /** A duration with three digits. */
    static String time(long nanos) {
        if (nanos < 1_000) {
            return nanos + " ns";
        } else if (nanos < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f us", nanos / 1e3);
        } else if (nanos < 1_000_000_000) {
            return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
        }
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
