package org.rddma.driver.emulator;

import java.io.File;

/** How many descriptors this process has. */
final class OpenDescriptors {
    private OpenDescriptors() {}

    static int count() {
        String[] names = new File("/proc/self/fd").list();
        return names == null ? -1 : names.length;
    }
}
