package org.rddma.driver.emulator;

import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * Which of the drivers a driver in user space behaves like. Immutable.
 *
 * @param strict whether results are those of the driver of March 2008, which says 1 to nearly everything; otherwise
 *     those of its successor, which gives the errno
 * @param vfi whether the commands of the successor are known: {@code sync_*}, {@code event_find}, {@code mmap_*} and
 *     buffers of user memory
 * @param substringQuirk whether an option is found by any text that contains its name, as all drivers do
 * @param firstLineOnly whether what follows the first line of a write is thrown away, as in the driver of March 2008
 * @param overtaking whether the commands of non-blocking files are carried out in a random order, which the driver
 *     may do because each runs in a thread of its own
 * @param seed of that order
 * @param limits how much it may be asked for
 */
public record EmulatorOptions(
        boolean strict,
        boolean vfi,
        boolean substringQuirk,
        boolean firstLineOnly,
        boolean overtaking,
        long seed,
        EmulatorLimits limits) {
    /** With limits. */
    public EmulatorOptions {
        if (limits == null) {
            throw new VerbsException("start", Errno.EINVAL, "the limits are null: give EmulatorLimits.defaults()");
        }
    }

    /**
     * The driver of March 2008 with the results and the commands of its successor.
     *
     * @return the options
     */
    public static EmulatorOptions defaults() {
        return new EmulatorOptions(false, true, true, true, false, 0, EmulatorLimits.defaults());
    }

    /**
     * The same as strict as the driver of March 2008, or not.
     *
     * @param newStrict see there
     * @return new options
     */
    public EmulatorOptions withStrict(boolean newStrict) {
        return new EmulatorOptions(newStrict, vfi, substringQuirk, firstLineOnly, overtaking, seed, limits);
    }

    /**
     * The same with the successor's commands, or without.
     *
     * @param newVfi see there
     * @return new options
     */
    public EmulatorOptions withVfi(boolean newVfi) {
        return new EmulatorOptions(strict, newVfi, substringQuirk, firstLineOnly, overtaking, seed, limits);
    }

    /**
     * The same with options found by a part of their name, or only by all of it.
     *
     * @param newQuirk see there
     * @return new options
     */
    public EmulatorOptions withSubstringQuirk(boolean newQuirk) {
        return new EmulatorOptions(strict, vfi, newQuirk, firstLineOnly, overtaking, seed, limits);
    }

    /**
     * The same with one command in each write, or as many as there are lines.
     *
     * @param newFirstLineOnly see there
     * @return new options
     */
    public EmulatorOptions withFirstLineOnly(boolean newFirstLineOnly) {
        return new EmulatorOptions(strict, vfi, substringQuirk, newFirstLineOnly, overtaking, seed, limits);
    }

    /**
     * The same with commands that overtake each other.
     *
     * @param newSeed one seed, one order, as far as the clients come in the same order
     * @return new options
     */
    public EmulatorOptions withOvertaking(long newSeed) {
        return new EmulatorOptions(strict, vfi, substringQuirk, firstLineOnly, true, newSeed, limits);
    }

    /**
     * The same with other limits.
     *
     * @param newLimits see there
     * @return new options
     */
    public EmulatorOptions withLimits(EmulatorLimits newLimits) {
        return new EmulatorOptions(strict, vfi, substringQuirk, firstLineOnly, overtaking, seed, newLimits);
    }
}
