package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.link.roce.Opcodes.*;
import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.spi.RetryTimes;

/** What comes of answers that are late, missing, repeated, wrong or bad news. The path MTU is 256. */
class AnswersTest extends WireTest {
    private static final long REMOTE = 0x7F00_0000_1000L;
    private static final int KEY = 0x1234;

    private static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) seed);
        return bytes;
    }

    // ---- acknowledgements

    @Test
    @DisplayName(
            "§6.4(6) one acknowledgement is for everything before it, but for the part of a message it says nothing")
    void acknowledgementsAreCumulative() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 8));
        end.post(end.request(2, 0, 8).write(REMOTE, KEY));
        end.post(end.request(3, 0, 700));
        deliver(ack(3));
        assertThat(end.sent()).containsExactly("1 SUCCESS", "2 SUCCESS");
        assertThat(end.engine.query().state()).isEqualTo(QueuePairState.RTS);
        deliver(ack(4));
        assertThat(end.sent()).containsExactly("3 SUCCESS");
    }

    @Test
    @DisplayName("answers to what was never sent, or was answered before, change nothing and are counted")
    void staleAnswersAndGhostsAreDropped() {
        WireEnd end = connected();
        deliver(ack(0), ack(-1));
        end.post(end.request(1, 0, 8));
        end.post(end.request(2, 0, 8));
        deliver(ack(0));
        deliver(ack(0), ack(-1), ack(2), ack(1 << 22), answer(2, NAK_SEQUENCE), answer(0, NAK_REMOTE_ACCESS));
        deliver(data(READ_RESPONSE_ONLY, 0, new byte[8]), atomicResult(2, 1));
        assertThat(end.sent()).containsExactly("1 SUCCESS");
        assertThat(node.count(PacketCounter.DROPPED_STALE)).isEqualTo(10);
        assertThat(node.count(PacketCounter.RETRIES)).isZero();
        deliver(ack(1));
        assertThat(end.sent()).containsExactly("2 SUCCESS");
    }

    @Test
    @DisplayName("answers from another host than the peer's change nothing and are counted")
    void answersOfOthersAreDropped() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 8));
        WirePacket forged = new WirePacket(new Gid(0, 3), ack(0).path(), ack(0).bytes());
        deliver(forged);
        assertThat(end.sent()).isEmpty();
        assertThat(node.count(PacketCounter.DROPPED_WRONG_PEER)).isEqualTo(1);
        end.to(QueuePairState.ERR);
        deliver(ack(0));
        assertThat(end.sent()).containsExactly("1 WR_FLUSH_ERR");
        assertThat(node.count(PacketCounter.DROPPED_STATE)).isEqualTo(1);
    }

    @Test
    @DisplayName("§6.4(6) an acknowledgement behind a read whose data has not come: the read is asked for again")
    void readsAreNotAcknowledged() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 8));
        end.post(end.request(2, 0, 300).read(REMOTE, KEY));
        end.post(end.request(3, 0, 8));
        assertThat(sent()).containsExactly("04 0 8 A", "0c 1 0 A", "04 3 8 A");
        deliver(ack(2));
        assertThat(end.sent())
                .as("the number of the read may come before its data")
                .containsExactly("1 SUCCESS");
        assertThat(sent()).isEmpty();
        deliver(ack(3));
        assertThat(end.sent()).isEmpty();
        assertThat(sent()).containsExactly("0c 1 0 A", "04 3 8 A");
        deliver(ack(3));
        assertThat(sent()).as("it is at it").isEmpty();
        deliver(data(READ_RESPONSE_FIRST, 1, pattern(256, 1)), data(READ_RESPONSE_LAST, 2, pattern(44, 1)), ack(3));
        assertThat(end.sent()).containsExactly("2 SUCCESS", "3 SUCCESS");
    }

    @Test
    @DisplayName("data of a read that comes too early is not taken; the read goes on with the first that is missing")
    void readsGoOnWhereDataIsMissing() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 1000).read(REMOTE, KEY));
        assertThat(sent()).containsExactly("0c 0 0 A");
        deliver(
                data(READ_RESPONSE_FIRST, 0, pattern(256, 1)),
                data(READ_RESPONSE_MIDDLE, 2, pattern(256, 3)),
                data(READ_RESPONSE_LAST, 3, pattern(232, 4)));
        var packets = wire.takeAll();
        assertThat(words(packets)).containsExactly("0c 1 0 A");
        assertThat(packets.get(0).extensionLong(0)).isEqualTo(REMOTE + 256);
        assertThat(packets.get(0).extensionInt(12)).isEqualTo(744);
        assertThat(end.bytes(256, 744)).containsOnly(0);
        deliver(
                data(READ_RESPONSE_FIRST, 1, pattern(256, 2)),
                data(READ_RESPONSE_MIDDLE, 2, pattern(256, 3)),
                data(READ_RESPONSE_LAST, 3, pattern(232, 4)));
        assertThat(end.sent()).containsExactly("1 SUCCESS");
        assertThat(end.bytes(0, 256)).containsOnly(1);
        assertThat(end.bytes(256, 256)).containsOnly(2);
        assertThat(end.bytes(768, 233)).endsWith(4, 0);
    }

    @Test
    @DisplayName("answers of the wrong kind or length are dropped and counted, and nothing is written outside")
    void wrongAnswersAreDropped() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 300).read(REMOTE, KEY));
        deliver(
                data(READ_RESPONSE_FIRST, 0, pattern(260, 9)),
                data(READ_RESPONSE_FIRST, 0, pattern(255, 9)),
                data(READ_RESPONSE_FIRST, 0, new byte[0]),
                answer(READ_RESPONSE_FIRST, 0, NAK_SEQUENCE, pattern(256, 9)));
        assertThat(node.count(PacketCounter.DROPPED_MALFORMED)).isEqualTo(4);
        deliver(data(READ_RESPONSE_ONLY, 0, pattern(256, 9)), atomicResult(0, 9));
        assertThat(node.count(PacketCounter.DROPPED_SEQUENCE)).isEqualTo(2);
        assertThat(end.bytes(0, 400)).containsOnly(0);
        deliver(data(READ_RESPONSE_FIRST, 0, pattern(256, 1)), data(READ_RESPONSE_LAST, 1, pattern(256, 9)));
        assertThat(end.bytes(256, 256)).containsOnly(0);
        deliver(data(READ_RESPONSE_LAST, 1, pattern(44, 1)));
        end.post(end.request(2, 512, 8).fetchAndAdd(REMOTE, KEY, 1));
        end.post(end.request(3, 520, 8));
        deliver(data(READ_RESPONSE_ONLY, 2, new byte[0]), answer(ATOMIC_ACKNOWLEDGE, 2, NAK_SEQUENCE, new byte[8]));
        deliver(atomicResult(2, 1));
        deliver(data(READ_RESPONSE_ONLY, 3, new byte[0]), atomicResult(3, 4), answer(3, 0x6F), answer(3, 0x40));
        assertThat(end.sent()).containsExactly("1 SUCCESS", "2 SUCCESS");
        assertThat(node.count(PacketCounter.DROPPED_SEQUENCE)).isEqualTo(5);
        assertThat(node.count(PacketCounter.DROPPED_MALFORMED)).isEqualTo(8);
        deliver(ack(3));
        assertThat(end.sent()).containsExactly("3 SUCCESS");
        assertThat(end.engine.state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    @DisplayName("an answer that says nothing that there is acknowledges nothing, whatever its number")
    void unknownSyndromesAcknowledgeNothing() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 8));
        end.post(end.request(2, 0, 8));
        deliver(answer(1, 0x40), answer(1, 0x64), answer(1, 0x6F), answer(1, 0x80), answer(1, 0xFF));
        assertThat(end.sent()).isEmpty();
        assertThat(node.count(PacketCounter.DROPPED_MALFORMED)).isEqualTo(5);
        assertThat(end.engine.state()).isEqualTo(QueuePairState.RTS);
    }

    // ---- refusals

    @Test
    @DisplayName("§6.4(6) a missing packet: what is before is done, and it goes back to there, once")
    void goesBackToWhatIsMissing() {
        WireEnd end = connected();
        byte[] bytes = end.fill(0, 1000, 3);
        end.post(end.request(1, 0, 8));
        end.post(end.request(2, 0, 1000).write(REMOTE, KEY));
        end.post(end.request(3, 0, 8));
        assertThat(sent()).hasSize(6);
        deliver(answer(3, NAK_SEQUENCE));
        assertThat(end.sent()).containsExactly("1 SUCCESS");
        var packets = wire.takeAll();
        assertThat(words(packets)).containsExactly("07 3 256", "08 4 232 A", "04 5 8 A");
        assertThat(packets.get(0).payload()).isEqualTo(Arrays.copyOfRange(bytes, 512, 768));
        deliver(answer(3, NAK_SEQUENCE));
        assertThat(sent()).as("a second time for the same loss").isEmpty();
        deliver(answer(4, NAK_SEQUENCE));
        assertThat(sent()).as("another loss").containsExactly("08 4 232 A", "04 5 8 A");
        deliver(ack(5));
        assertThat(end.sent()).containsExactly("2 SUCCESS", "3 SUCCESS");
        assertThat(node.count(PacketCounter.RETRIES)).isEqualTo(2);
        assertThat(node.count(PacketCounter.RECEIVED_SEQUENCE_ERRORS)).isEqualTo(3);
    }

    @Test
    @DisplayName("what is acknowledged while it is sent again is not sent again")
    void acknowledgementsOvertakeTheResending() {
        wire.window = 4;
        WireEnd end = connected();
        end.post(end.request(1, 0, 6 * 256));
        assertThat(sent()).hasSize(4);
        deliver(answer(0, NAK_SEQUENCE));
        assertThat(sent()).as("half the window").containsExactly("00 0 256 A", "01 1 256 A");
        deliver(ack(3));
        assertThat(sent()).containsExactly("01 4 256 A", "02 5 256 A");
    }

    @Test
    @DisplayName("§6.4(6) refusals end the oldest with an error, after what is before it; what is behind is flushed")
    void refusalsFailTheQueuePair() {
        int[] syndromes = {NAK_INVALID_REQUEST, NAK_REMOTE_ACCESS, NAK_REMOTE_OPERATION};
        String[] statuses = {"REM_INV_REQ_ERR", "REM_ACCESS_ERR", "REM_OP_ERR"};
        for (int i = 0; i < syndromes.length; i++) {
            WireEnd end = connected();
            end.post(end.request(1, 0, 8).flags(0));
            end.post(end.request(2, 0, 8));
            end.post(end.request(3, 0, 300).write(REMOTE, KEY).flags(0));
            end.post(end.request(4, 0, 8).flags(0));
            deliver(answer(2, syndromes[i]));
            assertThat(end.sent()).containsExactly("2 SUCCESS", "3 " + statuses[i], "4 WR_FLUSH_ERR");
            assertThat(end.engine.state()).isEqualTo(QueuePairState.ERR);
            wire.timer.advance(RetryTimes.timeoutNanos(20));
            assertThat(end.sent()).isEmpty();
            ends.remove(end);
            end.close();
        }
    }

    // ---- not ready

    @Test
    @DisplayName("§6.4(6) a receiver that is not ready is waited for exactly as long as it says, then tried again")
    void waitsAsLongAsTheReceiverSays() {
        WireEnd end = connected();
        for (int code = 0; code < 32; code++) {
            end.post(end.request(code, 0, 300));
            assertThat(sent()).hasSize(2);
            deliver(answer(2 * code, SYNDROME_RNR | code), answer(2 * code, NAK_SEQUENCE));
            wire.timer.advance(RetryTimes.nanos(code) - 1);
            assertThat(sent()).isEmpty();
            wire.timer.advance(1);
            assertThat(sent()).containsExactly("00 " + 2 * code + " 256", "02 " + (2 * code + 1) + " 44 A");
            deliver(ack(2 * code + 1));
        }
        assertThat(end.sent()).hasSize(32).allMatch(words -> words.endsWith("SUCCESS"));
        assertThat(end.engine.notReadyRetries()).isEqualTo(32);
        assertThat(node.count(PacketCounter.RECEIVED_RNR)).isEqualTo(32);
        assertThat(node.count(PacketCounter.RETRIES)).isZero();
    }

    @Test
    @DisplayName("§6.4(6) rnr_retry: so many attempts more, 7 for ever; each message has its own")
    void receiverIsTriedSoOften() {
        for (int retries : new int[] {0, 1, 6, 7}) {
            shape.rnrRetries = retries;
            WireEnd end = connected();
            end.post(end.request(1, 0, 8));
            int attempts = 0;
            for (; attempts < 50 && end.engine.state() == QueuePairState.RTS; attempts++) {
                assertThat(sent()).containsExactly("04 0 8 A");
                deliver(answer(0, SYNDROME_RNR | 1));
                wire.timer.advance(RetryTimes.nanos(1));
            }
            if (retries == 7) {
                assertThat(attempts).isEqualTo(50);
                deliver(ack(0));
                assertThat(end.sent()).containsExactly("1 SUCCESS");
            } else {
                assertThat(attempts).isEqualTo(retries + 1);
                assertThat(end.sent()).containsExactly("1 RNR_RETRY_EXC_ERR");
                assertThat(node.count(PacketCounter.RNR_RETRY_EXCEEDED)).isPositive();
            }
            ends.remove(end);
            end.close();
            wire.takeAll();
        }
    }

    @Test
    @DisplayName("an answer that shows that the receiver was ready after all ends the wait")
    void waitEndsWithAnAcknowledgement() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 8));
        deliver(answer(0, SYNDROME_RNR | 20));
        deliver(ack(0));
        wire.takeAll();
        assertThat(end.sent()).containsExactly("1 SUCCESS");
        end.post(end.request(2, 0, 8));
        assertThat(sent()).containsExactly("04 1 8 A");
    }

    // ---- no answer

    @Test
    @DisplayName(
            "§6.4(7) without an answer the oldest packet is sent again after 4.096 us * 2^timeout, retry_cnt times")
    void sendsAgainAfterTheTimeout() {
        for (int timeout : new int[] {1, 8, 14}) {
            for (int retries : new int[] {0, 1, 7}) {
                shape.timeout = timeout;
                shape.retries = retries;
                WireEnd end = connected();
                end.post(end.request(1, 0, 8));
                end.post(end.request(2, 0, 8));
                for (int i = 0; i < retries; i++) {
                    assertThat(sent()).containsExactly("04 0 8 A", "04 1 8 A");
                    wire.timer.advance(RetryTimes.timeoutNanos(timeout) - 1);
                    assertThat(sent()).isEmpty();
                    wire.timer.advance(1);
                }
                assertThat(sent()).isNotEmpty();
                wire.timer.advance(RetryTimes.timeoutNanos(timeout) - 1);
                assertThat(end.sent()).isEmpty();
                wire.timer.advance(1);
                assertThat(end.sent()).containsExactly("1 RETRY_EXC_ERR", "2 WR_FLUSH_ERR");
                assertThat(end.engine.timeoutRetries()).isEqualTo(retries);
                ends.remove(end);
                end.close();
                assertThat(wire.timer.pending()).isZero();
            }
        }
        assertThat(node.count(PacketCounter.RETRY_EXCEEDED)).isEqualTo(9);
    }

    @Test
    @DisplayName("§6.4(7) every new acknowledgement starts the time anew, and gives all retries back")
    void progressStartsTheTimeAnew() {
        shape.retries = 1;
        WireEnd end = connected();
        long time = RetryTimes.timeoutNanos(shape.timeout);
        for (int i = 0; i < 4; i++) {
            end.post(end.request(i, 0, 8));
        }
        for (int i = 0; i < 4; i++) {
            wire.timer.advance(time); // sent again
            wire.timer.advance(time - 1);
            deliver(ack(i));
        }
        assertThat(end.sent()).hasSize(4).allMatch(words -> words.endsWith("SUCCESS"));
        wire.timer.advance(10 * time);
        assertThat(wire.timer.pending()).as("nothing to wait for").isZero();
    }

    @Test
    @DisplayName("§6.4(7) timeout 0 waits for ever; ERR ends the wait")
    void endlessTimeout() {
        shape.timeout = 0;
        WireEnd end = connected();
        end.post(end.request(1, 0, 8));
        assertThat(sent()).hasSize(1);
        assertThat(wire.timer.pending()).isZero();
        end.to(QueuePairState.ERR);
        assertThat(end.sent()).containsExactly("1 WR_FLUSH_ERR");
    }

    @Test
    @DisplayName("traffic makes one task of the timer in a timeout, and none for each message")
    void oneTaskInATimeout() {
        WireEnd end = connected();
        long before = wire.timer.scheduled();
        for (int i = 0; i < 1000; i++) {
            end.post(end.request(i, 0, 8));
            deliver(ack(i));
            assertThat(end.sent()).hasSize(1);
            wire.timer.advance(RetryTimes.timeoutNanos(shape.timeout) / 100);
        }
        assertThat(wire.timer.scheduled() - before).isBetween(9L, 12L);
    }

    @Test
    @DisplayName("a repeated read ends where it ended before: the peer answers it again only inside of that")
    void repeatedReadsEndWhereTheyEnded() {
        wire.window = 8;
        WireEnd end = connected();
        end.post(end.request(1, 0, 12 * 256).read(REMOTE, KEY));
        var first = wire.takeAll();
        assertThat(first).extracting(packet -> packet.extensionInt(12)).containsExactly(4 * 256, 4 * 256);
        deliver(data(READ_RESPONSE_FIRST, 0, pattern(256, 1)));
        wire.timer.advance(RetryTimes.timeoutNanos(shape.timeout));
        var again = wire.takeAll();
        assertThat(words(again)).as("as much as half a window").containsExactly("0c 1 0 A");
        assertThat(again.get(0).extensionInt(12)).isEqualTo(3 * 256);
        for (int i = 1; i < 4; i++) {
            deliver(data(i == 3 ? READ_RESPONSE_LAST : READ_RESPONSE_MIDDLE, i, pattern(256, 1)));
        }
        var next = wire.takeAll();
        assertThat(words(next)).containsExactly("0c 4 0 A");
        assertThat(next.get(0).extensionInt(12)).isEqualTo(4 * 256);
    }

    @Test
    @DisplayName("atomics are sent again with their number and their operands")
    void atomicsAreSentAgainAsTheyWere() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 8).fetchAndAdd(REMOTE, KEY, 3));
        end.post(end.request(2, 8, 8).compareAndSwap(REMOTE, KEY, 3, 4));
        var first = wire.takeAll();
        wire.timer.advance(RetryTimes.timeoutNanos(shape.timeout));
        assertThat(wire.takeAll()).isEqualTo(first);
        deliver(atomicResult(1, 7));
        assertThat(wire.takeAll()).as("the first result was lost").isEqualTo(first);
        deliver(atomicResult(0, 6), atomicResult(1, 7));
        assertThat(end.sent()).containsExactly("1 SUCCESS", "2 SUCCESS");
    }

    // ---- congestion

    @Test
    @DisplayName("a congestion note halves the window once in a round trip")
    void congestionNotesHalveTheWindow() {
        wire.window = 8;
        WireEnd end = connected();
        for (int i = 0; i < 64; i++) {
            end.post(end.request(i, 0, 8));
        }
        assertThat(sent()).hasSize(8);
        WirePacket note = answer(CNP, 0, 0, new byte[16]);
        deliver(note, note);
        assertThat(node.count(PacketCounter.RECEIVED_CNP)).isEqualTo(2);
        deliver(ack(7));
        assertThat(sent()).as("four, and one for what has arrived").hasSize(5);
        deliver(new WirePacket(new Gid(0, 9), note.path(), note.bytes()));
        assertThat(node.count(PacketCounter.DROPPED_WRONG_PEER)).isEqualTo(1);
    }
}
