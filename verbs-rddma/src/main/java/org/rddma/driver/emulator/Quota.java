package org.rddma.driver.emulator;

/** How much of one kind there may be. */
final class Quota {
    private final long limit;
    private long used;

    Quota(long limit) {
        this.limit = limit;
    }

    /**
     * Takes some.
     *
     * @return false, and nothing taken, when that would be more than there may be
     */
    boolean take(long amount) {
        if (amount > limit - used) {
            return false;
        }
        used += amount;
        return true;
    }

    void giveBack(long amount) {
        used -= amount;
    }
}
