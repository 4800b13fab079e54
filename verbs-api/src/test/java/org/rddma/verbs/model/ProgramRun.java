package org.rddma.verbs.model;

import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.model.Step.Operation;

/** A program while it runs: carries out its steps, and tells the model what it sees. */
final class ProgramRun implements AutoCloseable {
    private static final int DEPTH = 8;
    private static final int SHOWN = 200;
    private static final int MOST = 4;

    private final VerbsProgram program;
    private final SteppedDevice device;
    private final Context context;
    private final CompletionChannel channel;
    private final List<CompletionQueue> queues = new ArrayList<>();
    private final List<QueuePair> pairs = new ArrayList<>();
    private final ProgramMemory memory;
    private final VerbsModel model;
    private final AddressHandle handle;
    private final List<String> observed = new ArrayList<>();
    private final long[] lastWrite;
    private final int[] lastWriteBytes;
    private final int[] adds;
    private long nextId;

    ProgramRun(VerbsProgram program, SteppedDevice device) {
        this.program = program;
        this.device = device;
        context = device.open();
        channel = context.createCompletionChannel();
        int ends = 2 * program.connections();
        int ids = 2 * program.steps().size() + 1; // at the end a receive may be posted for every send
        for (int i = 0; i < program.queues(); i++) {
            queues.add(context.createCompletionQueue(new CompletionQueueAttributes()
                    .entries(ids)
                    .channel(channel)
                    .userContext(i)));
        }
        ProtectionDomain domain = context.allocateProtectionDomain();
        memory = new ProgramMemory(domain, ids, ends);
        int[] numbers = new int[ends];
        for (int end = 0; end < ends; end++) {
            pairs.add(domain.createQueuePair(new QueuePairInitAttributes()
                    .type(program.type())
                    .sendCompletionQueue(queues.get(program.sendQueue(end)))
                    .receiveCompletionQueue(queues.get(program.receiveQueue(end)))
                    .maxSendRequests(DEPTH)
                    .maxReceiveRequests(Math.max(DEPTH, ids))
                    .maxInlineData(256)));
            numbers[end] = pairs.get(end).number();
        }
        boolean datagrams = program.type() == QueuePairType.UD;
        for (int end = 0; end < ends; end += 2) {
            if (datagrams) {
                Endpoint.activate(pairs.get(end));
                Endpoint.activate(pairs.get(end + 1));
            } else {
                Endpoint.connect(pairs.get(end), pairs.get(end + 1));
            }
        }
        handle = datagrams ? domain.createAddressHandle(AddressVector.to(context.queryGid(1, 0))) : null;
        lastWrite = new long[ends];
        lastWriteBytes = new int[ends];
        adds = new int[ends];
        model = new VerbsModel(
                program.type(),
                numbers,
                program.queues(),
                pairs.get(0).capabilities().maxSendRequests(),
                pairs.get(0).capabilities().maxReceiveRequests());
    }

    VerbsProgram.Outcome run() {
        int at = 0;
        try {
            for (Step step : program.steps()) {
                at++;
                carryOut(step);
            }
            at++;
            finish();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(describe(e, at), e);
        }
        return new VerbsProgram.Outcome(List.copyOf(observed), device.trace());
    }

    private String describe(Throwable failure, int at) {
        String where = at > program.steps().size()
                ? "after the last step"
                : "in step " + at + " (" + program.steps().get(at - 1) + ")";
        return failure.getMessage() + "\n" + where + ", seed " + device.seed() + ", program:\n" + program
                + "what it saw:\n" + last(observed) + "what the device did:\n" + last(device.trace());
    }

    private static String last(List<String> lines) {
        int from = Math.max(0, lines.size() - SHOWN);
        return (from > 0 ? "...\n" : "") + String.join("\n", lines.subList(from, lines.size())) + "\n";
    }

    private void carryOut(Step step) {
        if (step instanceof Step.Post post) {
            post(post);
        } else if (step instanceof Step.Receive receive) {
            receive(receive.end());
        } else if (step instanceof Step.Arm arm) {
            boolean notEmpty = queues.get(arm.queue()).requestNotify(arm.type());
            observed.add(step + ": " + (notEmpty ? "not empty" : "empty"));
            model.armed(arm.queue(), arm.type(), notEmpty);
        } else if (step instanceof Step.Poll poll) {
            int unused = poll(poll.queue(), poll.count());
        } else if (step instanceof Step.GetEvent) {
            boolean unused = getEvent();
        } else if (step instanceof Step.Acknowledge acknowledge) {
            acknowledge(acknowledge.queue(), acknowledge.count());
        } else if (step instanceof Step.RunDevice run) {
            int left = run.steps();
            while (left > 0 && device.step()) {
                left--;
            }
        } else if (step instanceof Step.Break broken) {
            breakEnd(broken.end());
        }
    }

    /** Everything comes to its end, first as it should, then by failing all that is left. */
    private void finish() {
        for (int end = 0; end < pairs.size(); end++) {
            for (int i = model.missingReceives(end); i > 0; i--) {
                receive(end);
            }
        }
        settle();
        for (int end = 0; end < pairs.size(); end++) {
            long value = memory.counterValue(end);
            VerbsModel.require(
                    value <= adds[end],
                    "§2.4(16) %d was added for %s, which asked for %d",
                    value,
                    Step.end(end),
                    adds[end]);
        }
        for (int end = 0; end < pairs.size(); end++) {
            breakEnd(end);
        }
        settle();
        for (int queue = 0; queue < queues.size(); queue++) {
            acknowledge(queue, model.unacknowledged(queue));
        }
    }

