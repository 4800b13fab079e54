package org.rddma.verbs.model;

import java.util.List;

/**
 * Plays the parts of a protocol against each other and against the device, in one thread: each part is a state machine
 * that does a little when it has its turn. A wait is a turn with nothing to do, so that a lost wake-up is not a hang, but
 * a state in which everybody sleeps and the work is not done.
 */
public final class Interleaving {
    private static final int MANY = 1_000_000;

    private final SteppedDevice device;
    private final List<Part> parts;
    private int done;

    /** One of those who take turns. */
    @FunctionalInterface
    public interface Part {
        /**
         * Does a little: a poll, an arm, a post, or a look for an event without waiting.
         *
         * @return false when it sleeps: it waits for an event, and there is none
         */
        boolean turn();
    }

    /**
     * Of a device and those who use it.
     *
     * @param device is stepped
     * @param parts take turns
     */
    public Interleaving(SteppedDevice device, List<? extends Part> parts) {
        this.device = device;
        this.parts = List.copyOf(parts);
    }

    /**
     * Gives turns as chosen; then the device, and each part after it, goes on until it has nothing to do, over and over
     * until all sleep and the device is idle: nothing would ever happen again. This end is the easiest that there is, so
     * that a counterexample has all its difficulties in its turns.
     *
     * @param turns whose turn it is: a part's index, or the number of parts for a step of the device; others modulo
     * @throws AssertionError when it goes on for ever
     */
    public void play(List<Integer> turns) {
        for (int turn : turns) {
            int whose = Math.floorMod(turn, parts.size() + 1);
            boolean unused =
                    whose == parts.size() ? device.step() : parts.get(whose).turn();
        }
        boolean busy = true;
        while (busy) {
            busy = untilAsleep(device::step);
            for (Part part : parts) {
                busy |= untilAsleep(part);
            }
        }
    }

    private boolean untilAsleep(Part part) {
        boolean busy = false;
        while (part.turn()) {
            busy = true;
            if (++done > MANY) {
                throw new AssertionError("this goes on for ever (seed " + device.seed() + ")");
            }
        }
        return busy;
    }
}
