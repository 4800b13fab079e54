package org.rddma.perftest;

import java.util.List;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;

/**
 * What one end must know of the other to connect with it; of what both have to agree on, the smaller counts.
 *
 * @param gid of its port
 * @param lid of its port
 * @param mtu the most that it takes in one packet
 * @param outstandingReads the reads and atomics of a queue pair that it answers, and has under way, at a time
 * @param largestMessage the most that its device moves with one request
 * @param rkey of the memory that the other end writes to and reads from
 * @param lanes its queue pairs, in order: each is connected with the one of the same place
 */
record SideAddress(
        Gid gid, int lid, Mtu mtu, int outstandingReads, long largestMessage, int rkey, List<LaneAddress> lanes) {}
