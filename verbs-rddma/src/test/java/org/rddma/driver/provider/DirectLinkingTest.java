package org.rddma.driver.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.DirectLinking;

/** A program can be linked to the RDDMA provider directly. */
final class DirectLinkingTest {
    private static final List<Class<?>> CLASSES = List.of(
            RddmaDevice.class,
            RddmaContext.class,
            RddmaProtectionDomain.class,
            RddmaCompletionChannel.class,
            RddmaCompletionQueue.class,
            RddmaQueuePair.class,
            RddmaMemoryRegion.class);

    @Test
    void noMethodReturnsAnInterfaceForWhichTheDeviceHasAClass() {
        assertThat(DirectLinking.obstacles(CLASSES)).isEmpty();
    }

    @Test
    void theSameDeviceIsOpenedDirectlyAndByName() {
        try (RddmaContext direct = RddmaDevice.open("rddma0");
                var byName = Verbs.open("rddma0")) {
            assertThat(byName).isExactlyInstanceOf(RddmaContext.class);
            assertThat(byName.device()).isSameAs(direct.device());
        }
    }

    @Test
    void aDeviceThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> RddmaDevice.open("soft0"))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        assertThatThrownBy(() -> RddmaDevice.open(null)).isInstanceOf(VerbsException.class);
    }
}
