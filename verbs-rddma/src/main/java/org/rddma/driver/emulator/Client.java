package org.rddma.driver.emulator;

/** Who gives commands. */
interface Client {
    /** The process: whose memory its commands may name. */
    int pid();

    /** Which of the joined nodes it has opened. */
    int node();
}
