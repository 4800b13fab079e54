package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.conformance.Completions;
import org.rddma.verbs.conformance.End;
import org.rddma.verbs.conformance.HangGuard;
import org.rddma.verbs.conformance.Wiring;

/**
 * What is unreliable, on a network that loses, repeats and delays: all sends succeed, some messages do not come, and what
 * comes is whole.
 */
@HangGuard(seconds = 60)
final class RoceUnreliableTest {
    private static final int MESSAGES = 2000;
    private static final int SLOTS = 4096; // more than there are messages: what has no receive is lost, too
    private static final int HEADER = 40;
    private static final int QKEY = 0x00C0_FFEE;

    @ParameterizedTest
    @EnumSource(names = {"UC", "UD"})
    void whatComesIsWholeAndNotAllComes(QueuePairType type) {
        int size = type == QueuePairType.UD ? 1000 : 3000; // a connection's is of three packets
        int slot = HEADER + size;
        RocePair devices = new RocePair("127.0.5.45", "127.0.5.46", new RoceFaults(11, 0.03, 0.03, 0.03, 8));
        try (Context near = devices.first.open();
                Context far = devices.second.open()) {
            ProtectionDomain here = near.allocateProtectionDomain();
            ProtectionDomain there = far.allocateProtectionDomain();
            MemoryRegion from = here.allocateMemory(size, 0);
            MemoryRegion to = there.allocateMemory(SLOTS * slot, End.ALL_RIGHTS);
            CompletionQueue sends = near.createCompletionQueue(4);
            CompletionQueue receives = far.createCompletionQueue(SLOTS);
            QueuePair sender = here.createQueuePair(
                    new QueuePairInitAttributes().type(type).completionQueue(sends));
            QueuePair receiver = there.createQueuePair(new QueuePairInitAttributes()
                    .type(type)
                    .completionQueue(receives)
                    .maxReceiveRequests(SLOTS));
            AddressHandle way = null;
            if (type == QueuePairType.UD) {
                new Wiring().activate(sender);
                new Wiring().activate(receiver);
                way = here.createAddressHandle(AddressVector.to(Wiring.gidOf(far)));
            } else {
                new Wiring().connect(sender, receiver);
            }
            for (int i = 0; i < SLOTS; i++) {
                post(receiver, to, i, slot);
            }
            SendRequest request = new SendRequest()
                    .sge(new ScatterGatherElement(from))
                    .flags(SendFlags.SIGNALED)
                    .datagram(way, receiver.number(), QKEY);
            Set<Integer> arrived = new HashSet<>();
            WorkCompletion completion = new WorkCompletion();
            int highest = 0;
            for (int number = 0; number < MESSAGES || highest < MESSAGES; number++) { // until those have come that will
                fill(from.buffer(), number);
                assertThat(sender.postSend(request)).isNull();
                assertThat(Completions.next(sends).isSuccess()).isTrue();
                while (receives.poll(completion)) {
                    assertThat(completion.isSuccess()).as("%s", completion).isTrue();
                    int header = type == QueuePairType.UD ? HEADER : 0;
                    assertThat(completion.byteLength()).isEqualTo(header + size);
                    int at = (int) completion.wrId() * slot + header;
                    int which = wholeMessage(
                            to.buffer().slice(at, size).order(from.buffer().order()));
                    highest = Math.max(highest, which);
                    if (which < MESSAGES) {
                        arrived.add(which);
                    }
                    post(receiver, to, (int) completion.wrId(), slot);
                }
            }
            System.err.println("XX " + type + " " + arrived.size());
            assertThat(arrived).hasSizeBetween(MESSAGES / 2, MESSAGES - 10);
        }
    }

    private static void post(QueuePair receiver, MemoryRegion to, int slot, int bytes) {
        assertThat(receiver.postReceive(new ReceiveRequest(slot, new ScatterGatherElement(to, slot * bytes, bytes))))
                .isNull();
    }

    private static void fill(ByteBuffer message, int number) {
        for (int at = 0; at < message.capacity(); at += Integer.BYTES) {
            message.putInt(at, number);
        }
    }

    /** Its number, which is all that it says. */
    private static int wholeMessage(ByteBuffer message) {
        int number = message.getInt(0);
        for (int at = 0; at < message.capacity(); at += Integer.BYTES) {
            assertThat(message.getInt(at))
                    .as("byte %d of message %d", at, number)
                    .isEqualTo(number);
        }
        return number;
    }
}
