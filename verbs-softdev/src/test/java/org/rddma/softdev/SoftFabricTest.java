package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

final class SoftFabricTest {
    @Test
    @DisplayName("a removed device is not listed; another may have its name, and has its own GUID and GID")
    void removed() {
        SoftFabric fabric = new SoftFabric();
        SoftDevice first = fabric.addDevice("first", SoftDeviceOptions.DEFAULT);
        SoftDevice second = fabric.addDevice("second", SoftDeviceOptions.DEFAULT);
        assertThatThrownBy(() -> fabric.addDevice("first", SoftDeviceOptions.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
        first.remove();
        assertThat(fabric.devices()).containsExactly(second);
        SoftDevice again = fabric.addDevice("first", SoftDeviceOptions.DEFAULT);
        assertThat(fabric.devices()).containsExactly(second, again);
        assertThat(again.nodeGuid()).isNotEqualTo(first.nodeGuid()).isNotEqualTo(second.nodeGuid());
        try (SoftContext context = again.open()) {
            assertThat(context.queryPort(1).state()).isEqualTo(org.rddma.verbs.PortState.ACTIVE);
            assertThat(context.queryGid(1, 0)).isEqualTo(again.gid()).isNotEqualTo(second.gid());
        }
    }
}
