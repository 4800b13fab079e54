package org.rddma.driver.provider;

/** A number that a request carries and its reply brings back. It stands for one request at a time. */
final class Tag {
    final int number;

    /** Who is told of the reply; guarded by the session's table. */
    volatile Handler handler;

    Tag(int number, Handler handler) {
        this.number = number;
        this.handler = handler;
    }

    /** What becomes of a reply. */
    @FunctionalInterface
    interface Handler {
        /**
         * The reply is there. Called by the dispatcher, which holds no lock.
         *
         * @param tag of the request
         * @param result the driver's code
         */
        void replied(Tag tag, int result);
    }
}
