package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.HangGuard;
import org.rddma.verbs.conformance.LeavesEventsUnacknowledged;
import org.rddma.verbs.layer.Tracing;
import org.rddma.verbs.layer.Validation;

/** The flight recorder is told of what the program did wrong, once, and of nothing that only layers do. */
@HangGuard
final class LayerRecordingTest {
    @TempDir
    Path folder;

    @Test
    void aRefusalThatPassesThroughLayersIsRecordedOnce() throws IOException {
        try (LayerWorld world = new LayerWorld(LayerRecordingTest::layered)) {
            QueuePair pair = world.domain.createQueuePair(
                    new QueuePairInitAttributes().type(QueuePairType.UD).completionQueue(world.queue));
            Endpoint.activate(pair);
            AddressHandle handle = world.domain.createAddressHandle(AddressVector.to(world.context.queryGid(1, 0)));
            SendRequest bad = world.send(2, -1).datagram(handle, pair.number(), Endpoint.QKEY);
            assertThat(recorded(() -> {
                        VerbsException thrown = refused("postSend", Errno.EINVAL, () -> pair.postSend(bad));
                        assertThat(thrown.badRequest()).containsSame(bad);
                        assertThat(thrown).hasCauseInstanceOf(VerbsException.class);
                        assertThat(thrown).hasMessage(thrown.getCause().getMessage());
                    }))
                    .containsExactly("postSend EINVAL");
        }
    }

    private static Context layered(Context context) {
        return Tracing.of(Validation.of(context), line -> {});
    }

    @Test
    @LeavesEventsUnacknowledged
    void aWaitForAcknowledgementsIsRecordedAsTheFindingThatEndsIt() throws IOException {
        try (LayerWorld world = new LayerWorld(Validation::of)) {
            world.queue.requestNotify(NotificationType.ANY);
            world.b.postReceive(world.receive(1, 100));
            world.a.postSend(world.send(7, 10));
            CompletionQueue event = world.channel.getEvent();
            world.a.close();
            world.b.close();
            assertThat(recorded(() -> refused("close", Errno.EBUSY, world.queue::close)))
                    .containsExactly("close EBUSY");
            event.ackEvents(1);
            world.queue.close();
        }
    }

    private List<String> recorded(Runnable verbs) throws IOException {
        try (Recording recording = new Recording()) {
            recording.enable("rddma.VerbsError");
            recording.start();
            verbs.run();
            recording.stop();
            Path file = Files.createTempFile(folder, "verbs", ".jfr");
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals("rddma.VerbsError"))
                    .map(event -> event.getString("verb") + " " + event.getString("errno"))
                    .toList();
        }
    }
}
