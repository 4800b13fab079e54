package org.rddma.driver.emulator;

import java.util.ArrayDeque;

/**
 * Replies on their way out. They wait until the core's objects are consistent again: whoever takes a reply may give
 * the next command at once.
 */
final class Replies {
    private final ArrayDeque<Outgoing> outgoing = new ArrayDeque<>();

    /** One element for both, so that no lack of memory can part them. */
    private record Outgoing(Replier replier, String text) {}

    /** Where the only reply to one command goes. */
    final class Address {
        private final Replier replier;

        private Address(Replier replier) {
            this.replier = replier;
        }

        void reply(String text) {
            outgoing.add(new Outgoing(replier, text));
        }
    }

    Address to(Replier replier) {
        return new Address(replier);
    }

    /** Hands out what waits, also what comes while it does so. */
    void flush() {
        for (Outgoing next = outgoing.poll(); next != null; next = outgoing.poll()) {
            next.replier.reply(next.text);
        }
    }
}
