package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Binds and their events on one node: what is copied when, and who is answered when. */
class EventTest {
    private static final int LONG_COPY = 8 << 20;

    private final CoreBench driver = CoreBench.relaxed();

    @BeforeEach
    void twoBuffers() {
        driver.ok("location_create://l?default_ops(private)", "xfer_create://x.l");
        driver.ok("smb_create://s.l:1000", "smb_create://d.l:1000");
    }

    @AfterEach
    void end() {
        driver.close();
    }

    private void bind(String at, String destinationEvent, String sourceEvent) {
        driver.ok("bind_create://x.l#" + at + ":10/d.l#" + at + "?event_name(" + destinationEvent + ")=s.l#" + at
                + "?event_name(" + sourceEvent + ")");
    }

    private CoreBench.Asked start(String event) {
        return driver.send("event_start://" + event + ".l?request(1)");
    }

    private void longBind(String name) {
        driver.ok("smb_create://s" + name + ".l:" + Integer.toHexString(LONG_COPY));
        driver.ok("smb_create://d" + name + ".l:" + Integer.toHexString(LONG_COPY));
        driver.ok("xfer_create://x" + name + ".l");
        driver.ok("bind_create://x" + name + ".l/d" + name + ".l?event_name(" + name + ")=s" + name + ".l:"
                + Integer.toHexString(LONG_COPY) + "?event_name(" + name + ")");
    }

    @Test
    void oneStartCopiesEveryBindOfAnEventAndIsAnsweredOnce() {
        bind("10", "e", "e");
        bind("20", "e", "e");
        driver.bytes("s").put(0x10, (byte) 1).put(0x2f, (byte) 2);

        assertThat(start("e").result()).isZero();

        assertThat(driver.bytes("d").get(0x10)).isEqualTo((byte) 1);
        assertThat(driver.bytes("d").get(0x2f)).isEqualTo((byte) 2);
        assertThat(driver.bytes("d").get(0x30)).isZero();
    }

    @Test
    void anEventCanBeStartedAgainAndCopiesAgain() {
        bind("10", "e", "e");
        for (byte round = 1; round < 5; round++) {
            driver.bytes("s").put(0x1f, round);
            assertThat(start("e").result()).isZero();
            assertThat(driver.bytes("d").get(0x1f)).isEqualTo(round);
        }
    }

    @Test
    void differentEventsOfABindAreARendezvousInEitherOrder() {
        bind("10", "to", "from");
        for (String first : new String[] {"to", "from"}) {
            CoreBench.Asked waiting = start(first);
            assertThat(waiting.answered()).isFalse();
            assertThat(start(first.equals("to") ? "from" : "to").result()).isZero();
            assertThat(waiting.result()).isZero();
        }
    }

    @Test
    void aParkedEventThatIsStartedAgainSaysZeroAtOnceAndIsStillParked() {
        bind("10", "to", "from");
        CoreBench.Asked waiting = start("to");

        assertThat(start("to").result()).isZero();

        assertThat(waiting.answered()).isFalse();
        assertThat(start("from").result()).isZero();
        assertThat(waiting.result()).isZero();
    }

    @Test
    void anEventWaitsForAllOfItsBindsAlsoWhenSomeAreOverEarly() {
        bind("10", "e", "e");
        bind("20", "e", "other");
        bind("30", "e", "e");

        CoreBench.Asked waiting = start("e");

        assertThat(waiting.answered()).isFalse();
        assertThat(start("other").result()).isZero();
        assertThat(waiting.result()).isZero();
    }

    @Test
    void aBindThatJoinsAStartedEventTakesPartFromItsNextStart() {
        bind("10", "to", "from");
        CoreBench.Asked waiting = start("to");
        bind("20", "to", "to");
        driver.bytes("s").put(0x20, (byte) 3);

        assertThat(start("from").result()).isZero();

        assertThat(waiting.result()).isZero();
        assertThat(driver.bytes("d").get(0x20)).isZero();
        start("to");
        assertThat(start("from").result()).isZero();
        assertThat(driver.bytes("d").get(0x20)).isEqualTo((byte) 3);
    }

    @Test
    void aChainIsFollowedToItsEndBeforeTheAnswer() {
        bind("10", "a", "a");
        bind("20", "b", "other");
        bind("30", "c", "c");
        driver.ok("event_chain://a.l?event_name(b)", "event_chain://b.l?event_name(c)");
        driver.bytes("s").put(0x30, (byte) 4);

        CoreBench.Asked waiting = start("a");

        assertThat(driver.bytes("d").get(0x30)).isZero();
        assertThat(start("other").result()).isZero();
        assertThat(waiting.result()).isZero();
        assertThat(driver.bytes("d").get(0x30)).isEqualTo((byte) 4);
    }

