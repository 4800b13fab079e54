package org.rddma.softdev;

/** What a completion queue raises an event for. */
public enum ArmWord {
    /** Nothing: it was not armed since the last event. */
    DISARMED,
    /** The next completion that is solicited, or an error. */
    SOLICITED,
    /** The next completion. */
    ANY
}
