package org.rddma.verbs.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.RegionChange;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.WorkRequest;
import org.rddma.verbs.XrcDomain;

/** What is copied on its way through a layer is copied whole: a field that is added some day must be added there too. */
final class PassingTest {
    private final Layer layer = new Layer(PassingTest.class, Idle::new);

    /** Does nothing. */
    private static final class Idle implements Interceptor {
        @Override
        public Object intercept(Call call) throws Throwable {
            return call.proceed();
        }

        @Override
        public Object notesFor(Class<?> type, Object target) {
            return null;
        }
    }

    @Test
    void everyFieldOfASendRequestArrives() throws Exception {
        SendRequest from = new SendRequest()
                .sendWithImmediate(1)
                .compareAndSwap(2, 3, 4, 5)
                .bindMemoryWindow(
                        wrapped(MemoryWindow.class),
                        6,
                        new MemoryWindowBind().show(wrapped(MemoryRegion.class), 7, 8, 9))
                .flush(10, 11, 12, 13, FlushLevel.REGION)
                .wrId(14)
                .flags(15)
                .datagram(wrapped(AddressHandle.class), 16, 17)
                .inlineData(ByteBuffer.allocate(18))
                .xrcSharedReceiveQueue(19)
                .sges(new ScatterGatherElement().set(20, 21, 22), null);
        assertArrives(SendRequest.class, from, "next", "own");
        assertArrives(WorkRequest.class, from, "own");
    }

    @Test
    void everyFieldOfQueuePairAttributesArrives() throws Exception {
        assertArrives(
                QueuePairInitAttributes.class,
                new QueuePairInitAttributes()
                        .type(QueuePairType.UD)
                        .sendCompletionQueue(wrapped(CompletionQueue.class))
                        .receiveCompletionQueue(wrapped(CompletionQueue.class))
                        .maxSendRequests(2)
                        .maxReceiveRequests(3)
                        .maxSendElements(4)
                        .maxReceiveElements(5)
                        .maxInlineData(6)
                        .signalAll(true)
                        .userContext("mine")
                        .sharedReceiveQueue(wrapped(SharedReceiveQueue.class))
                        .xrcDomain(wrapped(XrcDomain.class))
                        .sendOperations(7));
    }

    @Test
    void everyFieldOfCompletionQueueAttributesArrives() throws Exception {
        assertArrives(
                CompletionQueueAttributes.class,
                new CompletionQueueAttributes()
                        .entries(2)
                        .userContext("mine")
                        .channel(wrapped(CompletionChannel.class))
                        .vector(3)
                        .fields(4)
                        .singleThreaded(true)
                        .ignoreOverrun(true)
                        .parentDomain(wrapped(ProtectionDomain.class)));
    }

    @Test
    void everyFieldOfOtherArgumentsArrives() throws Exception {
        assertArrives(
                SharedReceiveQueueAttributes.class,
                new SharedReceiveQueueAttributes()
                        .maxRequests(2)
                        .maxElements(3)
                        .userContext("mine")
                        .xrc(wrapped(XrcDomain.class), wrapped(CompletionQueue.class)));
        assertArrives(
                MemoryWindowBind.class,
                new MemoryWindowBind().wrId(1).flags(2).show(wrapped(MemoryRegion.class), 3, 4, 5));
        assertArrives(
                RegionChange.class,
                new RegionChange()
                        .memory(ByteBuffer.allocate(1), 2, 3)
                        .protectionDomain(wrapped(ProtectionDomain.class))
                        .access(4));
    }

    @Test
    void aChainThatBitesItsTailArrivesAsOne() {
        SendRequest first = new SendRequest().datagram(wrapped(AddressHandle.class), 0, 0);
        SendRequest second = new SendRequest();
        first.next(second.next(first));
        SendRequest copy = (SendRequest) new Passing(layer).down(new Object[] {first})[0];
        assertThat(copy).isNotSameAs(first);
        assertThat(copy.next().next()).isSameAs(copy);
        assertThat(first.next()).isSameAs(second);
        assertThat(second.next()).isSameAs(first);
    }

    @Test
    void whatNamesNoWrapperIsNotCopied() {
        SendRequest request = new SendRequest().next(new SendRequest());
        assertThat(new Passing(layer).down(new Object[] {request})[0]).isSameAs(request);
    }

    private <T> T wrapped(Class<T> type) {
        Object target = Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "hashCode" -> 1;
                    case "equals" -> proxy == arguments[0];
                    default -> "a stub";
                });
        return layer.wrap(type, type.cast(target));
    }

    /** Every field of the copy is as in the original, with the objects below in place of the wrappers. */
    private void assertArrives(Class<?> type, Object from, String... except) throws IllegalAccessException {
        Object copy = new Passing(layer).down(new Object[] {from})[0];
        assertThat(copy).isNotSameAs(from);
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || Arrays.asList(except).contains(field.getName())) {
                continue;
            }
            field.setAccessible(true);
            Object before = field.get(from);
            assertThat(before).as("the test sets %s", field.getName()).isNotIn(null, 0, 0L, false);
            assertThat(field.get(copy)).as(field.getName()).isEqualTo(layer.unwrap(before));
        }
    }
}
