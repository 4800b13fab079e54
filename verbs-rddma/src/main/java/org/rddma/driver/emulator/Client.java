package org.rddma.driver.emulator;

/** Who gives commands. */
interface Client {
    int pid();

    default int node() {
        return 0;
    }
}
