package org.rddma.driver.emulator;

/** Where the only reply to one command goes. */
interface Replier {
    void reply(String lineWithoutLf);
}
