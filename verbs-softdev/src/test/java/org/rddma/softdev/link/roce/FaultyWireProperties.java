package org.rddma.softdev.link.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.rddma.verbs.Gid;
import org.rddma.verbs.VerbsException;

/** Whatever the faults are: nothing comes that was not sent, nothing is late for ever, and the seed decides. */
class FaultyWireProperties {
    private static final Gid OWN = new Gid(0, 0xFFFF_7F00_0201L);
    private static final int PACKETS = 300;

    /** Numbers of packets in the order in which they came. */
    private final List<Integer> came = new ArrayList<>();

    private final PacketCounters counters = new PacketCounters();
    private final ByteBuffer memory = ByteBuffer.allocateDirect(64);
    private final Icrc icrc = new Icrc();
    private final ReceivedPacket packet = new ReceivedPacket();

    private FaultyWire wire(PacketFaults faults) {
        PacketSink sink = new PacketSink() {
            @Override
            public void receive(ReceivedPacket each, TransmitBatch answers) {
                assertThat(each.memory().getInt(each.payload())).isEqualTo(~each.psn());
                assertThat(each.sourceGidLow()).isEqualTo(OWN.low());
                assertThat(each.hopLimit()).isEqualTo(9);
                assertThat(each.isCongested()).isTrue();
                came.add(each.psn());
            }

            @Override
            public boolean endRound(TransmitBatch answers) {
                return false;
            }
        };
        PacketDirectory directory = new PacketDirectory() {
            @Override
            public PacketSink find(int number) {
                return sink;
            }

            @Override
            public PacketSink[] group(long gidHigh, long gidLow) {
                return new PacketSink[0];
            }
        };
        return new FaultyWire(faults, counters, new PacketDispatcher(OWN, directory, counters, null, null));
    }

    private void feed(FaultyWire wire, int number) {
        packet.memory = memory;
        packet.start = 16;
        packet.sourceGidLow = OWN.low();
        packet.destinationGidLow = OWN.low();
        packet.sourcePort = 0xC000;
        packet.mark(3, 9);
        memory.putInt(16, Opcodes.SEND_ONLY << 24 | 0xFFFF);
        memory.putInt(20, 0x11);
        memory.putInt(24, number);
        memory.putInt(28, ~number);
        memory.putInt(32, icrc.of(memory, 16, 16, 0, OWN.low(), 0, OWN.low(), 0xC000));
        wire.accept(packet, 20);
        memory.putLong(24, -1); // the memory is used again at once
    }

    private List<Integer> run(PacketFaults faults) {
        came.clear();
        FaultyWire wire = wire(faults);
        for (int number = 0; number < PACKETS; number++) {
            feed(wire, number);
        }
        wire.releaseAll();
        assertThat(wire.keepsPackets()).isFalse();
        return List.copyOf(came);
    }

    @Property(tries = 200)
    void whatIsSentComesOnceOrTwiceOrIsCounted(
            @ForAll long seed,
            @ForAll @DoubleRange(min = 0, max = 1) double loss,
            @ForAll @DoubleRange(min = 0, max = 1) double duplication,
            @ForAll @DoubleRange(min = 0, max = 1) double reordering,
            @ForAll @IntRange(min = 1, max = PacketFaults.MAX_DELAY_PACKETS) int delay) {
        List<Integer> numbers = run(new PacketFaults(seed, loss, duplication, reordering, delay));
        int[] times = new int[PACKETS];
        numbers.forEach(number -> times[number]++);
        long missing = IntStream.of(times).filter(count -> count == 0).count();
        assertThat(IntStream.of(times).boxed().max(Integer::compare))
                .hasValueSatisfying(most -> assertThat(most).isLessThanOrEqualTo(2));
        assertThat(counters.value(PacketCounter.DROPPED_INJECTED)).isEqualTo(missing);
        assertThat(counters.value(PacketCounter.RECEIVED_PACKETS)).isEqualTo(missing + numbers.size());
        int highest = 0;
        for (int number : numbers) {
            assertThat(highest).isLessThanOrEqualTo(number + delay);
            highest = Math.max(highest, number);
        }
        counters.count(PacketCounter.DROPPED_INJECTED, -missing);
        counters.count(PacketCounter.RECEIVED_PACKETS, -missing - numbers.size());
    }

    @Property(tries = 20)
    void theSameSeedDoesTheSame(@ForAll long seed) {
        PacketFaults faults = new PacketFaults(seed, 0.2, 0.2, 0.2, 5);
        List<Integer> first = run(faults);
        assertThat(run(faults)).isEqualTo(first);
        assertThat(run(new PacketFaults(seed + 1, 0.2, 0.2, 0.2, 5))).isNotEqualTo(first);
    }

    @Example
    void eachFaultAloneDoesWhatItSays() {
        List<Integer> all = IntStream.range(0, PACKETS).boxed().toList();
        assertThat(run(new PacketFaults(1, 0, 0, 0, 1))).isEqualTo(all);
        assertThat(run(new PacketFaults(1, 1, 0, 0, 1))).isEmpty();
        assertThat(run(new PacketFaults(1, 0, 1, 0, 1))).hasSize(2 * PACKETS).containsAll(all);
        assertThat(run(new PacketFaults(1, 0, 0, 0.5, 8))).isNotEqualTo(all).containsExactlyInAnyOrderElementsOf(all);
        assertThat(run(new PacketFaults(1, 0.1, 0, 0, 1))).hasSizeBetween(PACKETS * 8 / 10, PACKETS * 97 / 100);
    }

    @Example
    void whatIsNoShareIsRefused() {
        for (double wrong : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> new PacketFaults(1, wrong, 0, 0, 1)).isInstanceOf(VerbsException.class);
            assertThatThrownBy(() -> new PacketFaults(1, 0, wrong, 0, 1)).isInstanceOf(VerbsException.class);
            assertThatThrownBy(() -> new PacketFaults(1, 0, 0, wrong, 1)).isInstanceOf(VerbsException.class);
        }
        assertThatThrownBy(() -> new PacketFaults(1, 0, 0, 0, 0)).isInstanceOf(VerbsException.class);
        assertThatThrownBy(() -> new PacketFaults(1, 0, 0, 0, 257)).isInstanceOf(VerbsException.class);
    }
}