    @Test
    void aChainThatComesToAStartedEventEndsThere() {
        bind("10", "a", "a");
        bind("20", "b", "other");
        driver.ok("event_chain://a.l?event_name(b)");
        CoreBench.Asked waiting = start("b");

        assertThat(start("a").result()).isZero();

        assertThat(waiting.answered()).isFalse();
    }

    @Test
    void aChainThatWouldComeBackIsRefused() {
        bind("10", "a", "b");
        bind("20", "c", "c");
        driver.ok("event_chain://a.l?event_name(b)", "event_chain://b.l?event_name(c)");

        assertThat(driver.code("event_chain://c.l?event_name(a)")).isEqualTo(-22);
        assertThat(driver.code("event_chain://c.l?event_name(c)")).isEqualTo(-22);
        driver.ok("event_chain://a.l?event_name(c)", "event_chain://b.l?event_name(a)");
    }

    @Test
    void aLongChainDoesNotKeepOtherCommandsOut() {
        int length = 3000;
        for (int at = 0; at < length; at++) {
            driver.ok("bind_create://x.l:8/d.l?event_name(c" + at + ")=s.l?event_name(c" + at + ")");
        }
        for (int at = 1; at < length; at++) {
            driver.ok("event_chain://c" + (at - 1) + ".l?event_name(c" + at + ")");
        }

        CoreBench.Asked waiting = start("c0");

        assertThat(waiting.answered()).as("not in one turn").isFalse();
        assertThat(driver.send("smb_find://s.l").result()).isZero();
        assertThat(driver.await(waiting).result()).isZero();
    }

    @Test
    void aFaultIsToldToBothEventsAndEndsTheChain() {
        bind("10", "to", "from");
        bind("20", "next", "next");
        driver.ok("event_chain://to.l?event_name(next)");
        driver.bytes("s").put(0x20, (byte) 5);
        driver.core.failTransfers(1);
        CoreBench.Asked waiting = start("to");

        assertThat(start("from").result()).isEqualTo(-5);

        assertThat(waiting.result()).isEqualTo(-5);
        assertThat(driver.bytes("d").get(0x20)).isZero();
        start("to");
        assertThat(start("from").result()).as("the next one is well").isZero();
    }

    @Test
    void aDeletedBindReleasesWhoIsParkedOnIt() {
        bind("10", "to", "from");
        bind("20", "to", "from");
        CoreBench.Asked waiting = start("to");

        driver.ok("bind_delete://x.l#10:5");
        assertThat(waiting.answered()).as("the other bind is still there").isFalse();
        driver.ok("bind_delete://x.l#20:5");

        assertThat(waiting.result()).isEqualTo(-5);
        assertThat(start("from").result()).as("nothing is left to wait for").isZero();
    }

    @Test
    void whatIsLeftOfAnEventIsStillCopiedInAnyOrderOfDeleting() {
        for (String at : new String[] {"10", "20", "30", "40"}) {
            bind(at, "e", "e");
            driver.bytes("s").put(Integer.parseInt(at, 16), (byte) 9);
        }
        driver.ok("bind_delete://x.l#10:1", "bind_delete://x.l#40:1", "bind_delete://x.l#30:1");

        assertThat(start("e").result()).isZero();

        assertThat(driver.bytes("d").get(0x20)).isEqualTo((byte) 9);
        for (int at : new int[] {0x10, 0x30, 0x40}) {
            assertThat(driver.bytes("d").get(at)).isZero();
        }
    }

    @Test
    void aDeletedTransferReleasesWhoIsParkedOnIt() {
        bind("10", "to", "from");
        CoreBench.Asked waiting = start("from");

        driver.ok("xfer_delete://x.l");

        assertThat(waiting.result()).isEqualTo(-5);
        assertThat(driver.code("xfer_find://x.l")).isEqualTo(1);
    }

    @Test
    void aBufferThatIsDeletedWhileItsEventIsParkedFailsBothSides() {
        bind("10", "to", "from");
        CoreBench.Asked waiting = start("to");

        driver.ok("smb_delete://s.l");

        assertThat(waiting.answered()).isFalse();
        assertThat(start("from").result()).isEqualTo(-5);
        assertThat(waiting.result()).isEqualTo(-5);
        assertThat(driver.bytes("d").get(0x10)).isZero();
    }

