package org.rddma.driver.emulator;

/**
 * One copy: so many bytes of a buffer to another, done when both its halves have been declared ready by their events.
 */
final class Bind {
    /** One end of a copy: attached to an event, which makes it ready. */
    static final class Half {
        final Bind bind;
        final Event event;
        final SharedBuffer buffer;
        /** As the command named it, for replies. */
        final String name;

        final long offset;
        boolean ready;
        /** Where it is in its event's list. */
        int index;

        private Half(Bind bind, Event event, SharedBuffer buffer, String name, long offset) {
            this.bind = bind;
            this.event = event;
            this.buffer = buffer;
            this.name = name;
            this.offset = offset;
        }
    }

    final Transfer transfer;
    final Transfer.Key key;
    final Half destination;
    final Half source;

    /** From being given to the engine until it is over. */
    boolean running;
    /** What to do once it does not run any more; null for nothing. */
    Runnable whenIdle;

    /** One end as a command gives it. */
    record End(Event event, SharedBuffer buffer, String name, long offset) {}

    Bind(Transfer transfer, Transfer.Key key, End destination, End source) {
        this.transfer = transfer;
        this.key = key;
        this.destination = new Half(this, destination.event, destination.buffer, destination.name, destination.offset);
        this.source = new Half(this, source.event, source.buffer, source.name, source.offset);
    }

    long length() {
        return key.extent();
    }
}
