package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;

/** Two devices with a schedule, and one end on each for every kind of connection. */
final class ScheduledWorld implements AutoCloseable {
    static final int ALL =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;
    static final int DEPTH = 64;

    final SoftSchedule schedule;
    final SoftFabric fabric;
    final Side a;
    final Side b;

    /** A context with all that its queue pairs need. */
    static final class Side {
        final SoftContext context;
        final SoftProtectionDomain domain;
        final SoftCompletionChannel channel;
        final SoftMemoryRegion memory;

        Side(SoftDevice device) {
            context = device.open();
            domain = context.allocateProtectionDomain();
            channel = context.createCompletionChannel();
            memory = domain.allocateMemory(1 << 16, ALL);
        }

        SoftCompletionQueue queue(int entries) {
            return context.createCompletionQueue(
                    new CompletionQueueAttributes().entries(entries).channel(channel));
        }

        SoftQueuePair pair(QueuePairType type, SoftCompletionQueue queue) {
            return domain.createQueuePair(new QueuePairInitAttributes()
                    .type(type)
                    .completionQueue(queue)
                    .maxSendRequests(DEPTH)
                    .maxReceiveRequests(DEPTH));
        }

        ScatterGatherElement piece(int offset, int length) {
            return new ScatterGatherElement(memory, offset, length);
        }
    }

    /** Two queue pairs that are connected, each with a queue of its own. */
    record Wire(
            Side near, SoftQueuePair a, SoftCompletionQueue ofA, Side far, SoftQueuePair b, SoftCompletionQueue ofB) {
        SendRequest send(long id, int bytes) {
            return new SendRequest().wrId(id).sge(near.piece(0, bytes)).flags(SendFlags.SIGNALED);
        }

        SendRequest write(long id, int bytes) {
            return send(id, bytes).write(far.memory.address(), far.memory.rkey());
        }

        void post(SendRequest request) {
            assertThat(a.postSend(request)).isNull();
        }

        void receive(long id) {
            assertThat(b.postReceive(new ReceiveRequest(id, far.piece(4096, 4096))))
                    .isNull();
        }
    }

    ScheduledWorld(long seed, Freedoms freedoms) {
        this(SoftSchedule.seeded(seed, freedoms), SoftDeviceOptions.DEFAULT);
    }

    ScheduledWorld(SoftSchedule schedule, SoftDeviceOptions options) {
        this.schedule = schedule;
        fabric = new SoftFabric(schedule);
        a = new Side(fabric.addDevice("soft0", options));
        b = new Side(fabric.addDevice("soft1", options));
    }

    Wire wire(QueuePairType type) {
        return wire(type, 4 * DEPTH);
    }

    Wire wire(QueuePairType type, int entries) {
        SoftCompletionQueue ofA = a.queue(entries);
        SoftCompletionQueue ofB = b.queue(entries);
        SoftQueuePair pairOfA = a.pair(type, ofA);
        SoftQueuePair pairOfB = b.pair(type, ofB);
        if (type == QueuePairType.UD) {
            Endpoint.activate(pairOfA);
            Endpoint.activate(pairOfB);
        } else {
            Endpoint.connect(pairOfA, pairOfB);
        }
        return new Wire(a, pairOfA, ofA, b, pairOfB, ofB);
    }

    SoftAddressHandle handleToB() {
        return a.domain.createAddressHandle(AddressVector.to(b.context.queryGid(1, 0)));
    }

    /** Takes out what is in a queue. */
    static List<WorkCompletion> poll(SoftCompletionQueue queue) {
        List<WorkCompletion> all = new ArrayList<>();
        WorkCompletion completion = new WorkCompletion();
        while (queue.poll(completion)) {
            all.add(completion);
            completion = new WorkCompletion();
        }
        return all;
    }

    static List<Long> ids(List<WorkCompletion> completions, boolean receives) {
        return completions.stream()
                .filter(completion -> completion.isReceive() == receives)
                .map(WorkCompletion::wrId)
                .toList();
    }

    @Override
    public void close() {
        schedule.stop();
        a.context.close();
        b.context.close();
    }
}
