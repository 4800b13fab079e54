package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.DeviceAttributes;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.Requirements;
import org.rddma.verbs.Selection;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.HangGuard;
import org.rddma.verbs.spi.AbstractContext;
import org.rddma.verbs.spi.NumaNodes;

/** Choosing among devices that are there, fill up, and go away between the choice and the opening. */
@HangGuard
final class SoftSelectionTest {
    private static final NumaNodes NODES = NumaNodes.of(0, Map.of(0, List.of(10, 21), 1, List.of(21, 10)));
    private static final DeviceLimits TWO_OF_EACH =
            new DeviceLimits(2, 8, 2, 32, 2, 16, 2, 2, 4096, 2, 2, 4, 4, 1L << 31, 1, 2, 8, 2, 2, 2, 2, 100, 100);

    private final SoftFabric fabric = new SoftFabric();

    private SoftDevice device(String name, int priority) {
        return fabric.addDevice(
                name,
                SoftDeviceOptions.DEFAULT
                        .withLimits(TWO_OF_EACH)
                        .withPriority(priority)
                        .withNumaNode(0));
    }

    private Selection select(Requirements requirements) {
        List<SoftDevice> devices = fabric.devices();
        return Selection.among(() -> devices, NODES, requirements);
    }

    private static QueuePair fill(Context context) {
        return context.allocateProtectionDomain()
                .createQueuePair(new QueuePairInitAttributes().completionQueue(context.createCompletionQueue(1)));
    }

    private static int openContexts() {
        return AbstractContext.openContexts().size();
    }

    // ---- what the device says of itself

