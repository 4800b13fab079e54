package org.rddma.verbs.spi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.Errno;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendOperations;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkRequestOpcode;

/** A builder that makes a chain of requests and hands it to the provider as a whole; the requests are used again. */
public final class RequestBuilder implements SendBuilder {
    private static final String VERB = "complete";

    private static final MemoryWindowBind NOTHING = new MemoryWindowBind();

    /** What the provider does with a chain. */
    @FunctionalInterface
    public interface Poster {
        /**
         * Posts all requests of a chain, or none.
         *
         * @param first the chain
         * @param count how many it has, at least 1
         * @return false when there is no room for all
         */
        boolean postAll(SendRequest first, int count);
    }

    /** A request with what it needs to be used again. */
    private static final class Step {
        final SendRequest request = new SendRequest();
        final ScatterGatherElement element = new ScatterGatherElement();
        final ByteBuffer value = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
    }

    private final int operations;
    private final Poster poster;
    private final List<Step> steps = new ArrayList<>();
    private int count;
    private Step current;
    private boolean started;
    private long wrId;
    private int flags;

    /** The first thing that was wrong in this batch. */
    private String mistake;

    private int mistakeErrno;

    /**
     * A builder for one queue pair.
     *
     * @param operations bits of {@link SendOperations}; 0 for all
     * @param poster the queue pair
     */
    public RequestBuilder(int operations, Poster poster) {
        this.operations = operations;
        this.poster = poster;
    }

    @Override
    public void start() {
        if (started) {
            throw new VerbsException("start", Errno.EBUSY, "a batch is begun already: complete or abort it");
        }
        abort();
        started = true;
        wrId = 0;
        flags = 0;
    }

    @Override
    public SendBuilder wrId(long id) {
        wrId = id;
        return this;
    }

    @Override
    public SendBuilder flags(int sendFlags) {
        flags = sendFlags;
        return this;
    }

    private SendRequest next(WorkRequestOpcode opcode, int operation) {
        requireStarted(opcode.text());
        if (operations != 0 && (operations & operation) == 0) {
            remember(
                    Errno.EOPNOTSUPP,
                    "the queue pair was not made for " + opcode.text() + ": name it in sendOperations");
        }
        if (count == steps.size()) {
            steps.add(new Step());
        }
        Step step = steps.get(count);
        SendRequest request = step.request
                .clearSges()
                .inlineData(null)
                .datagram(null, 0, 0)
                .xrcSharedReceiveQueue(0)
                .wrId(wrId)
                .flags(flags)
                .opcode(opcode)
                .next(null);
        if (current != null) {
            SendRequest unused = current.request.next(request);
        }
        current = step;
        count++;
        return request;
    }

    private void requireStarted(String verb) {
        if (!started) {
            throw new VerbsException(verb, Errno.EINVAL, "there is no batch: start one");
        }
    }

    private void remember(int errno, String sentence) {
        if (mistake == null) {
            mistake = sentence;
            mistakeErrno = errno;
        }
    }

    @Override
    public SendBuilder send() {
        SendRequest unused = next(WorkRequestOpcode.SEND, SendOperations.SEND).send();
        return this;
    }

    @Override
    public SendBuilder sendWithImmediate(int immediate) {
        SendRequest unused = next(WorkRequestOpcode.SEND_WITH_IMM, SendOperations.SEND_WITH_IMM)
                .sendWithImmediate(immediate);
        return this;
    }

    @Override
    public SendBuilder sendWithInvalidate(int rkey) {
        SendRequest unused = next(WorkRequestOpcode.SEND_WITH_INV, SendOperations.SEND_WITH_INV)
                .sendWithInvalidate(rkey);
        return this;
    }

    @Override
    public SendBuilder write(long remoteAddress, int rkey) {
        SendRequest unused =
                next(WorkRequestOpcode.RDMA_WRITE, SendOperations.RDMA_WRITE).write(remoteAddress, rkey);
        return this;
    }

    @Override
    public SendBuilder writeWithImmediate(long remoteAddress, int rkey, int immediate) {
        SendRequest unused = next(WorkRequestOpcode.RDMA_WRITE_WITH_IMM, SendOperations.RDMA_WRITE_WITH_IMM)
                .writeWithImmediate(remoteAddress, rkey, immediate);
        return this;
    }

    @Override
    public SendBuilder read(long remoteAddress, int rkey) {
        SendRequest unused =
                next(WorkRequestOpcode.RDMA_READ, SendOperations.RDMA_READ).read(remoteAddress, rkey);
        return this;
    }

