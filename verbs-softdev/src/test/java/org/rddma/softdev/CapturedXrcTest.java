package org.rddma.softdev;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.rddma.verbs.conformance.XrcConformance;

final class CapturedXrcTest extends XrcConformance implements CapturedUnderTest {
    private static final Devices DEVICES = new Devices();

    @Override
    public Devices devices() {
        return DEVICES;
    }

    @AfterAll
    static void check() throws IOException, InterruptedException {
        DEVICES.check();
    }
}
