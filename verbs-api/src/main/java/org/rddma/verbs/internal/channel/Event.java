package org.rddma.verbs.internal.channel;

/**
 * What lies in a channel.
 *
 * @param <T> what it is handed out as
 */
public interface Event<T> {
    /**
     * Whose event it is, and where it is counted.
     *
     * @return the source
     */
    EventSource<?> source();

    /**
     * What its reader gets.
     *
     * @return not null
     */
    T handedOut();
}