    @Override
    public SendBuilder compareAndSwap(long remoteAddress, int rkey, long compare, long swap) {
        SendRequest unused = next(WorkRequestOpcode.ATOMIC_CMP_AND_SWP, SendOperations.ATOMIC_CMP_AND_SWP)
                .compareAndSwap(remoteAddress, rkey, compare, swap);
        return this;
    }

    @Override
    public SendBuilder fetchAndAdd(long remoteAddress, int rkey, long add) {
        SendRequest unused = next(WorkRequestOpcode.ATOMIC_FETCH_AND_ADD, SendOperations.ATOMIC_FETCH_AND_ADD)
                .fetchAndAdd(remoteAddress, rkey, add);
        return this;
    }

    @Override
    public SendBuilder atomicWrite(long remoteAddress, int rkey, long value) {
        SendRequest request = next(WorkRequestOpcode.ATOMIC_WRITE, SendOperations.ATOMIC_WRITE)
                .atomicWrite(remoteAddress, rkey);
        ByteBuffer data = current.value.clear().putLong(0, value);
        SendRequest unused = request.inlineData(data).flags(flags | SendFlags.INLINE);
        return this;
    }

    @Override
    public SendBuilder flush(long remoteAddress, int rkey, long length, int placement, FlushLevel level) {
        SendRequest unused = next(WorkRequestOpcode.FLUSH, SendOperations.FLUSH)
                .flush(remoteAddress, rkey, length, placement, level);
        return this;
    }

    @Override
    public SendBuilder bindMemoryWindow(MemoryWindow window, int rkey, MemoryWindowBind bind) {
        SendRequest request = next(WorkRequestOpcode.BIND_MW, SendOperations.BIND_MW);
        if (bind == null) {
            remember(Errno.EINVAL, "the bind is null");
        } else {
            SendRequest unused = request.bindMemoryWindow(window, rkey, bind);
        }
        return this;
    }

    @Override
    public SendBuilder invalidateLocal(int rkey) {
        SendRequest unused =
                next(WorkRequestOpcode.LOCAL_INV, SendOperations.LOCAL_INV).invalidateLocal(rkey);
        return this;
    }

    @Override
    public SendBuilder sge(int lkey, long address, int length) {
        if (hasOperation()) {
            SendRequest unused = current.request.sge(current.element.set(address, length, lkey));
        }
        return this;
    }

    @Override
    public SendBuilder sges(ScatterGatherElement... elements) {
        if (elements == null) {
            remember(Errno.EINVAL, "the elements are null");
        } else if (hasOperation()) {
            SendRequest unused = current.request.sges(elements);
        }
        return this;
    }

    @Override
    public SendBuilder inlineData(ByteBuffer data) {
        if (data == null) {
            remember(Errno.EINVAL, "the inline data is null");
        } else if (hasOperation()) {
            SendRequest request = current.request;
            SendRequest unused = request.inlineData(data).flags(request.flags() | SendFlags.INLINE);
        }
        return this;
    }

    @Override
    public SendBuilder datagram(AddressHandle handle, int remoteQueuePair, int remoteQkey) {
        if (hasOperation()) {
            SendRequest unused = current.request.datagram(handle, remoteQueuePair, remoteQkey);
        }
        return this;
    }

    @Override
    public SendBuilder xrcSharedReceiveQueue(int number) {
        if (hasOperation()) {
            SendRequest unused = current.request.xrcSharedReceiveQueue(number);
        }
        return this;
    }

    private boolean hasOperation() {
        requireStarted("set data");
        if (current == null) {
            remember(Errno.EINVAL, "data and addresses are set after the operation that they belong to");
        }
        return current != null;
    }

    @Override
    public boolean complete() {
        if (!started) {
            throw new VerbsException(VERB, Errno.EINVAL, "there is no batch: start one");
        }
        try {
            if (mistake != null) {
                throw new VerbsException(VERB, mistakeErrno, mistake + "; nothing of the batch is posted");
            }
            return count == 0 || poster.postAll(steps.get(0).request, count);
        } catch (VerbsException e) {
            throw e.verb().equals(VERB) ? e : e.onBehalfOf(VERB);
        } finally {
            abort();
        }
    }

    @Override
    public void abort() {
        for (int i = 0; i < count; i++) { // lets go of the caller's objects
            SendRequest unused = steps.get(i)
                    .request
                    .clearSges()
                    .inlineData(null)
                    .datagram(null, 0, 0)
                    .bindMemoryWindow(null, 0, NOTHING)
                    .next(null);
        }
        started = false;
        count = 0;
        current = null;
        mistake = null;
    }
}
