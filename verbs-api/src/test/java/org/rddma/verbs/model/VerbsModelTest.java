package org.rddma.verbs.model;

import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.model.Step.Operation;

/** The model must be able to fail, and for the right reason: histories made by hand, right and wrong. */
final class VerbsModelTest {
    private static final int A = 0;
    private static final int B = 1;
    private static final int A_NUMBER = 16;
    private static final int B_NUMBER = 17;
    private static final int DEPTH = 2;

    private final VerbsModel model = model(QueuePairType.RC);

    private static VerbsModel model(QueuePairType type) {
        return new VerbsModel(type, new int[] {A_NUMBER, B_NUMBER}, 1, DEPTH, DEPTH);
    }

    private static Request request(long id, Operation operation, boolean signalled) {
        return new Request(id, operation, 8, 77, signalled, false, () -> true, receive -> true);
    }

    private static WorkCompletion completion(long id, WorkCompletionStatus status, WorkCompletionOpcode opcode) {
        boolean receive = opcode.value() >= WorkCompletionOpcode.RECV.value();
        return new WorkCompletion()
                .set(id, status.value(), opcode.value(), 0, 0, 8, 0, receive ? B_NUMBER : A_NUMBER, 0, 0, 0, 0, 0);
    }

    private static WorkCompletion sent(long id) {
        return completion(id, WorkCompletionStatus.SUCCESS, WorkCompletionOpcode.RDMA_WRITE);
    }

    private static WorkCompletion failed(long id, WorkCompletionStatus status) {
        return completion(id, status, WorkCompletionOpcode.RDMA_WRITE);
    }

    private static WorkCompletion received(long id) {
        return completion(id, WorkCompletionStatus.SUCCESS, WorkCompletionOpcode.RECV);
    }

    private void post(Operation operation, long... ids) {
        for (long id : ids) {
            model.postedSend(A, request(id, operation, true), true);
        }
    }

    /** Polled one by one, and then the queue is empty. */
    private void poll(WorkCompletion... completions) {
        for (WorkCompletion completion : completions) {
            model.polled(0, new WorkCompletion[] {completion}, 1);
        }
        model.polled(0, WorkCompletion.array(1), 0);
    }

    private static void breaks(String rule, Runnable history) {
        assertThatThrownBy(history::run).isInstanceOf(AssertionError.class).hasMessageContaining(rule);
    }

    @Test
    @DisplayName("a history without mistakes is accepted: messages, unsignalled requests, an arm, an event")
    void right() {
        assertThatNoException().isThrownBy(() -> {
            model.postedReceive(B, 100, true);
            model.armed(0, NotificationType.ANY, false);
            post(Operation.SEND, 1);
            model.postedSend(A, request(2, Operation.WRITE, false), true);
            post(Operation.WRITE, 3);
            poll(received(100));
            model.event(0);
            poll(completion(1, WorkCompletionStatus.SUCCESS, WorkCompletionOpcode.SEND), sent(3));
            model.acknowledged(0, 1, true);
            model.idle();
        });
    }

    @Test
    @DisplayName("§2.4(1) send queues: order, exactly one completion, none of what was not posted")
    void sendOrder() {
        post(Operation.WRITE, 1, 2);
        breaks("complete in order", () -> poll(sent(2)));
        poll(sent(1));
        breaks("completed twice", () -> poll(sent(1)));
        breaks("was not posted", () -> poll(sent(9)));
        breaks("never completed", model::idle);
    }

    @Test
    @DisplayName("§2.4(2) an unsignalled request completes only when it fails")
    void unsignalled() {
        model.postedSend(A, request(1, Operation.WRITE, false), true);
        breaks("not signalled", () -> poll(sent(1)));
    }

    @Test
    @DisplayName("§2.4(4), §2.5 the first failure has a reason; what is behind is flushed")
    void failures() {
        post(Operation.WRITE, 1, 2, 3);
        breaks("cannot fail", () -> poll(failed(1, WorkCompletionStatus.WR_FLUSH_ERR)));
        poll(failed(2, WorkCompletionStatus.WR_FLUSH_ERR));
        breaks("is flushed", () -> poll(failed(3, WorkCompletionStatus.RETRY_EXC_ERR)));
    }

