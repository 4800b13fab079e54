package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Capability;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.Requirements;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.app.WaitOptions;
import org.rddma.verbs.app.WorkQueue;
import org.rddma.verbs.app.WorkQueueOptions;
import org.rddma.verbs.app.WorkQueues;
import org.rddma.verbs.conformance.HangGuard;

/** Queues that are asked for by what their device must have. */
@HangGuard
final class WorkQueueRequestTest {
    private static final Requirements NEEDS = Requirements.NONE
            .queuePair(QueuePairType.RC, WorkRequestOpcode.SEND)
            .capabilities(Capability.SHARE_ALL)
            .provider("softdev");

    @Test
    @DisplayName("queues asked for by capability reach each other, and close their contexts with them")
    void requestedQueuesTalk() {
        try (WorkQueue a = WorkQueue.request(NEEDS, WorkQueueOptions.DEFAULT);
                WorkQueues group = WorkQueues.request(NEEDS.freeQueuePairs(2), WorkQueueOptions.DEFAULT)) {
            WorkQueue b = group.add();
            a.connect(b.endpoint());
            b.connect(a.endpoint());
            assertThat(a.send(ByteBuffer.wrap(new byte[] {42}))).isTrue();
            assertThat(group.serve(WorkQueue::send, 10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(a.receiveSync(10, TimeUnit.SECONDS).get()).isEqualTo((byte) 42);
        } // that nothing is left open is seen to by the guard against leaks
    }

    @Test
    @DisplayName("what no device has is refused, with nothing left open")
    void impossibleRequests() {
        Requirements impossible = NEEDS.capabilities(Capability.PATH_MIGRATION);
        refused("select", Errno.ENODEV, () -> WorkQueue.request(impossible, WorkQueueOptions.DEFAULT));
        refused("select", Errno.ENODEV, () -> WorkQueues.request(impossible, WorkQueueOptions.DEFAULT));
    }

    @Test
    @DisplayName(
            "a queue that cannot be made leaves nothing behind, whichever of its objects the device has no room for")
    void failureLeavesNothing() {
        int[][] limits = {{1, 2, 2, 2}, {2, 1, 2, 2}, {2, 2, 1, 2}, {2, 2, 2, 1}}; // of what a queue needs one each
        for (int[] most : limits) {
            SoftDeviceOptions options = SoftDeviceOptions.DEFAULT.withLimits(new DeviceLimits(
                    most[0], 8, 2, 32, most[1], 16, 2, most[2], 4096, most[3], 2, 4, 4, 1L << 31, 1, 2, 8, 2, 2, 2, 2,
                    100, 100));
            try (SoftContext context =
                            new SoftFabric().addDevice("small0", options).open();
                    WorkQueues group = WorkQueues.on(context, new WorkQueueOptions(1, 8, WaitOptions.SLEEP))) {
                for (int i = 0; i < 10; i++) {
                    WorkQueue only = group.add();
                    for (int attempt = 0; attempt < 3; attempt++) {
                        assertThat(catchThrowableOfType(VerbsException.class, group::add)
                                        .errno())
                                .isEqualTo(Errno.ENOMEM);
                    }
                    only.close();
                }
            }
        }
    }
}
