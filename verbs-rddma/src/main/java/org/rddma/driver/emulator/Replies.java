package org.rddma.driver.emulator;

import java.util.ArrayDeque;

/**
 * Replies on their way out. They wait until the core's objects are consistent again: whoever takes a reply may give
 * the next command at once.
 */
final class Replies {
    private final ArrayDeque<Address> addresses = new ArrayDeque<>();
    private final ArrayDeque<String> texts = new ArrayDeque<>();

    /** Where the only reply to one command goes. */
    final class Address {
        private final Replier replier;

        private Address(Replier replier) {
            this.replier = replier;
        }

        void reply(String text) {
            addresses.add(this);
            texts.add(text);
        }
    }

    Address to(Replier replier) {
        return new Address(replier);
    }

    /** Hands out what waits, also what comes while it does so. */
    void flush() {
        for (Address address = addresses.poll(); address != null; address = addresses.poll()) {
            address.replier.reply(texts.remove());
        }
    }
}
