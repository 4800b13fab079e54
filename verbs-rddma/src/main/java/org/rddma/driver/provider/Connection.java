package org.rddma.driver.provider;

import org.rddma.verbs.QueuePairAttributes;

/** The attributes of a queue pair, as its requester and responder read them. Changed only while both stand still. */
final class Connection {
    private final QueuePairAttributes all = new QueuePairAttributes();

    int accessFlags;
    int qkey;
    int destinationQueuePair;
    long destinationGidHigh;
    long destinationGidLow;
    int trafficClass;
    int flowLabel;
    int hopLimit;
    int serviceLevel;
    int mtuShift;
    int timeout;
    int retryCount;
    int rnrRetry;
    int minRnrTimer;
    int maxReadAtomic;
    int maxDestReadAtomic;

    void apply(QueuePairAttributes changes) {
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

    QueuePairAttributes query() {
        return new QueuePairAttributes().putAll(all);
    }
}
