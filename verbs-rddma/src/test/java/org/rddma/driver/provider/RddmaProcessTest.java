package org.rddma.driver.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Completions;
import org.rddma.verbs.conformance.HangGuard;

/** Peers in two processes on one driver. */
@HangGuard(seconds = 60)
final class RddmaProcessTest {
    private static final int IMPATIENT = 1_000;
    private static final int MESSAGES = 50;

    @TempDir
    Path folder;

    @Test
    void messagesReachAnotherProcessAndWhenItIsKilledOnlyItsConnectionFails() throws Exception {
        Path socket = folder.resolve("driver.socket");
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), IMPATIENT)) {
            driver.emulator.listen(socket);
            try (Side here = driver.side("own0");
                    Side neighbour = driver.side("own1");
                    RemoteSide there = new RemoteSide(socket, here.pair)) {
                Endpoint.connect(neighbour.pair, neighbour.pair);
                there.endpoint.connect(here.pair);
                byte[] sent = here.fill(0, 64, 7);
                for (int i = 0; i < MESSAGES; i++) {
                    here.post(here.request(i, 0, 64));
                    Completions.success(here.sends, i, WorkCompletionOpcode.SEND);
                }
                here.post(here.request(100, 1024, 64).read(there.address, there.key));
                Completions.success(here.sends, 100, WorkCompletionOpcode.RDMA_READ);
                assertThat(here.bytes(1024, 64)).isEqualTo(sent);
                there.kill();
                here.post(here.request(101, 0, 64).next(here.request(102, 0, 64).next(here.request(103, 0, 64))));
                WorkCompletion last = new WorkCompletion();
                for (int i = 101; i <= 103; i++) {
                    last = Completions.next(here.sends, Duration.ofSeconds(10));
                    assertThat(last.status())
                            .isIn(
                                    WorkCompletionStatus.SUCCESS, // a bell that the dead had asked for is still rung
                                    WorkCompletionStatus.RETRY_EXC_ERR,
                                    WorkCompletionStatus.WR_FLUSH_ERR);
                }
                assertThat(last.isSuccess()).isFalse();
                assertThat(here.pair.state()).isEqualTo(QueuePairState.ERR);
                neighbour.receive(1, 0, 8);
                neighbour.post(neighbour.request(2, 8, 8).flags(SendFlags.SIGNALED));
                Completions.success(neighbour.receives, 1, WorkCompletionOpcode.RECV);
                Completions.success(neighbour.sends, 2, WorkCompletionOpcode.SEND);
            }
        }
    }
}
