package org.rddma.verbs.model;

import java.util.List;
import org.rddma.verbs.Context;

/**
 * A device that does nothing by itself: what it has to do is done in steps, when it is told so, in an order that
 * follows from a seed. That is what makes a failure repeatable. A provider's users write it in ten lines; the README
 * has those for the software device.
 */
public interface SteppedDevice {
    /**
     * Opens the device; may be called several times.
     *
     * @return a context, to be closed by the caller. All contexts reach each other
     */
    Context open();

    /**
     * Does the next thing.
     *
     * @return false when there is nothing to do
     */
    boolean step();

    /**
     * What its choices follow from.
     *
     * @return the number that replays them
     */
    long seed();

    /**
     * What has happened.
     *
     * @return a line for each step
     */
    List<String> trace();

    /**
     * Steps until there is nothing to do.
     *
     * @throws AssertionError when that takes more than a million steps
     */
    default void runUntilIdle() {
        int steps = 0;
        while (step()) {
            if (++steps > 1_000_000) {
                throw new AssertionError("the device is not idle after a million steps (seed " + seed() + ")");
            }
        }
    }
}
