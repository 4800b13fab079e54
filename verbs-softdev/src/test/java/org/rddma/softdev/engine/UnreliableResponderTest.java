package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.engine.RequestBench.*;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;

/** What comes over an unreliable connection. */
final class UnreliableResponderTest {
    private static final int UC = Opcodes.UC;
    private static final byte[] FULL = random(MTU, 1);

    private final RequestBench bench = new RequestBench(shape());
    private final WireEnd end = bench.end;

    private static WireEnd.Shape shape() {
        WireEnd.Shape shape = new WireEnd.Shape();
        shape.type = QueuePairType.UC;
        return shape;
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private void send(int operation, int number, byte[] payload) {
        assertThat(bench.round(ack(bench.send(UC | operation, number, payload))))
                .as("nothing is ever answered")
                .isEmpty();
    }

    private void write(int operation, int number, int key, long length, byte[] payload) {
        assertThat(bench.round(ack(bench.remote(UC | operation, number, end.address(0), key, length, payload))))
                .isEmpty();
    }

    @Test
    void messagesOfOneAndOfSeveralPacketsArrive() {
        end.receive(1, 0, 600);
        end.receive(2, 600, 600);
        byte[] data = random(600, 2);
        send(Opcodes.SEND_FIRST, 0, Arrays.copyOfRange(data, 0, 256));
        send(Opcodes.SEND_MIDDLE, 1, Arrays.copyOfRange(data, 256, 512));
        send(Opcodes.SEND_LAST, 2, Arrays.copyOfRange(data, 512, 600));
        send(Opcodes.SEND_ONLY, 3, FULL);
        assertThat(end.received()).containsExactly("1 SUCCESS", "2 SUCCESS");
        assertThat(end.bytes(0, 600)).isEqualTo(data);
        assertThat(end.bytes(600, MTU)).isEqualTo(FULL);
        write(Opcodes.WRITE_ONLY, 4, end.key(), 256, FULL);
        assertThat(end.bytes(0, MTU)).isEqualTo(FULL);
        assertThat(bench.count(PacketCounter.RECEIVES)).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"1,3", "2,4"})
    void aGapLosesTheMessageAndItsReceiveIsUsedForTheNext(int before, int last) {
        end.receive(1, 0, 2000);
        send(Opcodes.SEND_FIRST, 0, FULL);
        if (before == 2) {
            send(Opcodes.SEND_MIDDLE, 1, FULL);
        }
        send(Opcodes.SEND_MIDDLE, before + 1, FULL);
        send(Opcodes.SEND_LAST, last, new byte[3]);
        assertThat(end.received()).isEmpty();
        assertThat(bench.count(PacketCounter.DROPPED_SEQUENCE)).isEqualTo(2);
        byte[] data = random(200, 3);
        send(Opcodes.SEND_ONLY, 1000, data);
        assertThat(end.received()).containsExactly("1 SUCCESS");
        assertThat(end.bytes(0, 200)).isEqualTo(data);
    }

    @Test
    void aFirstPacketInTheMiddleOfAMessageBeginsAnother() {
        end.receive(1, 0, 2000);
        send(Opcodes.SEND_FIRST, 0, FULL);
        byte[] data = random(100, 4);
        send(Opcodes.SEND_ONLY, 1, data);
        assertThat(end.received()).containsExactly("1 SUCCESS");
        assertThat(end.bytes(0, 100)).isEqualTo(data);
        send(Opcodes.SEND_LAST, 2, data);
        assertThat(bench.count(PacketCounter.DROPPED_SEQUENCE)).isEqualTo(1);
    }

    @Test
    void aPacketThatComesTwiceLosesItsMessageAndNothingElse() {
        end.receive(1, 0, 2000);
        send(Opcodes.SEND_FIRST, 0, FULL);
        send(Opcodes.SEND_MIDDLE, 1, FULL);
        send(Opcodes.SEND_MIDDLE, 1, FULL);
        send(Opcodes.SEND_LAST, 2, FULL);
        assertThat(end.received()).isEmpty();
        send(Opcodes.SEND_ONLY, 3, FULL);
        assertThat(end.received()).containsExactly("1 SUCCESS");
    }

