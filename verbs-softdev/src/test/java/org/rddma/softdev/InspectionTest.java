package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.PortState;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.Endpoint;

/** What the extensions of the software device show and do, from a program that knows only the verbs otherwise. */
@Timeout(60)
final class InspectionTest {
    private final SoftFabric fabric = new SoftFabric();
    private final Context context =
            fabric.addDevice("seen0", SoftDeviceOptions.DEFAULT).open();
    private final SoftInspection inspection =
            context.extension(SoftInspection.class).orElseThrow();
    private final CompletionChannel channel = context.createCompletionChannel();
    private final CompletionQueue queue = context.createCompletionQueue(
            new CompletionQueueAttributes().entries(4).channel(channel));
    private final ProtectionDomain domain = context.allocateProtectionDomain();
    private final MemoryRegion memory = domain.allocateMemory(64, AccessFlags.LOCAL_WRITE);
    private final QueuePair a = domain.createQueuePair(new QueuePairInitAttributes().completionQueue(queue));
    private final QueuePair b = domain.createQueuePair(
            new QueuePairInitAttributes().completionQueue(queue).maxReceiveRequests(8));

    @AfterEach
    void close() {
        context.close();
    }

    private void send() {
        a.postSend(new SendRequest().send().flags(SendFlags.SIGNALED).sge(new ScatterGatherElement(memory, 0, 8)));
    }

    private void receive() {
        b.postReceive(new ReceiveRequest(1, new ScatterGatherElement(memory, 32, 8)));
    }

    @Test
    void theRingsAreSeenAsTheyFillAndEmpty() {
        Endpoint.connect(a, b);
        assertThat(inspection.view(queue))
                .isEqualTo(new CompletionQueueView(0, 0, 4, 0, ArmWord.DISARMED, false, 0, Map.of(), 0, 0));
        receive();
        assertThat(inspection.view(b).receives().outstanding()).isEqualTo(1);
        send();
        assertThat(inspection.view(queue).waiting()).isEqualTo(2);
        assertThat(inspection.view(a).sends().posted()).isEqualTo(1);
        assertThat(inspection.view(a).sends().executed()).isEqualTo(1);
        assertThat(inspection.view(a).state()).isEqualTo(QueuePairState.RTS);
        assertThat(inspection.view(b).receives().outstanding()).isZero();
        assertThat(queue.poll(WorkCompletion.array(2))).isEqualTo(2);
        receive();
        send();
        assertThat(inspection.view(queue).generation()).isEqualTo(1);
        assertThat(inspection.view(queue).producer()).isEqualTo(4);
        assertThat(inspection.view(queue).consumer()).isEqualTo(2);
    }

    @Test
    void theArmWordAndTheEventsAreSeen() {
        Endpoint.connect(a, b);
        assertThat(queue.requestNotify(NotificationType.SOLICITED)).isFalse();
        assertThat(inspection.view(queue).armWord()).isEqualTo(ArmWord.SOLICITED);
        assertThat(queue.requestNotify(NotificationType.ANY)).isFalse();
        assertThat(inspection.view(queue).armWord()).isEqualTo(ArmWord.ANY);
        receive();
        send();
        assertThat(inspection.view(queue).armWord()).isEqualTo(ArmWord.DISARMED);
        assertThat(inspection.view(queue).eventsRaised()).isEqualTo(1);
        assertThat(channel.getEvent()).isSameAs(queue);
        assertThat(inspection.view(queue).eventsUnacknowledged()).isEqualTo(1);
        queue.ackEvents(1);
        assertThat(inspection.view(queue).eventsUnacknowledged()).isZero();
    }

    @Test
    void failuresAndWhatIsLostAreCounted() {
        Endpoint.connect(a, b);
        for (int i = 0; i < 6; i++) {
            receive();
        }
        b.modify(new QueuePairAttributes().state(QueuePairState.ERR));

        CompletionQueueView view = inspection.view(queue);
        assertThat(view.failed()).isEqualTo(Map.of(WorkCompletionStatus.WR_FLUSH_ERR, 4L));
        assertThat(view.overrun()).isTrue();
        assertThat(view.lost()).isEqualTo(2);
        assertThat(inspection.view(b).state()).isEqualTo(QueuePairState.ERR);
    }

    @Test
    void retriesAreCountedAndFaultsAreCalls() {
        Endpoint.connect(a, b);
        send(); // nobody has posted a receive
        assertThat(inspection.view(a).notReadyRetries()).isPositive();
        assertThat(inspection.view(a).timeoutRetries()).isZero();
        SoftFaults faults = context.extension(SoftFaults.class).orElseThrow();
        faults.portDown();
        assertThat(context.queryPort(1).state()).isEqualTo(PortState.DOWN);
        faults.portUp();
        assertThat(context.queryPort(1).state()).isEqualTo(PortState.ACTIVE);
        faults.remove();
        assertThatThrownBy(() -> context.device().open())
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
    }

    @Test
    void closedObjectsCanStillBeLookedAt() {
        context.close();

        assertThat(inspection.view(queue).producer()).isZero();
        assertThat(inspection.view(a).state()).isEqualTo(QueuePairState.RESET);
    }

    @Test
    void whatIsNotThereIsEmptyAndWhatIsWrongIsRefused() {
        assertThat(context.extension(SoftSchedule.class)).isEmpty();
        assertThat(context.extension(Runnable.class)).isEmpty();
        assertThat(context.extension(SoftContext.class)).containsSame((SoftContext) context);
        SoftSchedule schedule = SoftSchedule.seeded(1);
        SoftDevice stepped = new SoftFabric(schedule).addDevice("stepped0", SoftDeviceOptions.DEFAULT);
        try (Context other = stepped.open()) {
            assertThat(other.extension(SoftSchedule.class)).containsSame(schedule);
            assertThatThrownBy(() ->
                            other.extension(SoftInspection.class).orElseThrow().view(queue))
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        }
        assertThatThrownBy(() -> inspection.view((QueuePair) null)).isInstanceOf(VerbsException.class);
        assertThatThrownBy(() -> context.extension(null))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }
}
