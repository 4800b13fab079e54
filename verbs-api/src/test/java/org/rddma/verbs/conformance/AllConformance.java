package org.rddma.verbs.conformance;

import net.jqwik.api.Group;
import org.junit.jupiter.api.Nested;

/**
 * All suites at once, but for those that load the device ({@link AllLoadConformance}): a provider needs one class that
 * extends this one and says what its device is. Part of a suite's name is that of its class here.
 */
public abstract class AllConformance implements DeviceUnderTest {
    /** See {@link CapabilityConformance}. */
    @Nested
    class CapabilitySuite extends CapabilityConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link BadInputConformance}. */
    @Nested
    class BadInputSuite extends BadInputConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link LifeCycleConformance}. */
    @Nested
    class LifeCycleSuite extends LifeCycleConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link BusyConformance}. */
    @Nested
    class BusySuite extends BusyConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ArmConformance}. */
    @Nested
    class ArmSuite extends ArmConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ChannelConformance}. */
    @Nested
    class ChannelSuite extends ChannelConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link WaitConformance}. */
    @Nested
    class WaitSuite extends WaitConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link SignalConformance}. */
    @Nested
    class SignalSuite extends SignalConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link BlockingConformance}. */
    @Nested
    class BlockingSuite extends BlockingConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link OrderedConformance}. */
    @Nested
    class OrderedSuite extends OrderedConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link DescriptorConformance}. */
    @Nested
    class DescriptorSuite extends DescriptorConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link AsyncEventConformance}. */
    @Nested
    class AsyncEventSuite extends AsyncEventConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link FlightRecorderConformance}. */
    @Nested
    class FlightRecorderSuite extends FlightRecorderConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link PortConformance}. */
    @Nested
    class PortSuite extends PortConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link RemovalConformance}. */
    @Nested
    class RemovalSuite extends RemovalConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link StateConformance}. */
    @Nested
    class StateSuite extends StateConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ModifyEdgeConformance}. */
    @Nested
    class ModifyEdgeSuite extends ModifyEdgeConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link PathAttributeConformance}. */
    @Nested
    class PathAttributeSuite extends PathAttributeConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link DrainConformance}. */
    @Nested
    class DrainSuite extends DrainConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link SlotConformance}. */
    @Nested
    class SlotSuite extends SlotConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link SendBuilderConformance}. */
    @Nested
    class SendBuilderSuite extends SendBuilderConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link XrcConformance}. */
    @Nested
    class XrcSuite extends XrcConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link SharedReceiveQueueConformance}. */
    @Nested
    class SharedReceiveQueueSuite extends SharedReceiveQueueConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link LimitEventConformance}. */
    @Nested
    class LimitEventSuite extends LimitEventConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link LastWqeConformance}. */
    @Nested
    class LastWqeSuite extends LastWqeConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link OpcodeConformance}. */
    @Nested
    class OpcodeSuite extends OpcodeConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link MessageConformance}. */
    @Nested
    class MessageSuite extends MessageConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link SizeConformance}. */
    @Nested
    class SizeSuite extends SizeConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ImmediateConformance}. */
    @Nested
    class ImmediateSuite extends ImmediateConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link RemoteMemoryConformance}. */
    @Nested
    class RemoteMemorySuite extends RemoteMemoryConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link AtomicWriteConformance}. */
    @Nested
    class AtomicWriteSuite extends AtomicWriteConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link FlushConformance}. */
    @Nested
    class FlushSuite extends FlushConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link MemoryWindowType1Conformance}. */
    @Nested
    class MemoryWindowType1Suite extends MemoryWindowType1Conformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link MemoryWindowType2Conformance}. */
    @Nested
    class MemoryWindowType2Suite extends MemoryWindowType2Conformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link InvalidateConformance}. */
    @Nested
    class InvalidateSuite extends InvalidateConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ReregisterConformance}. */
    @Nested
    class ReregisterSuite extends ReregisterConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ChosenAddressConformance}. */
    @Nested
    class ChosenAddressSuite extends ChosenAddressConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link FailureConformance}. */
    @Nested
    class FailureSuite extends FailureConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link AccessConformance}. */
    @Nested
    class AccessSuite extends AccessConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link RetryConformance}. */
    @Nested
    class RetrySuite extends RetryConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link UnreliableConformance}. */
    @Nested
    class UnreliableSuite extends UnreliableConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link DatagramConformance}. */
    @Nested
    class DatagramSuite extends DatagramConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link AddressHandleFromCompletionConformance}. */
    @Nested
    class AddressHandleFromCompletionSuite extends AddressHandleFromCompletionConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link MulticastConformance}. */
    @Nested
    class MulticastSuite extends MulticastConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link CompletionOrderConformance}. */
    @Group
    class CompletionOrderSuite extends CompletionOrderConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link EventAccountConformance}. */
    @Group
    class EventAccountSuite extends EventAccountConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ScatterGatherConformance}. */
    @Group
    class ScatterGatherSuite extends ScatterGatherConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ExtendedQueueConformance}. */
    @Nested
    class ExtendedQueueSuite extends ExtendedQueueConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ResizeConformance}. */
    @Nested
    class ResizeSuite extends ResizeConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ModerationConformance}. */
    @Nested
    class ModerationSuite extends ModerationConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ParentDomainConformance}. */
    @Nested
    class ParentDomainSuite extends ParentDomainConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ResizeModelConformance}. */
    @Group
    class ResizeModelSuite extends ResizeModelConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link ShareAllConformance}. */
    @Nested
    class ShareAllSuite extends ShareAllConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link EventLoopConformance}. */
    @Nested
    class EventLoopSuite extends EventLoopConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link FuturesConformance}. */
    @Nested
    class FuturesSuite extends FuturesConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link FutureEndsConformance}. */
    @Nested
    class FutureEndsSuite extends FutureEndsConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link FutureFaultsConformance}. */
    @Nested
    class FutureFaultsSuite extends FutureFaultsConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link LandingConformance}. */
    @Nested
    class LandingSuite extends LandingConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link WorkQueueConformance}. */
    @Nested
    class WorkQueueSuite extends WorkQueueConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link WorkQueueWaitConformance}. */
    @Nested
    class WorkQueueWaitSuite extends WorkQueueWaitConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link WorkQueuesConformance}. */
    @Nested
    class WorkQueuesSuite extends WorkQueuesConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }

    /** See {@link PeerExchangeConformance}. */
    @Nested
    class PeerExchangeSuite extends PeerExchangeConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllConformance.this;
        }
    }
}
