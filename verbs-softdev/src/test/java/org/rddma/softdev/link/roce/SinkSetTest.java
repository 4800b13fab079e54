package org.rddma.softdev.link.roce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each sink once, in the order of the first time, however many there are. */
class SinkSetTest {
    private static PacketSink sink() {
        return new PacketSink() {
            @Override
            public void receive(ReceivedPacket packet, TransmitBatch answers) {}

            @Override
            public boolean endRound(TransmitBatch answers) {
                return false;
            }
        };
    }

    private static List<PacketSink> contents(SinkSet set) {
        List<PacketSink> contents = new ArrayList<>();
        for (int i = 0; i < set.size(); i++) {
            contents.add(set.get(i));
        }
        return contents;
    }

    @Test
    void keepsEachOnceInOrderWhileItGrows() {
        SinkSet set = new SinkSet();
        List<PacketSink> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            all.add(sink());
            set.add(all.get(i));
            set.add(all.get(i / 2));
            set.add(all.get(0));
        }
        assertThat(contents(set)).containsExactlyElementsOf(all);
    }

    @Test
    void forgetsAll() {
        SinkSet set = new SinkSet();
        PacketSink first = sink();
        PacketSink second = sink();
        set.add(first);
        set.add(second);
        set.clear();
        assertThat(set.size()).isZero();
        set.add(second);
        set.add(first);
        assertThat(contents(set)).containsExactly(second, first);
    }
}
