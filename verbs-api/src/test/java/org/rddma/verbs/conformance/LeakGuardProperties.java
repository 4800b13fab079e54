package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The guard of all properties must be there. */
final class LeakGuardProperties {
    /** Would catch: a guard that is not found by the engine of the properties. */
    @Property(tries = 10)
    void everyPropertyIsWatched(@ForAll boolean ignored) {
        assertThat(LeakGuard.isWatching()).isTrue();
    }
}
