package org.rddma.softdev;

import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.softdev.link.PeerDirectory;

/** The port of a device, and what can be reached through it. */
final class SoftPort implements PeerDirectory {
    private static final QueuePairEngine[] NOBODY = {};

    private final SoftFabric fabric;
    private volatile boolean up = true;

    SoftPort(SoftFabric fabric) {
        this.fabric = fabric;
    }

    boolean isUp() {
        return up;
    }

    void set(boolean nowUp) {
        up = nowUp;
        fabric.changed();
    }

    @Override
    public int version() {
        return fabric.version();
    }

    @Override
    public QueuePairEngine[] group(long gidHigh, long gidLow) {
        return up ? fabric.groups().find(gidHigh, gidLow) : NOBODY;
    }

    @Override
    public QueuePairEngine find(long gidHigh, long gidLow, int queuePair) {
        return up ? fabric.find(gidHigh, gidLow, queuePair) : null;
    }
}
