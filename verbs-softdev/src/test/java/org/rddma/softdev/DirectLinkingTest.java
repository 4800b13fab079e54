package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.DirectLinking;

/** A program can be linked to the software device directly. */
final class DirectLinkingTest {
    private static final List<Class<?>> CLASSES = List.of(
            SoftDevice.class,
            SoftContext.class,
            SoftProtectionDomain.class,
            SoftCompletionChannel.class,
            SoftCompletionQueue.class,
            SoftQueuePair.class,
            SoftSharedReceiveQueue.class,
            SoftMemoryRegion.class,
            SoftMemoryWindow.class,
            SoftAddressHandle.class,
            SoftThreadDomain.class,
            SoftXrcDomain.class);

    @Test
    void noMethodReturnsAnInterfaceForWhichTheDeviceHasAClass() {
        assertThat(DirectLinking.obstacles(CLASSES)).isEmpty();
    }

    @Test
    void theSameDeviceIsOpenedDirectlyAndByName() {
        try (SoftContext direct = SoftDevice.open("soft0");
                var byName = Verbs.open("soft0")) {
            assertThat(byName).isExactlyInstanceOf(SoftContext.class);
            assertThat(byName.device()).isSameAs(direct.device());
        }
    }

    @Test
    void aDeviceThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> SoftDevice.open("rddma0"))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        assertThatThrownBy(() -> SoftDevice.open(null)).isInstanceOf(VerbsException.class);
    }
}
