package org.rddma.softdev.example;

import java.util.ArrayList;
import java.util.List;
import org.rddma.softdev.Freedoms;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.model.Interleaving;

/**
 * A protocol to be proven: messages are written into the slots of a ring at the receiver, each with its number as
 * immediate data; for each the receiver returns a credit, also a write with immediate data. Who has nothing to do sleeps
 * on its completion channel. There is a right way to fall asleep and a wrong one.
 */
final class CreditRing implements AutoCloseable {
    private static final int SLOT = 8;

    private final Scenario scenario;
    private final Sleep sleep;
    private final HostileDevice device;
    private final List<String> story = new ArrayList<>();
    private final Sender sender;
    private final Receiver receiver;

    /** How a side falls asleep. */
    enum Sleep {
        /** Arm, poll until empty, wait. */
        ARM_THEN_POLL,
        /** Poll until empty, arm, wait: what completes in between wakes nobody. */
        POLL_THEN_ARM
    }

    /** What can be different from try to try. */
    record Scenario(long seed, Freedoms freedoms, int messages, int slots, List<Integer> turns) {
        private static final List<String> NAMES = List.of("sender", "receiver", "device");

        @Override
        public String toString() {
            return "seed " + seed + ", freedoms " + freedoms + ", messages " + messages + ", slots " + slots
                    + ", turns " + turns.stream().map(NAMES::get).toList();
        }
    }

    CreditRing(Scenario scenario, Sleep sleep) {
        this.scenario = scenario;
        this.sleep = sleep;
        device = HostileDevice.of(scenario.seed(), scenario.freedoms());
        device.schedule().onTrace(story::add);
        sender = new Sender();
        receiver = new Receiver();
        Endpoint.connect(sender.pair, receiver.pair);
        for (int i = 0; i < scenario.slots(); i++) {
            sender.postReceive();
            receiver.postReceive();
        }
    }

    /** Plays until nothing can happen any more; returns how many messages have arrived. */
    int play() {
        new Interleaving(device, List.of(sender, receiver)).play(scenario.turns());
        return receiver.arrived;
    }

    /** What everybody did, and the device, in order. */
    List<String> story() {
        return story;
    }

    @Override
    public void close() {
        sender.context.close();
        receiver.context.close();
    }

    private enum Phase {
        ARM,
        POLL,
        WAIT
    }

    /** What both have in common. */
    private abstract class Side implements Interleaving.Part {
        final String name;
        final Context context = device.open();
        final CompletionChannel channel = context.createCompletionChannel();
        final CompletionQueue arrivals = context.createCompletionQueue(
                new CompletionQueueAttributes().entries(2 * scenario.slots()).channel(channel));
        final CompletionQueue sent = context.createCompletionQueue(
                new CompletionQueueAttributes().entries(scenario.messages())); // nobody waits for these
        final MemoryRegion memory;
        final QueuePair pair;
        private final WorkCompletion completion = new WorkCompletion();
        private Phase phase = sleep == Sleep.ARM_THEN_POLL ? Phase.ARM : Phase.POLL;

        Side(String name) {
            this.name = name;
            ProtectionDomain domain = context.allocateProtectionDomain();
            memory = domain.allocateMemory(scenario.slots() * SLOT, AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE);
            pair = domain.createQueuePair(new QueuePairInitAttributes()
                    .sendCompletionQueue(sent)
                    .receiveCompletionQueue(arrivals)
                    .maxSendRequests(scenario.messages())
                    .maxReceiveRequests(scenario.slots()));
        }

        @Override
        public boolean turn() {
            switch (phase) {
                case ARM -> {
                    boolean unused = arrivals.requestNotify(NotificationType.ANY);
                    tell("arms");
                    phase = sleep == Sleep.ARM_THEN_POLL ? Phase.POLL : Phase.WAIT;
                }
                case POLL -> {
                    if (arrivals.poll(completion)) {
                        check(completion.isSuccess(), completion.toString());
                        arrived(completion.immediate());
                    } else if (!work()) {
                        tell("polls: empty");
                        phase = sleep == Sleep.ARM_THEN_POLL ? Phase.WAIT : Phase.ARM;
                    }
                }
                case WAIT -> {
                    CompletionQueue fired = channel.tryGetEvent();
                    if (fired == null) {
                        return false;
                    }
                    fired.ackEvents(1);
                    tell("wakes up");
                    phase = sleep == Sleep.ARM_THEN_POLL ? Phase.ARM : Phase.POLL;
                }
            }
            return true;
        }

        /** Does something that needs no arrival; false when there is nothing to do. */
        abstract boolean work();

        abstract void arrived(int number);

        void tell(String what) {
            story.add(name + " " + what);
        }

        void postReceive() {
            check(pair.postReceive(new ReceiveRequest()) == null, "the receive queue is full");
        }

        void write(int number, int slot, int length, Side to) {
            SendRequest request = new SendRequest()
                    .flags(SendFlags.SIGNALED)
                    .sge(new ScatterGatherElement(memory, slot * SLOT, length))
                    .writeWithImmediate(to.memory.address() + (long) slot * SLOT, to.memory.rkey(), number);
            check(pair.postSend(request) == null, "the send queue is full");
        }

        void check(boolean condition, String what) {
            if (!condition) {
                throw new AssertionError(name + ": " + what);
            }
        }
    }

    private final class Sender extends Side {
        private int credits = scenario.slots();
        private int next;

        Sender() {
            super("sender");
        }

        @Override
        boolean work() {
            if (credits == 0 || next == scenario.messages()) {
                return false;
            }
            int slot = next % scenario.slots();
            memory.buffer().putLong(slot * SLOT, ~next);
            write(next, slot, SLOT, receiver);
            tell("writes message " + next);
            next++;
            credits--;
            return true;
        }

        @Override
        void arrived(int number) {
            postReceive();
            credits++;
            tell("gets the credit of message " + number);
        }
    }

    private final class Receiver extends Side {
        private int arrived;

        Receiver() {
            super("receiver");
        }

        @Override
        boolean work() {
            return false;
        }

        @Override
        void arrived(int number) {
            check(number == arrived, "message " + number + " instead of " + arrived);
            int slot = number % scenario.slots();
            check(memory.buffer().getLong(slot * SLOT) == ~number, "the data of message " + number + " is wrong");
            arrived++;
            tell("gets message " + number);
            postReceive();
            write(number, slot, 0, sender);
        }
    }
}
