package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.link.roce.Opcodes.*;
import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.softdev.link.roce.HandMadePacket;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.conformance.AllocatedBytes;

/** Posting, sending, being answered and polling make no objects. */
class RequesterAllocationTest extends WireTest {
    private static final int ROUNDS = 20;
    private static final int MESSAGES = 2_000;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(512);

    /** The least that a round of many messages allocates: others may be compiling in the first ones. */
    private static long leastOf(Runnable message) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = AllocatedBytes.ofThisThread();
            for (int i = 0; i < MESSAGES; i++) {
                message.run();
            }
            least = Math.min(least, AllocatedBytes.ofThisThread() - before);
        }
        return least;
    }

    private ReceivedPacket reused(int opcode, int payloadBytes) {
        memory.put(OPCODE, (byte) opcode).putInt(DESTINATION, NUMBER).put(BTH_BYTES, (byte) UNLIMITED_CREDITS);
        return HandMadePacket.of(memory, 0, headerBytes(opcode) + payloadBytes, peer.gid, node.gid);
    }

    private long leastOfAnswered(SendRequest request, WireEnd end, int opcode, int packets, int lastBytes) {
        ReceivedPacket answer = reused(opcode, lastBytes);
        WorkCompletion completion = new WorkCompletion();
        int[] psn = {shape.psn};
        return leastOf(() -> {
            SendRequest unused = end.engine.postSend(request);
            psn[0] = psn[0] + packets & MASK_24;
            memory.putInt(PSN, psn[0] - 1 & MASK_24);
            end.engine.receive(answer, null);
            if (!end.sends.poll(completion) || !completion.isSuccess()) {
                throw new AssertionError(completion.toString());
            }
        });
    }

    @Test
    @DisplayName("a send, a long write, a read and an atomic make no objects, on either side of their answers")
    void reliableRequestsMakeNoObjects() {
        node.discardWhatIsSent();
        WireEnd[] all = new WireEnd[4];
        for (int i = 0; i < all.length; i++) {
            all[i] = end(node, NUMBER);
            all[i].connectTo(peer, PEER);
        }
        SendRequest send = all[0].request(1, 0, 64);
        SendRequest write = all[1].request(1, 0, 5000).write(0x1000, 1);
        SendRequest read = all[2].request(1, 0, 200).read(0x1000, 1);
        SendRequest atomic = all[3].request(1, 0, 8).fetchAndAdd(0x1000, 1, 1);
        assertThat(leastOfAnswered(send, all[0], ACKNOWLEDGE, 1, 0)).isLessThan(MESSAGES);
        assertThat(leastOfAnswered(write, all[1], ACKNOWLEDGE, 20, 0)).isLessThan(MESSAGES);
        assertThat(leastOfAnswered(read, all[2], READ_RESPONSE_ONLY, 1, 200)).isLessThan(MESSAGES);
        assertThat(leastOfAnswered(atomic, all[3], ATOMIC_ACKNOWLEDGE, 1, 0)).isLessThan(MESSAGES);
    }

    @Test
    @DisplayName("datagrams to several peers in turn make no objects")
    void datagramsMakeNoObjects() {
        shape.type = QueuePairType.UD;
        node.discardWhatIsSent();
        WireEnd end = connected();
        AddressHandle there = end.domain.createAddressHandle(AddressVector.to(peer.gid));
        SendRequest[] requests = new SendRequest[5];
        for (int i = 0; i < requests.length; i++) {
            requests[i] = end.request(1, 0, 64).datagram(there, 0x33 + i, WireEnd.QKEY);
        }
        WorkCompletion completion = new WorkCompletion();
        int[] next = {0};
        long least = leastOf(() -> {
            SendRequest unused = end.engine.postSend(requests[next[0]++ % requests.length]);
            if (!end.sends.poll(completion)) {
                throw new AssertionError("not sent");
            }
        });
        assertThat(least).isLessThan(MESSAGES);
        there.close();
    }
}
