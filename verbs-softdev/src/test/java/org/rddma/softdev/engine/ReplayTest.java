package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.engine.RequestBench.*;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;

/** Requests that have answers of their own: reads, atomics, flushes; and when they come again. */
final class ReplayTest {
    private static final byte[] NOTHING = {};
    private static final int RIGHTS = AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_READ;

    private final RequestBench bench = new RequestBench();
    private final WireEnd end = bench.end;

    @AfterEach
    void close() {
        bench.close();
    }

    // ---- reads

    @ParameterizedTest
    @CsvSource({
        "0, ONLY +0 #1 0",
        "1, ONLY +0 #1 1",
        "256, ONLY +0 #1 256",
        "257, FIRST +0 #1 256/LAST +1 #1 1",
        "512, FIRST +0 #1 256/LAST +1 #1 256",
        "700, FIRST +0 #1 256/MIDDLE +1 256/LAST +2 #1 188"
    })
    void aReadIsAnsweredInPacketsOfTheMtu(int length, String answers) {
        byte[] data = end.fill(40, length, 1);
        assertThat(bench.wire.deliver(List.of(bench.read(0, 40, length)))).isFalse();
        List<WirePacket> packets = bench.wire.takeAll();
        assertThat(packets.stream().map(bench::inWords)).containsExactly(answers.split("/"));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        packets.forEach(packet -> all.writeBytes(packet.payload()));
        assertThat(all.toByteArray()).isEqualTo(data);
        end.receive(1, 0, 8);
        assertThat(bench.round(ack(bench.send(Opcodes.SEND_ONLY, packets.size(), NOTHING))))
                .as("the next number is behind the answers")
                .containsExactly("ACK +" + packets.size() + " #2");
    }

    @Test
    void aLongReadIsAnsweredInRounds() {
        assertThat(bench.wire.deliver(List.of(bench.read(0, 0, 70 * MTU)))).isTrue();
        assertThat(bench.wire.takeAll()).hasSize(32);
        assertThat(bench.wire.deliver(List.of())).isTrue();
        assertThat(bench.wire.takeAll()).hasSize(32);
        assertThat(bench.wire.deliver(List.of())).isFalse();
        assertThat(bench.answers()).hasSize(6).endsWith("LAST +69 #1 256");
    }

    @Test
    void whatCameBehindALongReadIsAcknowledgedAfterIt() {
        end.receive(1, 0, 8);
        boolean more = bench.wire.deliver(
                List.of(bench.read(0, 0, 200 * MTU), ack(bench.send(Opcodes.SEND_ONLY, 200, NOTHING))));
        assertThat(end.received()).as("carried out at once").containsExactly("1 SUCCESS");
        assertThat(more).isTrue();
        assertThat(bench.wire.takeAll()).hasSize(128 + 32);
        assertThat(bench.round()).hasSize(41).endsWith("LAST +199 #1 256", "ACK +200 #2");
    }

    @Test
    void aReadFindsWhatWasThereBeforeTheNextRequest() {
        end.receive(1, 0, 8);
        byte[] before = end.fill(0, 600, 9);
        bench.wire.deliver(List.of(
                bench.read(0, 0, 600),
                bench.atomic(Opcodes.FETCH_ADD, 3, 8, 1, 0),
                bench.read(4, 0, 100),
                bench.send(Opcodes.SEND_ONLY, 5, random(8, 10))));
        List<WirePacket> answers = bench.wire.takeAll();
        assertThat(answers.get(0).payload()).isEqualTo(Arrays.copyOf(before, 256));
        byte[] added = Arrays.copyOf(before, 100);
        ByteBuffer word = ByteBuffer.wrap(added).order(ByteOrder.nativeOrder());
        word.putLong(8, word.getLong(8) + 1);
        assertThat(answers.get(4).payload()).isEqualTo(added);
        assertThat(end.bytes(0, 8)).isEqualTo(random(8, 10));
    }

