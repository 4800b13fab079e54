package org.rddma.softdev;

import org.junit.jupiter.api.Nested;
import org.rddma.verbs.Context;
import org.rddma.verbs.conformance.AddressHandleFromCompletionConformance;
import org.rddma.verbs.conformance.ArmConformance;
import org.rddma.verbs.conformance.AsyncEventConformance;
import org.rddma.verbs.conformance.ChannelConformance;
import org.rddma.verbs.conformance.DatagramConformance;
import org.rddma.verbs.conformance.ImmediateConformance;
import org.rddma.verbs.conformance.InvalidateConformance;
import org.rddma.verbs.conformance.LifeCycleConformance;
import org.rddma.verbs.conformance.MemoryWindowType1Conformance;
import org.rddma.verbs.conformance.MemoryWindowType2Conformance;
import org.rddma.verbs.conformance.ParentDomainConformance;
import org.rddma.verbs.conformance.ReregisterConformance;
import org.rddma.verbs.conformance.SendBuilderConformance;
import org.rddma.verbs.conformance.XrcConformance;
import org.rddma.verbs.layer.Tracing;
import org.rddma.verbs.layer.Validation;

/** What the verbs must do, through both layers: the suites that pass objects around, wait, close and fail. */
final class LayeredTest {
    /** A device behind both layers. What validation finds is reported to nobody, as in {@link ValidatedUnderTest}. */
    interface LayeredUnderTest extends SoftDeviceUnderTest {
        @Override
        default Context open() {
            return layered(SoftDeviceUnderTest.super.open());
        }

        @Override
        default Context openOther() {
            return layered(SoftDeviceUnderTest.super.openOther());
        }

        @Override
        default int load(int operations) {
            return operations / 10; // a layer is slow
        }

        @Override
        default boolean isBehindLayer() {
            return true;
        }

        private static Context layered(Context context) {
            return Tracing.of(Validation.of(context, finding -> {}), line -> {});
        }
    }

    @Nested
    class LifeCycle extends LifeCycleConformance implements LayeredUnderTest {}

    @Nested
    class Arm extends ArmConformance implements LayeredUnderTest {}

    @Nested
    class Channel extends ChannelConformance implements LayeredUnderTest {}

    @Nested
    class AsyncEvent extends AsyncEventConformance implements LayeredUnderTest {}

    @Nested
    class SendBuilder extends SendBuilderConformance implements LayeredUnderTest {}

    @Nested
    class Xrc extends XrcConformance implements LayeredUnderTest {}

    @Nested
    class Immediate extends ImmediateConformance implements LayeredUnderTest {}

    @Nested
    class Invalidate extends InvalidateConformance implements LayeredUnderTest {}

    @Nested
    class Reregister extends ReregisterConformance implements LayeredUnderTest {}

    @Nested
    class Datagram extends DatagramConformance implements LayeredUnderTest {}

    @Nested
    class AddressHandleFromCompletion extends AddressHandleFromCompletionConformance implements LayeredUnderTest {}

    @Nested
    class MemoryWindowType1 extends MemoryWindowType1Conformance implements LayeredUnderTest {}

    @Nested
    class MemoryWindowType2 extends MemoryWindowType2Conformance implements LayeredUnderTest {}

    @Nested
    class ParentDomain extends ParentDomainConformance implements LayeredUnderTest {}
}