    private void settle() {
        device.runUntilIdle();
        boolean more;
        do {
            more = getEvent();
        } while (more);
        for (int queue = 0; queue < queues.size(); queue++) {
            int polled;
            do {
                polled = poll(queue, MOST);
            } while (polled == MOST);
        }
        model.idle();
    }

    private void post(Step.Post post) {
        int end = post.end();
        long id = nextId++;
        SendRequest send = request(post, id);
        Request request = expectation(post, id);
        boolean accepted = pairs.get(end).postSend(send) == null;
        observed.add(post + " as " + id + (accepted ? "" : ": full"));
        if (accepted && post.inline()) {
            memory.spoil(id, post.bytes());
        }
        if (accepted) {
            note(post, id);
        }
        model.postedSend(end, request, accepted);
    }

    private SendRequest request(Step.Post post, long id) {
        int end = post.end();
        if (!post.operation().fetches()) {
            memory.fill(id, post.bytes());
        }
        int rkey = memory.rkey();
        SendRequest request = new SendRequest()
                .wrId(id)
                .flags((post.signalled() ? SendFlags.SIGNALED : 0)
                        | (post.solicited() ? SendFlags.SOLICITED : 0)
                        | (post.inline() ? SendFlags.INLINE : 0));
        if (post.bytes() > 0) {
            request.sge(memory.element(id, post.bytes()));
        }
        switch (post.operation()) {
            case SEND -> request.send();
            case SEND_WITH_IMMEDIATE -> request.sendWithImmediate(immediate(id));
            case WRITE -> request.write(memory.targetAddress(id), rkey);
            case WRITE_WITH_IMMEDIATE -> request.writeWithImmediate(memory.targetAddress(id), rkey, immediate(id));
            case READ -> request.read(memory.targetAddress(readFrom(end, id)), rkey);
            case FETCH_AND_ADD -> request.fetchAndAdd(memory.counterAddress(end), rkey, 1);
            case WRITE_WITH_WRONG_KEY -> request.write(memory.targetAddress(id), ~rkey);
        }
        return handle == null
                ? request
                : request.datagram(handle, pairs.get(end ^ 1).number(), Endpoint.QKEY);
    }

    private static int immediate(long id) {
        return (int) (0xFEDC_0000L + id);
    }

    /** What the same end wrote last; else where nothing was written. */
    private long readFrom(int end, long id) {
        return lastWriteBytes[end] > 0 ? lastWrite[end] : id;
    }

    private Request expectation(Step.Post post, long id) {
        int end = post.end();
        int bytes = post.bytes();
        boolean reliable = program.type() == QueuePairType.RC;
        long write = readFrom(end, id);
        int written = lastWriteBytes[end];
        int before = adds[end];
        int header = program.type() == QueuePairType.UD ? 40 : 0;
        boolean isWrite = post.operation().isWrite();
        return new Request(
                id,
                post.operation(),
                bytes,
                immediate(id),
                post.signalled(),
                post.solicited(),
                () -> switch (post.operation()) {
                    case READ -> memory.isRead(id, bytes, write, written);
                    case FETCH_AND_ADD -> memory.number(id) == before;
                    default -> !reliable || !isWrite || memory.isWritten(id, bytes);
                },
                receive -> isWrite ? memory.isWritten(id, bytes) : memory.isReceived(receive, header, id, bytes));
    }

    private void note(Step.Post post, long id) {
        if (post.operation().isWrite() && post.bytes() > 0) {
            lastWrite[post.end()] = id;
            lastWriteBytes[post.end()] = post.bytes();
        }
        if (post.operation() == Operation.FETCH_AND_ADD) {
            adds[post.end()]++;
        }
    }

    private void receive(int end) {
        long id = nextId++;
        boolean accepted = pairs.get(end).postReceive(new ReceiveRequest(id, memory.receiveElement(id))) == null;
        observed.add(Step.end(end) + " posts a receive as " + id + (accepted ? "" : ": full"));
        model.postedReceive(end, id, accepted);
    }

    private void breakEnd(int end) {
        observed.add("break " + Step.end(end));
        pairs.get(end).modify(new QueuePairAttributes().state(QueuePairState.ERR));
        model.broke(end);
    }

    private int poll(int queue, int count) {
        WorkCompletion[] completions = WorkCompletion.array(count);
        int polled = queues.get(queue).poll(completions);
        for (int i = 0; i < polled; i++) {
            observed.add("poll cq" + queue + ": " + completions[i]);
        }
        if (polled == 0) {
            observed.add("poll cq" + queue + ": empty");
        }
        model.polled(queue, completions, polled);
        return polled;
    }

    private boolean getEvent() {
        CompletionQueue fired = channel.tryGetEvent();
        observed.add("get an event: " + (fired == null ? "none" : "of cq" + fired.userContext()));
        if (fired != null) {
            model.event((Integer) fired.userContext());
        }
        return fired != null;
    }

    private void acknowledge(int queue, int count) {
        boolean accepted = true;
        try {
            queues.get(queue).ackEvents(count);
        } catch (VerbsException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            accepted = false;
        }
        observed.add("acknowledge " + count + " of cq" + queue + (accepted ? "" : ": refused"));
        model.acknowledged(queue, count, accepted);
    }

    @Override
    public void close() {
        context.close();
    }
}