    @Test
    void anAtomicBehindMoreThanCanBeReadNowMustComeAgain() {
        WirePacket add = bench.atomic(Opcodes.FETCH_ADD, 200, 8, 1, 0);
        assertThat(bench.round(bench.read(0, 0, 200 * MTU), add)).hasSize(201).endsWith("NAK 60 +200 #1");
        assertThat(bench.round(add)).containsExactly("ATOMIC +200 #2 = 0");
    }

    @Test
    void answersKeepTheOrderOfTheirRequests() {
        end.receive(1, 0, 8);
        assertThat(bench.round(
                        ack(bench.send(Opcodes.SEND_ONLY, 0, NOTHING)),
                        bench.read(1, 0, 300),
                        bench.atomic(Opcodes.FETCH_ADD, 3, 8, 1, 0),
                        bench.read(4, 0, 1)))
                .containsExactly("FIRST +1 #2 256", "LAST +2 #2 44", "ATOMIC +3 #3 = 0", "ONLY +4 #4 1");
        assertThat(bench.count(PacketCounter.ACK_DEFERRED)).isEqualTo(1);
    }

    @Test
    void anAnswerOfItsOwnIsAcknowledgementEnough() {
        assertThat(bench.round(
                        ack(bench.read(0, 0, 1)),
                        ack(bench.atomic(Opcodes.FETCH_ADD, 1, 0, 0, 0)),
                        ack(bench.flush(2, 1, 0, 8))))
                .containsExactly("ONLY +0 #1 1", "ATOMIC +1 #2 = 0", "ONLY +2 #3 0");
    }

