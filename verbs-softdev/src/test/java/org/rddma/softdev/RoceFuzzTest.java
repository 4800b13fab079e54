package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.PacketFeed;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.conformance.HangGuard;

/**
 * Packets of all operations, likely ones, changed ones and random ones, against a device that is busy: what is right stays
 * right, nothing happens to those that they must not reach, and each packet is accounted for.
 */
class RoceFuzzTest {
    private static final long MANY = Long.getLong("fuzz.packets", 10_000_000);
    private static final long SEED = Long.getLong("fuzz.seed", 1);
    private static final int TEND_EVERY = 256;

    @Test
    @HangGuard(seconds = 60)
    void aHundredThousandPacketsChangeNothingThatTheyShouldNot() throws Exception {
        fuzz(100_000, "127.0.1.1", "127.0.1.2");
    }

    @Test
    @Tag("slow")
    @HangGuard(seconds = 900)
    void tenMillionPacketsChangeNothingThatTheyShouldNot() throws Exception {
        fuzz(MANY, "127.0.1.3", "127.0.1.4");
    }

    private static void fuzz(long packets, String first, String second) throws Exception {
        Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
        RocePair devices = new RocePair(first, second, null);
        try (FuzzTraffic traffic = new FuzzTraffic(devices.first, devices.second)) {
            Gid own = devices.first.gid();
            Gid peer = devices.second.gid();
            Gid stranger = new Gid(0, own.low() + 77);
            try (FuzzVictims victims = new FuzzVictims(devices.first, peer, new Gid(0, own.low() + 78));
                    PacketFeed feed = new PacketFeed(
                            own, devices.first.wire(), devices.first.wire().port())) {
                int[] others = Stream.concat(traffic.pairs().stream(), victims.bystanders.stream())
                        .mapToInt(QueuePair::number)
                        .toArray();
                FuzzPackets fuzz = new FuzzPackets(SEED, feed, victims, others, peer, stranger);
                Random random = new Random(SEED);
                for (long i = 0; i < packets; i++) {
                    if (i % TEND_EVERY == 0) {
                        feed.endRound();
                        victims.tend(random);
                        fuzz.beginAgain();
                    }
                    fuzz.next();
                }
                feed.endRound();
                victims.tend(random);
                victims.check();
                traffic.check();
                assertThat(uncaught).isEmpty();
                assertAccounted(feed, packets);
                assertThat(victims.resets()).isGreaterThan(packets / 10_000);
                assertThat(victims.completions()).isGreaterThan(packets / 1_000);
            }
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    /** Nobody else uses the port: so its counters are of these packets alone. */
    @Test
    @HangGuard(seconds = 60)
    void packetsThatNobodyMayTakeAreEachCountedOnceForAReason() throws Exception {
        RocePair devices = new RocePair("127.0.1.13", "127.0.1.14", null);
        Gid own = devices.first.gid();
        Gid stranger = new Gid(0, own.low() + 77);
        try (FuzzVictims victims = new FuzzVictims(devices.first, devices.second.gid(), new Gid(0, own.low() + 78));
                PacketFeed feed = new PacketFeed(
                        own, devices.first.wire(), devices.first.wire().port())) {
            int[] others =
                    victims.bystanders.stream().mapToInt(QueuePair::number).toArray();
            FuzzPackets fuzz = new FuzzPackets(SEED, feed, victims, others, stranger, stranger);
            for (int i = 0; i < 50_000; i++) {
                fuzz.nextForOthers();
            }
            feed.endRound();
            long dropped = 0;
            for (PacketCounter counter : PacketCounter.values()) {
                boolean drops = counter.name().startsWith("DROPPED");
                dropped += drops ? devices.first.wire().port().counters().value(counter) : 0;
            }
            assertThat(feed.handed()).isGreaterThan(10_000);
            assertThat(dropped).isEqualTo(feed.handed());
            assertThat(feed.accounted()).isEqualTo(50_000);
            victims.check();
        }
    }

    private static void assertAccounted(PacketFeed feed, long packets) {
        assertThat(feed.counters().value(PacketCounter.RECEIVED_PACKETS)).isEqualTo(packets);
        assertThat(feed.accounted()).isEqualTo(packets);
        List<PacketCounter> never = new ArrayList<>();
        for (PacketCounter counter : List.of(
                PacketCounter.DROPPED_TRUNCATED,
                PacketCounter.DROPPED_OVERSIZE,
                PacketCounter.DROPPED_MALFORMED,
                PacketCounter.DROPPED_ICRC,
                PacketCounter.DROPPED_P_KEY,
                PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR)) {
            if (feed.counters().value(counter) < packets / 10_000) {
                never.add(counter);
            }
        }
        assertThat(never).as("reasons that too few packets were dropped for").isEmpty();
        assertThat(feed.handed()).isGreaterThan(packets / 4);
    }
}