    @Test
    void theOptionsSayItsRankAndItsNode() {
        SoftDevice device = fabric.addDevice(
                "own0", SoftDeviceOptions.DEFAULT.withPriority(7).withNumaNode(1));
        assertThat(device.priority()).isEqualTo(7);
        assertThat(device.numaNode()).isEqualTo(1);
        SoftDeviceOptions changed = device.options()
                .withMtu(device.options().mtu())
                .withVectors(1, false)
                .withVectorCpus(0)
                .withLimits(TWO_OF_EACH)
                .withCapabilities(device.options().capabilities());
        assertThat(changed.priority()).isEqualTo(7);
        assertThat(changed.numaNode()).isEqualTo(1);
        assertThat(SoftDeviceOptions.DEFAULT.priority()).isEqualTo(50);
        assertThat(SoftDeviceOptions.DEFAULT.numaNode()).isEqualTo(-1);
        assertThatThrownBy(() -> SoftDeviceOptions.DEFAULT.withNumaNode(-2))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void freeQueuesGoDownWithEachThatIsMadeAndUpWithEachThatIsClosed() {
        SoftDevice device = device("own0", 50);
        assertThat(device.freeQueuePairs()).isEqualTo(2);
        assertThat(device.freeCompletionQueues()).isEqualTo(2);
        try (SoftContext context = device.open()) {
            SoftCompletionQueue queue = context.createCompletionQueue(1);
            assertThat(device.freeCompletionQueues()).isEqualTo(1);
            SoftProtectionDomain domain = context.allocateProtectionDomain();
            QueuePairInitAttributes attributes = new QueuePairInitAttributes().completionQueue(queue);
            SoftQueuePair first = domain.createQueuePair(attributes);
            SoftQueuePair second = domain.createQueuePair(attributes);
            assertThat(device.freeQueuePairs()).isZero();
            assertThat(select(Requirements.NONE).ranking().get(0).refusals())
                    .containsExactly("0 of its queue pairs are free, not 1");
            first.close();
            assertThat(device.freeQueuePairs()).isEqualTo(1);
            assertThat(select(Requirements.NONE).device()).isSameAs(device);
            second.close();
        }
        assertThat(device.freeQueuePairs()).isEqualTo(2);
        assertThat(device.freeCompletionQueues()).isEqualTo(2);
    }

    @Test
    void itsPortsAreToldWithoutOpeningAsTheyAreNow() {
        SoftDevice device = device("own0", 50);
        int before = openContexts();
        try (Context context = device.open()) {
            assertThat(device.ports()).containsExactly(context.queryPort(1));
            device.portDown();
            assertThat(device.ports()).containsExactly(context.queryPort(1));
        }
        assertThat(select(Requirements.NONE).ranking().get(0).refusals())
                .containsExactly("none of its ports is active");
        device.portUp();
        assertThat(select(Requirements.NONE).device()).isSameAs(device);
        assertThat(openContexts()).isEqualTo(before);
    }

    /** A device whose provider knows nothing of choices. */
    private record PlainDevice(SoftDevice device) implements Device {
        @Override
        public String name() {
            return device.name();
        }

        @Override
        public String provider() {
            return device.provider();
        }

        @Override
        public long nodeGuid() {
            return device.nodeGuid();
        }

        @Override
        public DeviceAttributes attributes() {
            return device.attributes();
        }

        @Override
        public Context open() {
            return device.open();
        }
    }

    @Test
    void aDeviceThatKnowsNothingOfChoicesIsInTheMiddleAndItsPortsAreAskedByOpeningIt() {
        SoftDevice device = device("own0", 1);
        PlainDevice plain = new PlainDevice(device);
        int before = openContexts();
        assertThat(plain.ports()).isEqualTo(device.ports());
        assertThat(openContexts()).isEqualTo(before);
        assertThat(plain.priority()).isEqualTo(50);
        assertThat(plain.numaNode()).isEqualTo(-1);
        assertThat(plain.freeQueuePairs()).isEqualTo(2);
        assertThat(plain.freeCompletionQueues()).isEqualTo(2);
        assertThat(Selection.among(() -> List.of(plain), NODES, Requirements.NONE)
                        .device())
                .isSameAs(plain);
    }

    @Test
    void aDeviceThatMustNotBeChosenCanBeOpenedByItself() {
        SoftDevice device = device("own0", 0);
        assertThat(catchThrowableOfType(
                                VerbsException.class,
                                () -> select(Requirements.NONE).open())
                        .errno())
                .isEqualTo(Errno.ENODEV);
        device.open().close();
    }

    // ---- opening

    @Test
    void theBestOfAllProvidersIsOpened() {
        try (Context context =
                Verbs.select(Requirements.NONE.provider("softdev")).open()) {
            assertThat(context.device().provider()).isEqualTo("softdev");
        }
        assertThat(catchThrowableOfType(
                                VerbsException.class,
                                () -> Verbs.select(Requirements.NONE.numaNode(4711))
                                        .open())
                        .errno())
                .isEqualTo(Errno.ENODEV);
    }

    @Test
    void aDeviceThatFillsUpBetweenChoiceAndOpeningIsPassedOver() {
        SoftDevice best = device("best", 1);
        SoftDevice second = device("second", 2);
        Selection selection = select(Requirements.NONE);
        assertThat(selection.device()).isSameAs(best);
        int before = openContexts();
        try (Context others = best.open()) {
            fill(others);
            fill(others);
            QueuePair made = selection.open(SoftSelectionTest::fill);
            assertThat(made.protectionDomain().context().device()).isSameAs(second);
            assertThat(openContexts()).isEqualTo(before + 2);
            made.protectionDomain().context().close();
        }
        assertThat(openContexts()).isEqualTo(before);
        QueuePair made = selection.open(SoftSelectionTest::fill);
        assertThat(made.protectionDomain().context().device()).isSameAs(best);
        made.protectionDomain().context().close();
    }

    @Test
    void aDeviceThatIsRemovedBetweenChoiceAndOpeningIsPassedOver() {
        SoftDevice best = device("best", 1);
        SoftDevice second = device("second", 2);
        Selection selection = select(Requirements.NONE);
        best.remove();
        try (Context context = selection.open()) {
            assertThat(context.device()).isSameAs(second);
        }
    }

    @Test
    void allDevicesAreTriedInThreeRoundsAndThenTheLastErrorSaysWhatWasTried() {
        device("a", 1);
        device("b", 2);
        device("off", 0);
        int before = openContexts();
        List<String> tried = new ArrayList<>();
        VerbsException failure = catchThrowableOfType(
                VerbsException.class,
                () -> select(Requirements.NONE).open(context -> {
                    tried.add(context.device().name());
                    throw new VerbsException("createQueuePair", Errno.EBUSY, "no. " + tried.size());
                }));
        assertThat(tried).containsExactly("a", "b", "a", "b", "a", "b");
        assertThat(failure.errno()).isEqualTo(Errno.EBUSY);
        assertThat(failure.verb()).isEqualTo("select");
        assertThat(failure).hasMessageContaining("a (createQueuePair: no. 1 (EBUSY)); b (createQueuePair: no. 2");
        assertThat(failure.getCause()).hasMessageContaining("no. 6");
        assertThat(openContexts()).isEqualTo(before);
    }

    @Test
    void theNextRoundRanksAnew() {
        device("a", 1);
        device("b", 2);
        List<String> tried = new ArrayList<>();
        List<Context> held = new ArrayList<>();
        Context made = select(Requirements.NONE.freeQueuePairs(2)).open(context -> {
            tried.add(context.device().name());
            if (tried.size() == 1) { // somebody takes from the best: it is no candidate in the second round
                Context other = context.device().open();
                held.add(other);
                fill(other);
            }
            if (tried.size() < 3) {
                throw new VerbsException("createQueuePair", Errno.ENOMEM, "full");
            }
            return context;
        });
        assertThat(tried).containsExactly("a", "b", "b");
        made.close();
        held.forEach(Context::close);
    }

    @Test
    void whenNoneIsLeftInTheNextRoundTheLastErrorIsStillTold() {
        SoftDevice only = device("a", 1);
        VerbsException failure = catchThrowableOfType(
                VerbsException.class,
                () -> select(Requirements.NONE).open(context -> {
                    only.portDown();
                    throw new VerbsException("createQueuePair", Errno.ENOMEM, "full");
                }));
        assertThat(failure.errno()).isEqualTo(Errno.ENOMEM);
        assertThat(failure).hasMessageContaining("a: none of its ports is active");
    }

    @Test
    void aMistakeOfTheMakerIsNoReasonToTryAnother() {
        device("a", 1);
        device("b", 2);
        int before = openContexts();
        List<String> tried = new ArrayList<>();
        assertThat(catchThrowableOfType(
                                VerbsException.class,
                                () -> select(Requirements.NONE).open(context -> {
                                    tried.add(context.device().name());
                                    return context.createCompletionQueue(0);
                                }))
                        .verb())
                .isEqualTo("createCompletionQueue");
        assertThatThrownBy(() -> select(Requirements.NONE).open(context -> {
                    tried.add(context.device().name());
                    throw new IllegalStateException("of its own");
                }))
                .hasMessage("of its own");
        assertThatThrownBy(() -> select(Requirements.NONE).open(context -> {
                    throw new AssertionError("error");
                }))
                .hasMessage("error");
        assertThat(tried).containsExactly("a", "a");
        assertThat(openContexts()).isEqualTo(before);
        assertThat(catchThrowableOfType(
                                VerbsException.class,
                                () -> select(Requirements.NONE).open(null))
                        .errno())
                .isEqualTo(Errno.EINVAL);
    }

    @Test
    void aMakerMayMakeNothing() {
        device("a", 1);
        List<Context> opened = new ArrayList<>();
        ProtectionDomain nothing = select(Requirements.NONE).open(context -> {
            opened.add(context);
            return null;
        });
        assertThat(nothing).isNull();
        assertThat(opened).hasSize(1);
        opened.get(0).close();
    }

    @Test
    void sharedMemoryIsAskedForAsACapability() {
        SoftDevice device = fabric.addDevice("less0", SoftDeviceOptions.DEFAULT.without(Capability.SHARE_ALL));
        assertThat(select(Requirements.NONE.capabilities(Capability.SHARE_ALL))
                        .ranking()
                        .get(0)
                        .refusals())
                .containsExactly("it does not have SHARE_ALL");
        SoftDevice more = fabric.addDevice("more0", SoftDeviceOptions.DEFAULT);
        if (more.attributes().has(Capability.SHARE_ALL)) {
            assertThat(select(Requirements.NONE.capabilities(Capability.SHARE_ALL))
                            .device())
                    .isSameAs(more);
        }
        assertThat(device.attributes().has(Capability.SHARE_ALL)).isFalse();
    }
}
