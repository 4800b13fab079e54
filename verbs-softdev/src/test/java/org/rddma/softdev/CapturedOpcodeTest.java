package org.rddma.softdev;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.rddma.verbs.conformance.OpcodeConformance;

@Tag("slow")
final class CapturedOpcodeTest extends OpcodeConformance implements CapturedUnderTest {
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
