package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionFlags;

/** Immediate data: four bytes as they were given, by every operation and type that has them: verbs-semantics §2.4(9). */
public abstract class ImmediateConformance extends DeviceConformance {
    private static final int[] SIZES = {0, 1, 100, 1024};

    private static int[] patterns() {
        int[] patterns = new int[32 + 5];
        for (int bit = 0; bit < 32; bit++) {
            patterns[bit] = 1 << bit;
        }
        patterns[32] = 0;
        patterns[33] = -1;
        patterns[34] = 0x0102_0304;
        patterns[35] = 0xFFFE_FDFC;
        patterns[36] = 0x8000_0001;
        return patterns;
    }

    private static void arrives(End a, End b, SendRequest request, int immediate, long bytes) {
        b.receive(1, 8192, 2048);
        a.post(request);
        assertThat(Completions.next(a.sends).isSuccess()).isTrue();
        WorkCompletion receive = Completions.next(b.receives);
        assertThat(receive.isSuccess()).isTrue();
        assertThat(receive.hasImmediate()).isTrue();
        assertThat(receive.flags() & WorkCompletionFlags.WITH_IMM).isNotZero();
        assertThat(receive.hasInvalidated()).isFalse();
        assertThat(receive.immediate()).isEqualTo(immediate);
        assertThat(receive.byteLength()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC", "UD"})
    @DisplayName("§2.4(9) every bit of it, with and without data, by sends and by writes")
    final void everyBit(QueuePairType type) {
        Pair pair = pair(new EndSpec().type(type));
        End a = pair.a();
        End b = pair.b();
        AddressHandle way = type == QueuePairType.UD
                ? a.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(b.context)))
                : null;
        int header = type == QueuePairType.UD ? 40 : 0;
        for (int immediate : patterns()) {
            int size = SIZES[Math.floorMod(immediate, SIZES.length)];
            SendRequest send =
                    a.request(2, 0, size).sendWithImmediate(immediate).datagram(way, b.pair.number(), Wiring.QKEY);
            arrives(a, b, send, immediate, size + header);
            if (type != QueuePairType.UD) {
                SendRequest write =
                        a.request(3, 0, size).writeWithImmediate(b.address(4096), b.memory.rkey(), immediate);
                arrives(a, b, write, immediate, size);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC", "UD"})
    @DisplayName(
            "§2.4(11) a send without it does not claim to have any, also behind one that has; only datagrams name their source")
    final void without(QueuePairType type) {
        Pair pair = pair(new EndSpec().type(type));
        End a = pair.a();
        End b = pair.b();
        AddressHandle way = type == QueuePairType.UD
                ? a.domain.createAddressHandle(AddressVector.to(Wiring.gidOf(b.context)))
                : null;
        for (int i = 0; i < 20; i++) {
            b.receive(1, 8192, 2048);
            SendRequest send = a.request(2, 0, 8).datagram(way, b.pair.number(), Wiring.QKEY);
            a.post(i % 2 == 0 ? send.sendWithImmediate(-1) : send.send());
            assertThat(Completions.next(a.sends).isSuccess()).isTrue();
            WorkCompletion receive = Completions.next(b.receives);
            assertThat(receive.hasImmediate()).isEqualTo(i % 2 == 0);
            assertThat(receive.sourceQueuePair()).isEqualTo(type == QueuePairType.UD ? a.pair.number() : 0);
            assertThat((receive.flags() & WorkCompletionFlags.GRH) != 0 || type != QueuePairType.UD)
                    .isTrue();
        }
    }
}
