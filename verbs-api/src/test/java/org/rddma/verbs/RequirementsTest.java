package org.rddma.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.spi.NumaNodes;

/** Every condition: a device that just meets it, one that just does not, and what is said of that. */
final class RequirementsTest {
    private static final NumaNodes NODES = NumaNodes.of(0, Map.of(0, List.of(10, 21), 1, List.of(21, 10)));

    private final PretendedDevice device = new PretendedDevice();

    private List<String> refusals(Requirements requirements) {
        return Selection.among(() -> List.of(device), NODES, requirements)
                .ranking()
                .get(0)
                .refusals();
    }

    private void accepted(Requirements requirements) {
        assertThat(refusals(requirements)).as("refusals for %s", requirements).isEmpty();
    }

    private void refused(Requirements requirements, String reason) {
        assertThat(refusals(requirements)).as("refusals for %s", requirements).containsExactly(reason);
    }

    // ---- always

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 50, 99, 100})
    void aPriorityFromOneToAHundredIsChosen(int priority) {
        device.priority = priority;
        accepted(Requirements.NONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 101, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void anyOtherPriorityKeepsADeviceFromBeingChosen(int priority) {
        device.priority = priority;
        refused(Requirements.NONE, "its priority " + priority + " keeps it from being chosen");
    }

    @ParameterizedTest
    @EnumSource(PortState.class)
    void aDeviceIsChosenOnlyWithAnActivePort(PortState state) {
        device.ports = List.of(PretendedDevice.port(state, Mtu.MTU_4096));
        if (state == PortState.ACTIVE) {
            accepted(Requirements.NONE);
        } else {
            refused(Requirements.NONE, "none of its ports is active");
        }
    }

    @Test
    void anyActivePortWillDo() {
        device.ports = List.of(
                PretendedDevice.port(PortState.DOWN, Mtu.MTU_4096),
                PretendedDevice.port(PortState.ACTIVE, Mtu.MTU_256));
        accepted(Requirements.NONE);
        device.ports = List.of();
        refused(Requirements.NONE, "none of its ports is active");
    }

    @Test
    void aDeviceWithoutAFreeQueuePairIsNotChosen() {
        device.freeQueuePairs = 0;
        refused(Requirements.NONE, "0 of its queue pairs are free, not 1");
        device.freeQueuePairs = 1;
        accepted(Requirements.NONE);
    }

    @Test
    void aDeviceWithoutAFreeCompletionQueueIsNotChosen() {
        device.freeCompletionQueues = 0;
        refused(Requirements.NONE, "0 of its completion queues are free, not 1");
        device.freeCompletionQueues = 1;
        accepted(Requirements.NONE);
    }

    // ---- on request

    @ParameterizedTest
    @CsvSource({"UC,UNRELIABLE_CONNECTION", "UD,DATAGRAM", "XRC_SEND,XRC", "XRC_RECV,XRC"})
    void aTypeOfQueuePairNeedsItsCapability(QueuePairType type, Capability capability) {
        Requirements wanted = Requirements.NONE.queuePair(type);
        accepted(wanted);
        device.capabilities.remove(capability);
        refused(wanted, "it has no " + type + " queue pairs");
    }

    @Test
    void reliableConnectionsAreEverywhereAndRawPacketsNowhere() {
        device.capabilities = EnumSet.noneOf(Capability.class);
        accepted(Requirements.NONE.queuePair(QueuePairType.RC, WorkRequestOpcode.SEND, WorkRequestOpcode.RDMA_WRITE));
        refused(Requirements.NONE.queuePair(QueuePairType.RAW_PACKET), "it has no RAW_PACKET queue pairs");
        refused(Requirements.NONE.queuePair(QueuePairType.DRIVER), "it has no DRIVER queue pairs");
    }

    @ParameterizedTest
    @CsvSource({
        "RDMA_READ,RDMA_READ",
        "ATOMIC_CMP_AND_SWP,ATOMICS",
        "ATOMIC_FETCH_AND_ADD,ATOMICS",
        "ATOMIC_WRITE,ATOMIC_WRITE",
        "FLUSH,FLUSH",
        "LOCAL_INV,INVALIDATE",
        "SEND_WITH_INV,INVALIDATE"
    })
    void anOpcodeNeedsItsCapability(WorkRequestOpcode opcode, Capability capability) {
        Requirements wanted = Requirements.NONE.queuePair(QueuePairType.RC, WorkRequestOpcode.SEND, opcode);
        accepted(wanted);
        device.capabilities.remove(capability);
        refused(wanted, "its RC queue pairs cannot do " + opcode.text());
    }

    @Test
    void anOpcodeMustBeOneOfTheTypeThatItWasAskedForWith() {
        Requirements reads = Requirements.NONE.queuePair(QueuePairType.RC, WorkRequestOpcode.RDMA_READ);
        accepted(reads.queuePair(QueuePairType.UD));
        refused(
                reads.queuePair(QueuePairType.UD, WorkRequestOpcode.RDMA_READ, WorkRequestOpcode.RDMA_WRITE),
                "its UD queue pairs cannot do rdma-write, rdma-read");
        refused(
                Requirements.NONE.queuePair(QueuePairType.XRC_RECV, WorkRequestOpcode.SEND),
                "its XRC_RECV queue pairs cannot do send");
    }

    @ParameterizedTest
    @EnumSource(Capability.class)
    void aCapabilityIsLookedFor(Capability capability) {
        device.capabilities = EnumSet.allOf(Capability.class);
        accepted(Requirements.NONE.capabilities(Capability.MODERATION, capability));
        device.capabilities.remove(capability);
        refused(Requirements.NONE.capabilities(capability), "it does not have " + capability);
    }

    @Test
    void everyMissingCapabilityIsNamed() {
        device.capabilities = EnumSet.of(Capability.INLINE);
        assertThat(refusals(Requirements.NONE.capabilities(Capability.SHARE_ALL, Capability.INLINE, Capability.XRC)))
                .containsExactly("it does not have SHARE_ALL", "it does not have XRC");
    }

    @ParameterizedTest
    @CsvSource({
        "NONE,NONE,true",
        "NONE,HCA,false",
        "NONE,GLOB,false",
        "HCA,NONE,true",
        "HCA,HCA,true",
        "HCA,GLOB,false",
        "GLOB,NONE,true",
        "GLOB,HCA,true",
        "GLOB,GLOB,true"
    })
    void atomicsAreAtLeastAsStrongAsAskedFor(AtomicCapability actual, AtomicCapability least, boolean enough) {
        device.atomics = actual;
        if (enough) {
            accepted(Requirements.NONE.atomics(least));
        } else {
            refused(Requirements.NONE.atomics(least), "its atomics are " + actual + ", not " + least);
        }
    }

    @Test
    void aWeaklyOrderedDeviceIsRefusedOnlyWhenOrderIsAskedFor() {
        accepted(Requirements.NONE.strongOrder());
        device.capabilities.add(Capability.WEAK_ORDER);
        accepted(Requirements.NONE);
        refused(Requirements.NONE.strongOrder(), "its completions may overtake each other (WEAK_ORDER)");
    }

    @Test
    void freeQueuePairsAreCounted() {
        device.freeQueuePairs = 7;
        accepted(Requirements.NONE.freeQueuePairs(7));
        refused(Requirements.NONE.freeQueuePairs(8), "7 of its queue pairs are free, not 8");
    }

    @Test
    void freeCompletionQueuesAreCounted() {
        device.freeCompletionQueues = 7;
        accepted(Requirements.NONE.freeCompletionQueues(7));
        refused(Requirements.NONE.freeCompletionQueues(8), "7 of its completion queues are free, not 8");
    }

    @Test
    void completionVectorsAreCounted() {
        device.vectors = 7;
        accepted(Requirements.NONE.completionVectors(7));
        refused(Requirements.NONE.completionVectors(8), "it has 7 completion vectors, not 8");
    }

    @ParameterizedTest
    @EnumSource(DeviceLimit.class)
    void everyLimitIsReadAndNoOtherInItsPlace(DeviceLimit limit) {
        device.limits.put(limit, 7);
        accepted(Requirements.NONE.limit(limit, 7));
        refused(Requirements.NONE.limit(limit, 8), "its " + limit.field() + " is 7, not 8");
        for (DeviceLimit other : DeviceLimit.values()) {
            if (other != limit) {
                accepted(Requirements.NONE.limit(other, 1000));
            }
        }
    }

    @Test
    void everyFieldOfTheLimitsCanBeAskedFor() {
        assertThat(Arrays.stream(DeviceLimit.values()).map(DeviceLimit::field))
                .containsExactlyElementsOf(Arrays.stream(DeviceLimits.class.getRecordComponents())
                        .map(RecordComponent::getName)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "INLINE_DATA,INLINE",
        "ADDRESS_HANDLES,DATAGRAM",
        "SHARED_RECEIVE_QUEUES,SHARED_RECEIVE_QUEUE",
        "SHARED_RECEIVE_REQUESTS,SHARED_RECEIVE_QUEUE",
        "SHARED_RECEIVE_ELEMENTS,SHARED_RECEIVE_QUEUE",
        "MULTICAST_GROUPS,MULTICAST",
        "MULTICAST_MEMBERS,MULTICAST",
        "MODERATION_COUNT,MODERATION",
        "MODERATION_PERIOD_MICROS,MODERATION"
    })
    void theLimitOfWhatADeviceCannotDoIsZero(DeviceLimit limit, Capability capability) {
        device.capabilities.remove(capability);
        refused(Requirements.NONE.limit(limit, 1), "its " + limit.field() + " is 0, not 1");
        accepted(Requirements.NONE.limit(limit, 0));
    }

    @Test
    void memoryWindowsOfOneTypeAreMemoryWindows() {
        device.capabilities.remove(Capability.MEMORY_WINDOW_TYPE_1);
        accepted(Requirements.NONE.limit(DeviceLimit.MEMORY_WINDOWS, 1));
        device.capabilities.remove(Capability.MEMORY_WINDOW_TYPE_2);
        refused(Requirements.NONE.limit(DeviceLimit.MEMORY_WINDOWS, 1), "its maxMemoryWindows is 0, not 1");
    }

    @Test
    void theMtuMustBeThatOfAnActivePort() {
        device.ports = List.of(
                PretendedDevice.port(PortState.DOWN, Mtu.MTU_4096),
                PretendedDevice.port(PortState.ACTIVE, Mtu.MTU_1024));
        accepted(Requirements.NONE.mtu(Mtu.MTU_1024));
        refused(Requirements.NONE.mtu(Mtu.MTU_2048), "none of its ports is active with an MTU of 2048");
    }

    @Test
    void theProviderIsComparedWhole() {
        accepted(Requirements.NONE.provider("pretended"));
        refused(Requirements.NONE.provider("pretend"), "its provider is pretended");
    }

    @Test
    void theNameMustMatchAllOfThePattern() {
        accepted(Requirements.NONE.name(Pattern.compile("pretended[0-3]")));
        refused(Requirements.NONE.name(Pattern.compile("pretended")), "its name does not match pretended");
    }

    @Test
    void aRequiredNodeIsOneOfThoseGiven() {
        device.numaNode = 1;
        accepted(Requirements.NONE.numaNode(1));
        accepted(Requirements.NONE.numaNode(0, 1));
        refused(Requirements.NONE.numaNode(0), "it is at node 1, not at [0]");
        device.numaNode = -1;
        refused(Requirements.NONE.numaNode(0, 1), "its node is not known, and it must be [0, 1]");
    }

    @Test
    void aPreferredNodeRefusesNobody() {
        device.numaNode = 1;
        accepted(Requirements.NONE.preferNumaNode(0));
        accepted(Requirements.NONE.preferNumaNode(7));
    }

    // ---- together

    @Test
    void whatWasAskedForBeforeStaysAskedFor() {
        device.freeQueuePairs = 3;
        refused(Requirements.NONE.freeQueuePairs(4).freeQueuePairs(2), "3 of its queue pairs are free, not 4");
        device.provider = "a";
        refused(Requirements.NONE.provider("a").provider("b"), "its provider is a");
        refused(Requirements.NONE.numaNode(0).numaNode(1), "it is at node 0, not at [1]");
    }

    @Test
    void allThatIsWrongIsSaidAndNothingTwice() {
        device.priority = 0;
        device.vectors = 1;
        device.freeQueuePairs = 0;
        assertThat(refusals(Requirements.NONE
                        .completionVectors(2)
                        .freeQueuePairs(1)
                        .preferNumaNode(1)
                        .provider("other")
                        .mtu(Mtu.MTU_4096)))
                .containsExactly(
                        "its priority 0 keeps it from being chosen",
                        "0 of its queue pairs are free, not 1",
                        "it has 1 completion vectors, not 2",
                        "its provider is pretended");
    }

    @Test
    void addingMakesNewRequirementsAndLeavesTheOldOnesAlone() {
        Requirements before = Requirements.NONE.provider("pretended");
        Requirements after = before.provider("other");
        accepted(before);
        accepted(Requirements.NONE);
        refused(after, "its provider is pretended");
        int[] nodes = {0};
        Requirements atNode = Requirements.NONE.numaNode(nodes);
        nodes[0] = 1;
        accepted(atNode);
    }

    @Test
    void theyAreShownInWords() {
        assertThat(Requirements.NONE).hasToString("any device");
        assertThat(Requirements.NONE
                        .queuePair(QueuePairType.RC, WorkRequestOpcode.RDMA_READ)
                        .capabilities(Capability.SHARE_ALL)
                        .atomics(AtomicCapability.HCA)
                        .strongOrder()
                        .freeQueuePairs(1)
                        .freeCompletionQueues(2)
                        .completionVectors(3)
                        .limit(DeviceLimit.INLINE_DATA, 64)
                        .mtu(Mtu.MTU_1024)
                        .provider("p")
                        .name(Pattern.compile("n.*"))
                        .numaNode(0, 1)
                        .preferNumaNode(1))
                .hasToString("RC queue pairs with rdma-read; SHARE_ALL; atomics HCA; strong order; 1 free queue pairs;"
                        + " 2 free completion queues; 3 completion vectors; maxInlineData 64; an active port with an"
                        + " MTU of 1024; provider p; name n.*; node [0, 1], near node 1");
    }

    // ---- mistakes

    private static void invalid(String verb, ThrowingCallable call) {
        VerbsException refusal = catchThrowableOfType(VerbsException.class, call);
        assertThat(refusal).as("refusal of %s", verb).isNotNull();
        assertThat(refusal.errno()).isEqualTo(Errno.EINVAL);
        assertThat(refusal.verb()).isEqualTo(verb);
    }

    @Test
    void nullsAndNegativeNumbersAreRefusedWhereTheyAreGiven() {
        Requirements none = Requirements.NONE;
        invalid("queuePair", () -> none.queuePair(null));
        invalid("queuePair", () -> none.queuePair(QueuePairType.RC, (WorkRequestOpcode[]) null));
        invalid("queuePair", () -> none.queuePair(QueuePairType.RC, WorkRequestOpcode.SEND, null));
        invalid("capabilities", () -> none.capabilities((Capability[]) null));
        invalid("capabilities", () -> none.capabilities(Capability.XRC, null));
        invalid("atomics", () -> none.atomics(null));
        invalid("freeQueuePairs", () -> none.freeQueuePairs(-1));
        invalid("freeCompletionQueues", () -> none.freeCompletionQueues(-1));
        invalid("completionVectors", () -> none.completionVectors(-1));
        invalid("limit", () -> none.limit(null, 1));
        invalid("limit", () -> none.limit(DeviceLimit.INLINE_DATA, -1));
        invalid("mtu", () -> none.mtu(null));
        invalid("provider", () -> none.provider(null));
        invalid("name", () -> none.name(null));
        invalid("numaNode", () -> none.numaNode());
        invalid("numaNode", () -> none.numaNode((int[]) null));
        invalid("numaNode", () -> none.numaNode(0, -1));
        invalid("preferNumaNode", () -> none.preferNumaNode(-1));
        invalid("select", () -> Verbs.select(null));
        invalid("select", () -> Selection.among(null, NODES, none));
        invalid("select", () -> Selection.among(List::of, null, none));
    }
}
