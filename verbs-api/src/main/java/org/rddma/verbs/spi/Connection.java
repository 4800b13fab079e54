package org.rddma.verbs.spi;

import org.rddma.verbs.QueuePairAttributes;

/**
 * The attributes of a queue pair: those that were set, for {@code query}, and copies of those that requester and
 * responder read for each message, in plain fields. Changed only while both stand still; what makes them stand still,
 * a lock of the provider, also makes the changes visible.
 */
public final class Connection {
    private final QueuePairAttributes all = new QueuePairAttributes();

    private int accessFlags;
    private int qkey;
    private int destinationQueuePair;
    private long destinationGidHigh;
    private long destinationGidLow;
    private int trafficClass;
    private int flowLabel;
    private int hopLimit;
    private int serviceLevel;
    private int mtuShift;
    private int timeout;
    private int retryCount;
    private int rnrRetry;
    private int minRnrTimer;
    private int maxReadAtomic;
    private int maxDestReadAtomic;

    /** Of a new queue pair: nothing set. */
    public Connection() {}

    /**
     * Takes over what is set.
     *
     * @param changes attributes that were checked
     */
    public void apply(QueuePairAttributes changes) {
        all.putAll(changes);
        accessFlags = all.accessFlags();
        qkey = all.qkey();
        destinationQueuePair = all.destinationQueuePair();
        mtuShift = all.pathMtu() == null
                ? 0
                : Integer.numberOfTrailingZeros(all.pathMtu().bytes());
        timeout = all.timeout();
        retryCount = all.retryCount();
        rnrRetry = all.rnrRetry();
        minRnrTimer = all.minRnrTimer();
        maxReadAtomic = all.maxReadAtomic();
        maxDestReadAtomic = all.maxDestReadAtomic();
        if (all.addressVector() != null) {
            destinationGidHigh = all.addressVector().destination().high();
            destinationGidLow = all.addressVector().destination().low();
            trafficClass = all.addressVector().trafficClass();
            flowLabel = all.addressVector().flowLabel();
            hopLimit = all.addressVector().hopLimit();
            serviceLevel = all.addressVector().serviceLevel();
        }
    }

    /**
     * All that was ever set. The state is the caller's to add.
     *
     * @return a copy
     */
    public QueuePairAttributes query() {
        return new QueuePairAttributes().putAll(all);
    }

    /**
     * An attribute.
     *
     * @return what peers may do
     */
    public int accessFlags() {
        return accessFlags;
    }

    /**
     * An attribute.
     *
     * @return Q_Key
     */
    public int qkey() {
        return qkey;
    }

    /**
     * An attribute.
     *
     * @return number of the peer
     */
    public int destinationQueuePair() {
        return destinationQueuePair;
    }

    /**
     * An attribute.
     *
     * @return first half of the peer's GID
     */
    public long destinationGidHigh() {
        return destinationGidHigh;
    }

    /**
     * An attribute.
     *
     * @return second half of the peer's GID
     */
    public long destinationGidLow() {
        return destinationGidLow;
    }

    /**
     * An attribute.
     *
     * @return of the way to the peer
     */
    public int trafficClass() {
        return trafficClass;
    }

    /**
     * An attribute.
     *
     * @return of the way to the peer
     */
    public int flowLabel() {
        return flowLabel;
    }

    /**
     * An attribute.
     *
     * @return of the way to the peer
     */
    public int hopLimit() {
        return hopLimit;
    }

    /**
     * An attribute.
     *
     * @return of the way to the peer
     */
    public int serviceLevel() {
        return serviceLevel;
    }

    /**
     * An attribute.
     *
     * @return binary logarithm of the path MTU in bytes; 0 without one
     */
    public int mtuShift() {
        return mtuShift;
    }

    /**
     * An attribute.
     *
     * @return local ACK timeout as in the verbs: 0 is endless, else 4.096 us doubled so many times
     */
    public int timeout() {
        return timeout;
    }

    /**
     * An attribute.
     *
     * @return how often a request is sent again
     */
    public int retryCount() {
        return retryCount;
    }

    /**
     * An attribute.
     *
     * @return how often after RNR; 7 is for ever
     */
    public int rnrRetry() {
        return rnrRetry;
    }

    /**
     * An attribute.
     *
     * @return code of the least RNR delay, 0 to 31
     */
    public int minRnrTimer() {
        return minRnrTimer;
    }

    /**
     * An attribute.
     *
     * @return reads and atomic operations under way at a time, as requester
     */
    public int maxReadAtomic() {
        return maxReadAtomic;
    }

    /**
     * An attribute.
     *
     * @return reads and atomic operations under way at a time, as responder
     */
    public int maxDestReadAtomic() {
        return maxDestReadAtomic;
    }
}
