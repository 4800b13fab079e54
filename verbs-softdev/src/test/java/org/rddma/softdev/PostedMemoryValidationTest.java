package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendOperations;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.HangGuard;
import org.rddma.verbs.layer.Validation;

/** Whose memory is watched while it is posted, and what may not be closed then. */
@HangGuard
final class PostedMemoryValidationTest {
    private static final int PEERS = AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE;
    private static final int BOUND = AccessFlags.LOCAL_WRITE | AccessFlags.MW_BIND;

    private final LayerWorld world = new LayerWorld(Validation::of);
    private final WorkCompletion[] done = WorkCompletion.array(16);

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void whatPeersMayWriteToMayChangeWhileItIsSent() {
        for (int access : new int[] {PEERS, AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_ATOMIC, BOUND}) {
            MemoryRegion open = world.domain.allocateMemory(64, access);
            sendWhileItChanges(open);
            assertThat(world.queue.poll(done)).isEqualTo(2);
        }
    }

    @Test
    void whatPeersMayWriteToByWayOfAnotherRegionMayChangeToo() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(128);
        MemoryRegion sent = world.domain.registerMemory(buffer, 0, 64, AccessFlags.LOCAL_WRITE);
        MemoryRegion beside = world.domain.registerMemory(buffer, 64, 64, PEERS);
        sendWhileItChanges(sent);
        refused("poll", Errno.EINVAL, () -> world.queue.poll(done));
        MemoryRegion same = world.domain.registerMemory(buffer, 0, 64, PEERS);
        sendWhileItChanges(sent);
        assertThat(world.queue.poll(done)).isEqualTo(2);
        same.close();
        sendWhileItChanges(sent);
        refused("poll", Errno.EINVAL, () -> world.queue.poll(done));
        beside.close();
    }

    @Test
    void whatPeersMayWriteToByWayOfARegionOverAllMemoryMayChange() {
        MemoryRegion all = all(PEERS);
        sendWhileItChanges(world.memory);
        assertThat(world.queue.poll(done)).isEqualTo(2);
        all.close();
        sendWhileItChanges(world.memory);
        refused("poll", Errno.EINVAL, () -> world.queue.poll(done));
    }

    private MemoryRegion all(int access) {
        assumeThat(world.context.device().attributes().has(Capability.SHARE_ALL))
                .as("this system lets software do what it takes")
                .isTrue();
        return world.domain.registerAll(access);
    }

    private void sendWhileItChanges(MemoryRegion region) {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 0).sge(new ScatterGatherElement(region, 0, 10)));
        ByteBuffer memory = region.buffer();
        memory.put(3, (byte) (memory.get(3) + 1)); // as a peer would
    }

    @Test
    void aRegionOverAllMemoryIsNotClosedWhileRequestsNameIt() {
        MemoryRegion all = all(AccessFlags.LOCAL_WRITE);
        ByteBuffer buffer = ByteBuffer.allocateDirect(64);
        ScatterGatherElement element = new ScatterGatherElement().set(all.addressOf(buffer, 0), 64, all.lkey());
        world.b.postReceive(new ReceiveRequest(1, element));
        assertThat(refused("close", Errno.EBUSY, all::close)).hasMessageContaining("1 requests");
        world.a.postSend(world.send(7, 10));
        assertThat(world.queue.poll(done)).isEqualTo(2);
        all.close();
    }

    @Test
    void aRegionIsNotClosedWhileABindNamesIt() {
        MemoryRegion region = world.domain.allocateMemory(64, BOUND);
        MemoryWindow window = world.domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
        world.a.bindMemoryWindow(window, bind(region).wrId(7).flags(SendFlags.SIGNALED));
        assertThat(refused("close", Errno.EBUSY, region::close)).hasMessageContaining("named by 1 requests");
        assertThat(world.queue.poll(done)).isEqualTo(1);
        window.close();
        region.close();
    }

    @Test
    void aRegionIsNotClosedWhileABindOfABatchNamesIt() {
        QueuePair pair = world.domain.createQueuePair(
                new QueuePairInitAttributes().completionQueue(world.queue).sendOperations(SendOperations.BIND_MW));
        Endpoint.connect(pair, pair);
        MemoryRegion region = world.domain.allocateMemory(64, BOUND);
        MemoryWindow window = world.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        SendBuilder builder = pair.sendBuilder();
        builder.start();
        builder.wrId(7)
                .flags(SendFlags.SIGNALED)
                .bindMemoryWindow(window, MemoryWindow.incrementRkey(window.rkey()), bind(region));
        assertThat(builder.complete()).isTrue();
        assertThat(refused("close", Errno.EBUSY, region::close)).hasMessageContaining("named by 1 requests");
        assertThat(world.queue.poll(done)).isEqualTo(1);
        window.close();
        region.close();
    }

    private static MemoryWindowBind bind(MemoryRegion region) {
        return new MemoryWindowBind().show(region, region.address(), 64, AccessFlags.REMOTE_WRITE);
    }

    @Test
    void memoryOfAChainThatBitesItsTailCanBeClosed() {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        refused("close", Errno.EBUSY, world.memory::close);
        SendRequest send = world.send(8, 10);
        world.a.postSend(send.next(send));
        ReceiveRequest receive = world.receive(2, 100);
        world.b.postReceive(receive.next(receive));
        while (world.queue.poll(done) > 0) {
            assertThat(done[0].wrId()).isPositive();
        }
        world.memory.close();
    }

    @Test
    void anEndlessChainOfReceivesEndsTheNotesOfThoseBefore() {
        world.b.postReceive(world.receive(1, 100));
        ReceiveRequest receive = world.receive(2, 100);
        world.b.postReceive(receive.next(receive));
        world.memory.close();
    }
}