    @Test
    void withoutAReceiveAMessageIsDroppedWhole() {
        send(Opcodes.SEND_FIRST, 0, FULL);
        end.receive(1, 0, 2000);
        send(Opcodes.SEND_LAST, 1, FULL);
        assertThat(bench.count(PacketCounter.DROPPED_NO_RECEIVE)).isEqualTo(1);
        assertThat(bench.count(PacketCounter.DROPPED_SEQUENCE)).isEqualTo(1);
        assertThat(end.received()).isEmpty();
        send(Opcodes.SEND_ONLY, 2, FULL);
        assertThat(end.received()).containsExactly("1 SUCCESS");
    }

    @Test
    void aWriteThatLosesItsImmediateForWantOfAReceiveDoesNotGoOn() {
        write(Opcodes.WRITE_FIRST, 0, end.key(), 300, FULL);
        assertThat(bench.round(bench.send(UC | Opcodes.WRITE_LAST_IMMEDIATE, 1, 7, new byte[44])))
                .isEmpty();
        assertThat(bench.count(PacketCounter.DROPPED_NO_RECEIVE)).isEqualTo(1);
        byte[] before = end.bytes(0, 1000);
        send(Opcodes.WRITE_LAST, 2, random(44, 5));
        assertThat(end.bytes(0, 1000)).isEqualTo(before);
        assertThat(bench.count(PacketCounter.DROPPED_SEQUENCE)).isEqualTo(1);
    }

    @Test
    void writesThatMayNotBeAreDroppedAndTakeNoReceive() {
        end.receive(1, 0, 2000);
        byte[] before = end.bytes(0, 1000);
        write(Opcodes.WRITE_ONLY, 0, end.key() ^ 1, 256, FULL);
        write(Opcodes.WRITE_FIRST, 1, end.key() ^ 1, 300, FULL);
        send(Opcodes.WRITE_LAST, 2, new byte[44]);
        assertThat(bench.round(bench.packet(
                        UC | Opcodes.WRITE_ONLY_IMMEDIATE,
                        3,
                        Arrays.copyOfRange(
                                bench.writeOnlyImmediate(3, end.address(0), end.key() ^ 1, 1, FULL)
                                        .bytes(),
                                12,
                                32),
                        FULL)))
                .isEmpty();
        assertThat(bench.count(PacketCounter.DROPPED_ACCESS)).isEqualTo(3);
        write(Opcodes.WRITE_ONLY, 4, end.key(), 255, FULL);
        send(Opcodes.SEND_FIRST, 5, new byte[255]);
        assertThat(bench.count(PacketCounter.DROPPED_INVALID)).isEqualTo(2);
        assertThat(end.bytes(0, 1000)).isEqualTo(before);
        assertThat(end.engine.state()).isEqualTo(QueuePairState.RTR);
        send(Opcodes.SEND_ONLY, 6, FULL);
        assertThat(end.received()).containsExactly("1 SUCCESS");
    }

    @Test
    void aMessageThatIsTooLongFailsTheReceiveAsOnTheOtherLink() {
        end.receive(1, 0, 255);
        send(Opcodes.SEND_ONLY, 0, FULL);
        assertThat(end.received()).containsExactly("1 LOC_LEN_ERR");
        assertThat(end.engine.state()).isEqualTo(QueuePairState.ERR);
    }

    @Test
    void onlyThePeerIsHeard() {
        end.receive(1, 0, 256);
        bench.round(from(new Gid(0, 0xFFFF_0A00_0003L), bench.send(UC | Opcodes.SEND_ONLY, 0, FULL)));
        bench.round(bench.send(Opcodes.SEND_ONLY, 0, FULL));
        assertThat(end.received()).isEmpty();
        assertThat(bench.count(PacketCounter.DROPPED_WRONG_PEER)).isEqualTo(1);
        assertThat(bench.count(PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR)).isEqualTo(1);
    }
}
