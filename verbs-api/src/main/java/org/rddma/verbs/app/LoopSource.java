package org.rddma.verbs.app;

/** Something that gets a turn in an event loop when it is ready. */
abstract class LoopSource {
    /** Its place and number in the selector; negative when it has no descriptor there. */
    int slot = -1;

    int fd = -1;

    /** Whether it stands in the list of those that get a turn in the next round. */
    boolean ready;

    boolean removed;

    /** What the selector saw; called before any source gets its turn. */
    void report(boolean readable, boolean writable) {}

    /** Whether its descriptor was closed behind the loop's back. */
    boolean isLost() {
        return false;
    }

    /** Does what there is to do, within a budget; true when it must get another turn before the loop sleeps. */
    abstract boolean turn(int budget);
}
