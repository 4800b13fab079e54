package org.rddma.verbs.app;

import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.VerbsException;

/**
 * Memory that a peer has offered, as requests to it name it. Immutable, and safe for use by several threads.
 *
 * @param address of its first byte
 * @param length bytes
 * @param key the remote key
 */
public record RemoteMemory(long address, long length, int key) {
    /**
     * What a region is to peers. What they may do with it are its access rights.
     *
     * @param region of the own device
     * @return its address, length and remote key
     * @throws VerbsException EINVAL when it is null
     */
    public static RemoteMemory of(MemoryRegion region) {
        if (region == null) {
            throw new VerbsException("RemoteMemory.of", Errno.EINVAL, "the region is null");
        }
        return new RemoteMemory(region.address(), region.length(), region.rkey());
    }
}
