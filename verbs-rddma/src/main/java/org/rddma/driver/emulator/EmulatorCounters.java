package org.rddma.driver.emulator;

/**
 * What a driver in user space has done since it was started.
 *
 * @param opens files that are open now
 * @param commands that were carried out, or are being
 * @param replies that were handed to their file
 * @param dropped replies whose file was closed before they came
 * @param refusedOpens files that were one too many
 * @param refusedCommands commands that were one too many, or too long
 * @param internalErrors mistakes of the driver itself: each answered its command with -5
 */
public record EmulatorCounters(
        int opens,
        long commands,
        long replies,
        long dropped,
        long refusedOpens,
        long refusedCommands,
        long internalErrors) {}
