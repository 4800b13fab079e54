package org.rddma.driver;

/**
 * What became of the replies that a connection has read, at one moment.
 *
 * @param delivered went to those who waited for them
 * @param late came for a request that was given up before: by a timeout, {@code cancel()} or {@code close()}
 * @param unknown had no tag, or one that was never sent or is answered already
 * @param unreadable were no replies
 * @param reserved requests that were given up and whose replies are still to come; their tags are not used meanwhile
 */
public record ReplyCounters(long delivered, long late, long unknown, long unreadable, long reserved) {
    /**
     * How many replies nobody got.
     *
     * @return 0 or more
     */
    public long dropped() {
        return late + unknown + unreadable;
    }
}
