package org.rddma.verbs.layer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkRequestOpcode;

/** What the validation layer knows about a builder: the requests of its batch, as far as their memory and ends matter. */
final class Batch {
    private final Guard guard = new Guard();
    private final List<SendRequest> requests = new ArrayList<>();
    private long wrId;
    private int flags;

    /** Whom the builder posts to; set before the program has the builder. */
    volatile PairNotes pair;

    Object call(Call call, Posting posting, Findings findings) throws Throwable {
        guard.enter(findings, call.verb(), "a send builder of " + pair.target, "give each thread a builder of its own");
        try {
            if (!call.verb().equals("complete")) {
                Object result = call.proceed();
                note(call.verb(), call.arguments);
                return result;
            }
            List<SendRequest> batch = List.copyOf(requests);
            requests.clear();
            return posting.complete(call, pair, batch);
        } finally {
            guard.leave();
        }
    }

    private void note(String verb, Object[] arguments) {
        switch (verb) {
            case "start", "abort" -> {
                requests.clear();
                wrId = 0;
                flags = 0;
            }
            case "wrId" -> wrId = (Long) arguments[0];
            case "flags" -> flags = (Integer) arguments[0];
            case "read" -> add(WorkRequestOpcode.RDMA_READ);
            case "compareAndSwap", "fetchAndAdd" -> add(WorkRequestOpcode.ATOMIC_FETCH_AND_ADD);
            case "send",
                    "sendWithImmediate",
                    "sendWithInvalidate",
                    "write",
                    "writeWithImmediate",
                    "atomicWrite",
                    "flush",
                    "invalidateLocal" -> add(WorkRequestOpcode.SEND);
            case "bindMemoryWindow" -> {
                add(WorkRequestOpcode.BIND_MW);
                if (arguments[2] instanceof MemoryWindowBind bind) {
                    requests.get(requests.size() - 1).bindMemoryWindow(null, 0, bind);
                }
            }
            default -> {
                if (!requests.isEmpty()) {
                    detail(requests.get(requests.size() - 1), verb, arguments);
                }
            }
        }
    }

    private void add(WorkRequestOpcode opcode) {
        requests.add(new SendRequest().opcode(opcode).wrId(wrId).flags(flags));
    }

    private static void detail(SendRequest request, String verb, Object[] arguments) {
        switch (verb) {
            case "sge" ->
                request.sge(new ScatterGatherElement()
                        .set((Long) arguments[1], (Integer) arguments[2], (Integer) arguments[0]));
            case "sges" -> {
                if (arguments[0] instanceof ScatterGatherElement[] elements) {
                    request.sges(elements);
                }
            }
            case "inlineData" ->
                request.inlineData((ByteBuffer) arguments[0]).flags(request.flags() | SendFlags.INLINE);
            case "datagram" -> request.datagram((AddressHandle) arguments[0], 0, 0);
            default -> {}
        }
    }
}
