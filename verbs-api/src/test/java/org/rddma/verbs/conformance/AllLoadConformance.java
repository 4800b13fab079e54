package org.rddma.verbs.conformance;

import org.junit.jupiter.api.Nested;

/**
 * The suites that load the device, for seconds each: races, many objects, random arguments, and those that measure
 * garbage and native calls. As {@link AllConformance}.
 */
public abstract class AllLoadConformance implements DeviceUnderTest {
    /** See {@link RaceConformance}. */
    @Nested
    class RaceSuite extends RaceConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllLoadConformance.this;
        }
    }

    /** See {@link SharingConformance}. */
    @Nested
    class SharingSuite extends SharingConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllLoadConformance.this;
        }
    }

    /** See {@link WaiterConformance}. */
    @Nested
    class WaiterSuite extends WaiterConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllLoadConformance.this;
        }
    }

    /** See {@link FuzzConformance}. */
    @Nested
    class FuzzSuite extends FuzzConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllLoadConformance.this;
        }
    }

    /** See {@link AllocationConformance}. */
    @Nested
    class AllocationSuite extends AllocationConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllLoadConformance.this;
        }
    }

    /** See {@link NativeCallConformance}. */
    @Nested
    class NativeCallSuite extends NativeCallConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllLoadConformance.this;
        }
    }

    /** See {@link StressConformance}. */
    @Nested
    class StressSuite extends StressConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllLoadConformance.this;
        }
    }

    /** See {@link EventLoopLoadConformance}. */
    @Nested
    class EventLoopLoadSuite extends EventLoopLoadConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllLoadConformance.this;
        }
    }

    /** See {@link WorkQueuesScaleConformance}. */
    @Nested
    class WorkQueuesScaleSuite extends WorkQueuesScaleConformance implements PartOfAll {
        @Override
        public DeviceUnderTest all() {
            return AllLoadConformance.this;
        }
    }
}