    @Test
    void aShortCopyOvertakesALongOne() {
        longBind("big");
        bind("10", "e", "e");
        driver.bytes("sbig").put(LONG_COPY - 1, (byte) 6);

        CoreBench.Asked longOne = start("big");

        assertThat(longOne.answered()).isFalse();
        assertThat(start("e").result()).isZero();
        assertThat(driver.await(longOne).result()).isZero();
        assertThat(driver.bytes("dbig").get(LONG_COPY - 1)).isEqualTo((byte) 6);
    }

    @Test
    void anEventOfShortAndLongCopiesIsAnsweredWhenAllAreDone() {
        int[] lengths = {1, 7, 8, 9, 4096, 65536, 65537, 70000, 60000, 60000, 60000, 60000, 60000, 300000, 2 << 20};
        int total = 0;
        for (int length : lengths) {
            total += length;
        }
        String size = Integer.toHexString(total);
        driver.ok("smb_create://a.l:" + size, "smb_create://b.l:" + size);
        int at = 0;
        for (int length : lengths) {
            String place = "#" + Integer.toHexString(at);
            driver.ok("bind_create://x.l#" + Integer.toHexString(at + 1) + ":" + Integer.toHexString(length) + "/b.l"
                    + place + "?event_name(all)=a.l" + place + "?event_name(all)");
            at += length;
        }
        for (int round = 1; round <= 5; round++) {
            for (at = 0; at < total; at++) {
                driver.bytes("a").put(at, (byte) (at * 13 + round));
            }

            assertThat(driver.code("event_start://all.l")).isZero();

            assertThat(driver.bytes("b")).isEqualTo(driver.bytes("a"));
        }
    }

    @Test
    void manyShortCopiesDoNotKeepOtherCommandsOut() {
        driver.ok("smb_create://a.l:10000", "smb_create://b.l:10000");
        for (int at = 1; at <= 20; at++) {
            driver.ok("bind_create://x.l#" + at + ":10000/b.l?event_name(many)=a.l?event_name(many)");
        }

        CoreBench.Asked waiting = start("many");

        assertThat(waiting.answered()).as("not in one turn").isFalse();
        assertThat(driver.await(waiting).result()).isZero();
    }

    @Test
    void closingTheDriverEndsALongCopyAndAnswersNothingMore() {
        longBind("big");
        CoreBench.Asked longOne = start("big");

        driver.core.close();
        driver.runDue();

        assertThat(longOne.answered()).isFalse();
        assertThat(driver.send("smb_find://s.l").answered()).isFalse();
    }

    @Test
    void deletesWaitForACopyThatRuns() {
        longBind("big");
        CoreBench.Asked longOne = start("big");

        CoreBench.Asked deletedBind = driver.send("bind_delete://xbig.l");
        CoreBench.Asked deletedBuffer = driver.send("smb_delete://dbig.l");

        assertThat(deletedBind.answered()).isFalse();
        assertThat(deletedBuffer.answered()).isFalse();
        assertThat(driver.code("smb_find://dbig.l"))
                .as("the name is gone at once")
                .isEqualTo(1);
        assertThat(driver.await(longOne).result()).isIn(0, -5);
        assertThat(driver.await(deletedBind).result()).isZero();
        assertThat(driver.await(deletedBuffer).result()).isZero();
    }

    @Test
    void aDeletedLocationTakesEverythingInItAlong() {
        driver.ok("location_create://c.l", "smb_create://m.c.l:100", "xfer_create://y.c.l", "sync_create://w.c.l#2");
        driver.ok("bind_create://y.c.l/m.c.l?event_name(p)=s.l:10?event_name(q)");
        CoreBench.Asked parked = start("p");
        CoreBench.Asked waiting = driver.send("sync_wait://w.c.l");

        driver.ok("location_delete://c.l");

        assertThat(parked.result()).isEqualTo(-5);
        assertThat(waiting.result()).isEqualTo(-5);
        assertThat(driver.code("smb_find://m.c.l")).isEqualTo(-19);
        driver.ok("location_create://c.l");
        assertThat(driver.code("smb_find://m.c.l")).isEqualTo(1);
    }

    @Test
    void whoTakesAReplyMayGiveTheNextCommandAtOnce() {
        bind("10", "e", "e");
        CoreBench.Asked second = new CoreBench.Asked();
        CoreBench.Peer self = new CoreBench.Peer(1, 0);

        driver.core.execute(
                self,
                "event_start://e.l",
                reply -> driver.core.execute(self, "event_start://e.l?request(2)", second.replies::add));

        assertThat(second.reply()).isEqualTo("event_start://e.l?result(0),reply(2)");
    }
}
