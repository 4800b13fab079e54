package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.conformance.LeakGuard;

class LeakGuardTest {
    @Test
    @DisplayName("every test of this module is watched for what it leaves behind")
    void isOn() {
        assertThat(LeakGuard.isWatching()).isTrue();
    }
}
