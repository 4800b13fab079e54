package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AtomicCapability;
import org.rddma.verbs.Capability;

/** What a device declares, and what it refuses: verbs-semantics §3. */
public abstract class CapabilityConformance extends DeviceConformance {
    @ParameterizedTest
    @EnumSource
    @DisplayName("§3 what the device does not declare fails with EOPNOTSUPP and changes nothing")
    final void undeclared(Capability capability) {
        if (!has(capability)) {
            Missing.isRefused(context, capability);
        }
    }

    @Test
    @DisplayName("§2.6 atomics, and against whom they are atomic, are declared together")
    final void atomics() {
        assertThat(context.device().attributes().atomicCapability() != AtomicCapability.NONE)
                .isEqualTo(has(Capability.ATOMICS));
    }

    @Test
    @DisplayName("§3 a capability that builds on another is not declared without it")
    final void dependencies() {
        Capability[][] dependencies = {
            {Capability.MULTICAST, Capability.DATAGRAM},
            {Capability.SHARED_RECEIVE_QUEUE_RESIZE, Capability.SHARED_RECEIVE_QUEUE},
            {Capability.REREGISTER_TRANSLATION, Capability.REREGISTER},
            {Capability.XRC, Capability.SHARED_RECEIVE_QUEUE},
        };
        for (Capability[] dependency : dependencies) {
            assertThat(has(dependency[1]) || !has(dependency[0]))
                    .as("%s without %s", dependency[0], dependency[1])
                    .isTrue();
        }
    }

    @Test
    @DisplayName("§3 declared capabilities cannot be changed, and are the same for every context")
    final void fixed() {
        var declared = context.device().attributes().capabilities();
        assertThat(openAnother().device().attributes().capabilities()).isEqualTo(declared);
        org.assertj.core.api.Assertions.assertThatThrownBy(declared::clear)
                .isInstanceOf(UnsupportedOperationException.class);
    }
}