    @Test
    void moreReadsAtATimeThanNegotiatedAreInvalid() {
        List<WirePacket> reads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            reads.add(bench.read(i, 0, 1));
        }
        assertThat(bench.round(reads.toArray(WirePacket[]::new)))
                .containsExactly("ONLY +0 #1 1", "ONLY +1 #2 1", "ONLY +2 #3 1", "ONLY +3 #4 1", "NAK 61 +4 #4");
        assertThat(end.engine.state()).isEqualTo(QueuePairState.ERR);
    }

    @Test
    void moreReadsMayBeNegotiatedLaterAndAreKeptToo() {
        end.toSend();
        bench.round(bench.read(0, 0, 600), bench.read(3, 0, 300));
        end.to(QueuePairState.SQD);
        end.engine.modify(new QueuePairAttributes().state(QueuePairState.SQD).maxDestReadAtomic(64));
        WirePacket[] reads = new WirePacket[64];
        for (int i = 0; i < 64; i++) {
            reads[i] = bench.read(5 + i, 8 * i, 1);
        }
        assertThat(bench.round(reads)).hasSize(64).endsWith("ONLY +68 #66 1");
        assertThat(bench.round(reads)).as("all over again").hasSize(64);
        assertThat(bench.round(bench.read(0, 0, 600), bench.read(4, 256, 44)))
                .containsExactly("FIRST +0 #1 256", "MIDDLE +1 256", "LAST +2 #1 88", "ONLY +4 #2 44");
    }

    @Test
    void readsOneAfterTheOtherAreAsManyAsOneLikes() {
        for (int i = 0; i < 100; i++) {
            assertThat(bench.round(bench.read(i, 0, 1))).containsExactly("ONLY +" + i + " #" + (i + 1) + " 1");
        }
    }

    @Test
    void whereNoReadsWereNegotiatedOneIsInvalid() {
        WireEnd.Shape shape = new WireEnd.Shape();
        shape.peerReads = 0;
        try (RequestBench none = new RequestBench(shape)) {
            assertThat(none.round(none.read(0, 0, 1))).containsExactly("NAK 61 +0 #0");
        }
        try (RequestBench none = new RequestBench(shape)) {
            assertThat(none.round(none.atomic(Opcodes.FETCH_ADD, 0, 0, 1, 0))).containsExactly("NAK 61 +0 #0");
        }
        try (RequestBench none = new RequestBench(shape)) {
            assertThat(none.round(none.flush(0, 1, 0, 8)))
                    .as("a flush is not counted")
                    .containsExactly("ONLY +0 #1 0");
        }
    }

    @Test
    void aReadOfMoreThanAMessageMayHaveIsInvalid() {
        assertThat(bench.round(bench.read(0, 0, (1L << 31) + 1))).containsExactly("NAK 61 +0 #0");
    }

    @Test
    void memoryThatIsWithdrawnInTheMiddleOfARead() {
        MemoryRegion other = end.domain.allocateMemory(200 * MTU, RIGHTS);
        WirePacket read = bench.remote(Opcodes.READ_REQUEST, 0, other.address(), other.rkey(), 200 * MTU, NOTHING);
        end.receive(1, 0, 8);
        assertThat(bench.wire.deliver(List.of(read, ack(bench.send(Opcodes.SEND_ONLY, 200, NOTHING)))))
                .isTrue();
        other.close();
        bench.wire.takeAll();
        assertThat(bench.round()).containsExactly("NAK 62 +160 #1");
        assertThat(end.engine.state()).isEqualTo(QueuePairState.ERR);
        assertThat(end.events).contains(AsyncEventType.QP_ACCESS_ERR);
        end.receive(2, 0, 8);
        assertThat(end.received()).containsExactly("1 SUCCESS", "2 WR_FLUSH_ERR");
    }

    @Test
    void aRequestThatFailsBehindAReadIsRefusedAfterItsAnswers() {
        byte[] data = end.fill(0, 40 * MTU, 2);
        boolean more = bench.wire.deliver(
                List.of(bench.read(0, 0, 40 * MTU), bench.remote(Opcodes.READ_REQUEST, 40, 0, 1, 8, NOTHING)));
        assertThat(end.engine.state()).isEqualTo(QueuePairState.ERR);
        assertThat(end.engine.query().state()).isEqualTo(QueuePairState.ERR);
        List<WirePacket> answers = new ArrayList<>(bench.wire.takeAll());
        while (more) {
            more = bench.wire.deliver(List.of());
            answers.addAll(bench.wire.takeAll());
        }
        assertThat(bench.inWords(answers.remove(40))).isEqualTo("NAK 62 +40 #1");
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        answers.forEach(packet -> all.writeBytes(packet.payload()));
        assertThat(all.toByteArray()).isEqualTo(data);
    }

    @Test
    void aQueuePairThatIsMovedToErrorStopsAnswering() {
        assertThat(bench.wire.deliver(List.of(bench.read(0, 0, 70 * MTU)))).isTrue();
        bench.wire.takeAll();
        end.to(QueuePairState.ERR);
        assertThat(bench.round()).isEmpty();
    }

    // ---- reads that come again

    @Test
    void aReadThatComesAgainIsAnsweredAgainFromWhatIsThereNow() {
        end.fill(0, 600, 3);
        bench.round(bench.read(0, 0, 600));
        byte[] now = end.fill(0, 600, 4);
        bench.wire.deliver(List.of(bench.read(0, 0, 600)));
        List<WirePacket> answers = bench.wire.takeAll();
        assertThat(answers.stream().map(bench::inWords))
                .containsExactly("FIRST +0 #1 256", "MIDDLE +1 256", "LAST +2 #1 88");
        assertThat(answers.get(1).payload()).isEqualTo(Arrays.copyOfRange(now, 256, 512));
    }

    @Test
    void theRestOfAReadThatIsAskedForAgainIsAnsweredFromThere() {
        byte[] data = end.fill(0, 700, 5);
        bench.round(bench.read(0, 0, 700), bench.read(3, 0, 1));
        bench.wire.deliver(List.of(bench.read(1, 256, 444)));
        List<WirePacket> answers = bench.wire.takeAll();
        assertThat(answers.stream().map(bench::inWords)).containsExactly("FIRST +1 #1 256", "LAST +2 #1 188");
        assertThat(answers.get(0).payload()).isEqualTo(Arrays.copyOfRange(data, 256, 512));
    }

    @Test
    void aReadThatComesAgainWhileItIsAnsweredIsNotBegunAnew() {
        WirePacket read = bench.read(0, 0, 40 * MTU);
        assertThat(bench.wire.deliver(List.of(read, read))).isTrue();
        assertThat(bench.wire.deliver(List.of(bench.read(35, 35 * MTU, 5 * MTU))))
                .isFalse();
        assertThat(bench.wire.takeAll()).hasSize(40);
        assertThat(bench.count(PacketCounter.DUPLICATE_REQUESTS)).isEqualTo(2);
    }

    @Test
    void whatWasSentOfAReadThatIsStillAnsweredIsSentAgain() {
        assertThat(bench.wire.deliver(List.of(bench.read(0, 0, 40 * MTU)))).isTrue();
        bench.wire.takeAll();
        List<String> answers = bench.round(bench.read(30, 30 * MTU, 10 * MTU));
        assertThat(answers).hasSize(10).startsWith("FIRST +30 #1 256").endsWith("LAST +39 #1 256");
    }

    @ParameterizedTest
    @CsvSource({"0,1,600", "0,0,601", "0,-1,8", "2,0,300", "0,0,2147483649"})
    void aReadThatComesAgainOtherwiseIsDropped(int number, int offset, long length) {
        bench.round(bench.read(0, 0, 600));
        assertThat(bench.round(bench.read(number, offset, length))).isEmpty();
        assertThat(end.engine.state()).isEqualTo(QueuePairState.RTR);
    }

    @Test
    void aReadThatComesAgainWithAnotherKeyOrAsSomethingElseIsDropped() {
        bench.round(bench.read(0, 0, 600));
        WirePacket other = bench.remote(Opcodes.READ_REQUEST, 0, end.address(0), end.key() ^ 1, 600, NOTHING);
        assertThat(bench.round(other, bench.atomic(Opcodes.FETCH_ADD, 0, 0, 1, 0), bench.flush(1, 1, 0, 8)))
                .isEmpty();
    }

    @Test
    void aReadThatComesAgainAfterItsMemoryIsGoneIsDropped() {
        MemoryRegion other = end.domain.allocateMemory(MTU, RIGHTS);
        WirePacket read = bench.remote(Opcodes.READ_REQUEST, 0, other.address(), other.rkey(), MTU, NOTHING);
        bench.round(read);
        other.close();
        end.receive(1, 0, 8);
        assertThat(bench.round(read, ack(bench.send(Opcodes.SEND_ONLY, 1, NOTHING))))
                .containsExactly("ACK +1 #2");
        assertThat(end.engine.state()).isEqualTo(QueuePairState.RTR);
    }

    @Test
    void aReadThatComesAgainIsNotCountedAsOneMore() {
        WirePacket[] first = {bench.read(0, 0, 1), bench.read(1, 0, 1), bench.read(2, 0, 1), bench.read(3, 0, 1)};
        bench.round(first);
        assertThat(bench.round(
                        first[0],
                        first[1],
                        first[2],
                        first[3],
                        bench.read(4, 0, 1),
                        bench.read(5, 0, 1),
                        bench.read(6, 0, 1),
                        bench.read(7, 0, 1)))
                .hasSize(8)
                .endsWith("ONLY +7 #8 1");
    }

    @Test
    void aReadThatIsForgottenIsDropped() {
        WirePacket first = bench.read(0, 0, 1);
        bench.round(first);
        for (int i = 1; i <= 100; i++) {
            bench.round(bench.read(i, 0, 1));
        }
        assertThat(bench.round(first)).isEmpty();
        assertThat(bench.round(bench.read(97, 0, 1), bench.read(98, 0, 1), bench.read(99, 0, 1), bench.read(100, 0, 1)))
                .as("as many as were negotiated are kept")
                .hasSize(4);
    }

    // ---- atomics, atomic writes, flushes

    @Test
    void atomicsAreCarriedOutOnceAndTheirResultIsSentAgain() {
        end.memory.buffer().order(ByteOrder.nativeOrder()).putLong(16, 40);
        WirePacket add = bench.atomic(Opcodes.FETCH_ADD, 0, 16, 2, 0);
        WirePacket swap = bench.atomic(Opcodes.COMPARE_SWAP, 1, 16, 7, 42);
        WirePacket differs = bench.atomic(Opcodes.COMPARE_SWAP, 2, 16, 8, 42);
        assertThat(bench.round(add, swap, differs))
                .containsExactly("ATOMIC +0 #1 = 40", "ATOMIC +1 #2 = 42", "ATOMIC +2 #3 = 7");
        assertThat(bench.round(swap, add)).containsExactly("ATOMIC +0 #1 = 40", "ATOMIC +1 #2 = 42");
        assertThat(end.memory.buffer().order(ByteOrder.nativeOrder()).getLong(16))
                .isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(ints = {Opcodes.COMPARE_SWAP, Opcodes.FETCH_ADD, Opcodes.ATOMIC_WRITE})
    void anAddressThatIsNoMultipleOfEightIsInvalid(int opcode) {
        WirePacket packet = opcode == Opcodes.ATOMIC_WRITE
                ? bench.atomicWrite(0, 12, new byte[8])
                : bench.atomic(opcode, 0, 12, 1, 0);
        assertThat(bench.round(packet)).containsExactly("NAK 61 +0 #0");
    }

    @Test
    void anAtomicWriteStoresEightBytesOnceAndIsAnsweredWithoutData() {
        byte[] value = random(8, 6);
        WirePacket packet = bench.atomicWrite(0, 24, value);
        assertThat(bench.round(packet)).containsExactly("ONLY +0 #1 0");
        assertThat(end.bytes(24, 8)).isEqualTo(value);
        end.fill(24, 8, 7);
        assertThat(bench.round(packet)).containsExactly("ONLY +0 #1 0");
        assertThat(end.bytes(24, 8)).isNotEqualTo(value);
    }

    @Test
    void anAtomicWriteOfAnotherSizeIsInvalid() {
        assertThat(bench.round(bench.atomicWrite(0, 24, new byte[4]))).containsExactly("NAK 61 +0 #0");
        try (RequestBench other = new RequestBench()) {
            WirePacket packet =
                    other.remote(Opcodes.ATOMIC_WRITE, 0, other.end.address(24), other.end.key(), 16, new byte[8]);
            assertThat(other.round(packet)).containsExactly("NAK 61 +0 #0");
        }
    }

    @Test
    void aFlushIsAnsweredWithoutDataAndAgainWhenItComesAgain() {
        WirePacket range = bench.flush(0, 1, 0, 100);
        WirePacket region = bench.flush(1, 1 << 4 | 1, -64, 1 << 30);
        assertThat(bench.round(range, region)).containsExactly("ONLY +0 #1 0", "ONLY +1 #2 0");
        assertThat(bench.round(region)).containsExactly("ONLY +1 #2 0");
        assertThat(bench.round(bench.flush(2, 1, 0, (1 << 20) + 1))).containsExactly("NAK 62 +2 #2");
    }

    @Test
    void moreAnswersThanThereIsRoomForBehindALongReadComeWhenItIsAnswered() {
        List<WirePacket> packets = new ArrayList<>(List.of(bench.read(0, 0, 40 * MTU)));
        for (int i = 0; i < 40; i++) {
            packets.add(bench.flush(40 + i, 1, 0, 8));
        }
        List<String> answers = bench.round(packets.toArray(WirePacket[]::new));
        assertThat(answers)
                .hasSizeLessThan(80)
                .endsWith("NAK 60 +" + (answers.size() - 1) + " #" + (answers.size() - 40));
        int done = answers.size() - 1;
        for (int i = done - 40; i < 40; i++) {
            assertThat(bench.round(packets.get(1 + i))).containsExactly("ONLY +" + (40 + i) + " #" + (2 + i) + " 0");
        }
    }
}
