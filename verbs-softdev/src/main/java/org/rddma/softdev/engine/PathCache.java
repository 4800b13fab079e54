package org.rddma.softdev.engine;

import org.rddma.softdev.link.roce.Path;

/** The ways to the peers that datagrams went to lately: a program that writes to a few in turn makes no objects. */
final class PathCache {
    private static final int SLOTS = 64;

    private final int number;
    private final Path[] paths = new Path[SLOTS];

    /** For a queue pair with this number. */
    PathCache(int number) {
        this.number = number;
    }

    Path path(long gidHigh, long gidLow, int trafficClass, int hopLimit, int flowLabel, int peer) {
        int sourcePort = Path.sourcePort(flowLabel, number, peer);
        long mixed = (gidHigh ^ gidLow * 31 ^ sourcePort) * 0x9E37_79B9_7F4A_7C15L;
        int slot = (int) (mixed >>> 58);
        Path path = paths[slot];
        if (path == null
                || path.destinationGidLow() != gidLow
                || path.destinationGidHigh() != gidHigh
                || path.sourcePort() != sourcePort
                || path.trafficClass() != trafficClass
                || path.hopLimit() != hopLimit) {
            path = new Path(gidHigh, gidLow, trafficClass, hopLimit, sourcePort);
            paths[slot] = path;
        }
        return path;
    }
}
