package org.rddma.driver.emulator;

/** Runs something when everything it waits for is over. */
final class Countdown {
    private final Runnable then;
    private int left = 1;

    Countdown(Runnable then) {
        this.then = then;
    }

    /** One thing more to wait for. */
    void await() {
        left++;
    }

    /** One thing is over; its maker says so too, when it knows of nothing more. */
    void over() {
        if (--left == 0) {
            then.run();
        }
    }
}