    @Test
    @DisplayName("§2.5 a reliable request with a wrong key does not succeed")
    void wrongKey() {
        post(Operation.WRITE_WITH_WRONG_KEY, 1);
        breaks("wrong key", () -> poll(sent(1)));
    }

    @Test
    @DisplayName("§2.4(1) receive queues complete in order")
    void receives() {
        model.postedReceive(B, 100, true);
        model.postedReceive(B, 101, true);
        breaks("complete in order", () -> poll(received(101)));
    }

    @Test
    @DisplayName("§2.4(16) no message that was not sent; none lost, and none twice, on RC")
    void messages() {
        model.postedReceive(B, 100, true);
        model.postedReceive(B, 101, true);
        breaks("was not sent", () -> poll(received(100)));
        post(Operation.SEND, 1);
        poll(completion(1, WorkCompletionStatus.SUCCESS, WorkCompletionOpcode.SEND));
        breaks("never arrived", model::idle);
        poll(received(101));
    }

    @Test
    @DisplayName("§2.4(8) immediate data, length, opcode and data of a message")
    void contents() {
        model.postedReceive(B, 100, true);
        post(Operation.SEND_WITH_IMMEDIATE, 1);
        breaks("no immediate data", () -> poll(received(100)));
        VerbsModel other = model(QueuePairType.RC);
        other.postedReceive(B, 100, true);
        other.postedSend(A, request(1, Operation.SEND_WITH_IMMEDIATE, true), true);
        WorkCompletion wrong = received(100)
                .set(
                        100,
                        0,
                        WorkCompletionOpcode.RECV.value(),
                        WorkCompletionFlags.WITH_IMM,
                        0,
                        8,
                        78,
                        B_NUMBER,
                        0,
                        0,
                        0,
                        0,
                        0);
        breaks("the immediate data is 78", () -> other.polled(0, new WorkCompletion[] {wrong}, 1));
    }

    @Test
    @DisplayName("§2.4(16) what UC and UD lose is allowed, what they repeat is not")
    void unreliable() {
        VerbsModel unreliable = model(QueuePairType.UC);
        unreliable.postedReceive(B, 100, true);
        unreliable.postedReceive(B, 101, true);
        Request lost = new Request(1, Operation.SEND, 9, 0, true, false, () -> true, receive -> true);
        unreliable.postedSend(A, lost, true);
        unreliable.postedSend(A, request(2, Operation.SEND, true), true);
        unreliable.polled(0, new WorkCompletion[] {received(100)}, 1);
        breaks("delivered before", () -> unreliable.polled(0, new WorkCompletion[] {received(101)}, 1));
    }

    @Test
    @DisplayName("§1.2 at most one event for each arm, only for a completion behind it")
    void events() {
        breaks("at most one event", () -> model.event(0));
        VerbsModel other = model(QueuePairType.RC);
        other.armed(0, NotificationType.ANY, false);
        other.event(0);
        breaks("only after an arm", () -> other.polled(0, WorkCompletion.array(1), 0));
    }

    @Test
    @DisplayName("§1.2 an arm for solicited completions needs one")
    void solicited() {
        model.armed(0, NotificationType.SOLICITED, false);
        post(Operation.WRITE, 1);
        model.event(0);
        breaks("only after an arm", () -> poll(sent(1)));
    }

    @Test
    @DisplayName("§1.2 a wake-up is lost only when the completion certainly came after the arm")
    void lostWakeUp() {
        post(Operation.WRITE, 1, 2);
        model.armed(0, NotificationType.ANY, true);
        model.polled(0, new WorkCompletion[] {sent(1)}, 1);
        assertThatNoException().isThrownBy(() -> model.polled(0, WorkCompletion.array(1), 0));
        poll(sent(2));
        breaks("lost wake-up", model::idle);
        model.event(0);
        model.idle();
    }

    @Test
    @DisplayName("§1.5 as many events can be acknowledged as were read; §2.2 posts are refused only when it is full")
    void accounts() {
        breaks("can be acknowledged", () -> model.acknowledged(0, 1, true));
        breaks("can be acknowledged", () -> model.acknowledged(0, 0, false));
        post(Operation.WRITE, 1);
        breaks("was refused", () -> model.postedSend(A, request(2, Operation.WRITE, true), false));
        post(Operation.WRITE, 2);
        assertThatNoException().isThrownBy(() -> model.postedSend(A, request(3, Operation.WRITE, true), false));
    }
}
