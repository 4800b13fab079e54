package org.rddma.driver;

import java.util.OptionalLong;

/**
 * All commands, one method each, for any thread.
 *
 * <p>Each throws {@link org.rddma.verbs.VerbsException} with EINVAL at once, and says why, when the driver would misread
 * what it is given. A null name throws NullPointerException. What the driver answers is another matter: see
 * {@link Reply}.
 *
 * <p>Names are of printable ASCII without the marks of the grammar. Locations are written from the leaf to the root with
 * dots between. Offsets and extents are in bytes; an extent has 32 bits. The commands marked VFI are unknown to the
 * older driver. Its own commands between nodes are made with {@link Command#of}.
 */
public final class Commands {
    private Commands() {}

    /**
     * Makes a root, or with a parent in its name a child of that.
     *
     * @param path from the leaf to the root
     * @param networkId the network's number of it
     * @param ownId the number of ourselves there
     * @param options a root needs at least {@code default_ops}; see {@link #locationOptions}
     * @return {@code location_create}
     */
    public static Command locationCreate(String path, OptionalLong networkId, OptionalLong ownId, Options options) {
        Descriptor named = path(path);
        return Command.of(
                Operation.LOCATION_CREATE, new Descriptor(named.name(), named.location(), networkId, ownId, options));
    }

    /**
     * The options of a location.
     *
     * @param isPublic true when commands go to the node that owns it, false when they are carried out here
     * @param fabric the transport; null for none
     * @param dmaName the engine; null for none
     * @return them
     */
    public static Options locationOptions(boolean isPublic, String fabric, String dmaName) {
        Options options = Options.NONE.with("default_ops", isPublic ? "public" : "private");
        if (fabric != null) {
            options = options.with("fabric", fabric);
        }
        return dmaName == null ? options : options.with("dma_name", dmaName);
    }

    /**
     * Finds a location.
     *
     * @param path from the leaf to the root
     * @param options with {@code default_ops} a root is looked for on the network
     * @return {@code location_find}
     */
    public static Command locationFind(String path, Options options) {
        return Command.of(Operation.LOCATION_FIND, path(path).with(options));
    }

    /**
     * Gives back a reference.
     *
     * @param path from the leaf to the root
     * @return {@code location_put}
     */
    public static Command locationPut(String path) {
        return Command.of(Operation.LOCATION_PUT, path(path));
    }

    /**
     * Deletes a location.
     *
     * @param path from the leaf to the root
     * @return {@code location_delete}
     */
    public static Command locationDelete(String path) {
        return Command.of(Operation.LOCATION_DELETE, path(path));
    }

    /**
     * Makes a buffer of the driver's own memory.
     *
     * @param name of the buffer
     * @param location where
     * @param offset of its first byte in its first page, at most 4064
     * @param extent its length
     * @return {@code smb_create}
     */
    public static Command smbCreate(String name, String location, long offset, long extent) {
        return at(Operation.SMB_CREATE, name, location, offset, extent);
    }

    /**
     * Makes a buffer of a process's memory (VFI).
     *
     * @param name of the buffer
     * @param location where
     * @param address of the memory
     * @param extent its length
     * @param thread whose memory it is: the number of one of the process's threads
     * @return {@code smb_create} with {@code map_address}, {@code map_extent} and {@code mytid}
     */
    public static Command smbCreateFromUser(String name, String location, long address, long extent, int thread) {
        Options options = Options.NONE
                .with("map_address", Long.toHexString(address))
                .with("map_extent", Long.toHexString(extent))
                .with("mytid", Integer.toString(thread));
        return Command.of(
                Operation.SMB_CREATE,
                Descriptor.of(name, location).withExtent(extent).with(options));
    }

    /**
     * Finds a buffer.
     *
     * @param name of the buffer
     * @param location where it is
     * @return {@code smb_find}
     */
    public static Command smbFind(String name, String location) {
        return plain(Operation.SMB_FIND, name, location);
    }

    /**
     * Deletes a buffer.
     *
     * @param name of the buffer
     * @param location where it is
     * @return {@code smb_delete}
     */
    public static Command smbDelete(String name, String location) {
        return plain(Operation.SMB_DELETE, name, location);
    }

    /**
     * Gives back a reference to a buffer (VFI).
     *
     * @param name of the buffer
     * @param location where it is
     * @return {@code smb_put}
     */
    public static Command smbPut(String name, String location) {
        return plain(Operation.SMB_PUT, name, location);
    }

    /**
     * Makes a ticket for mmap(2).
     *
     * @param name of the buffer
     * @param location where it is
     * @param offset a multiple of the page
     * @param extent how much
     * @return {@code smb_mmap}
     */
    public static Command smbMmap(String name, String location, long offset, long extent) {
        return at(Operation.SMB_MMAP, name, location, offset, extent);
    }

    /**
     * Gives back a ticket.
     *
     * @param name of the buffer
     * @param location where it is
     * @param offset as when it was made
     * @param extent as when it was made
     * @return {@code smb_unmmap}
     */
    public static Command smbUnmmap(String name, String location, long offset, long extent) {
        return at(Operation.SMB_UNMMAP, name, location, offset, extent);
    }

    /**
     * Makes a ticket for mmap(2), or finds it (VFI).
     *
     * @param name of the buffer
     * @param location where it is
     * @param offset a multiple of the page
     * @param extent how much
     * @return {@code mmap_create}
     */
    public static Command mmapCreate(String name, String location, long offset, long extent) {
        return at(Operation.MMAP_CREATE, name, location, offset, extent);
    }

    /**
     * Finds a ticket (VFI).
     *
     * @param name of the buffer
     * @param location where it is
     * @param offset as when it was made
     * @param extent as when it was made
     * @return {@code mmap_find}
     */
    public static Command mmapFind(String name, String location, long offset, long extent) {
        return at(Operation.MMAP_FIND, name, location, offset, extent);
    }

    /**
     * Deletes a ticket (VFI).
     *
     * @param name of the buffer
     * @param location where it is
     * @param offset as when it was made
     * @param extent as when it was made
     * @return {@code mmap_delete}
     */
    public static Command mmapDelete(String name, String location, long offset, long extent) {
        return at(Operation.MMAP_DELETE, name, location, offset, extent);
    }

    /**
     * Gives back a reference to a ticket (VFI).
     *
     * @param name of the buffer
     * @param location where it is
     * @param offset as when it was made
     * @param extent as when it was made
     * @return {@code mmap_put}
     */
    public static Command mmapPut(String name, String location, long offset, long extent) {
        return at(Operation.MMAP_PUT, name, location, offset, extent);
    }

    /**
     * Makes a transfer, or finds it.
     *
     * @param name of the transfer
     * @param location whose engine moves the data
     * @return {@code xfer_create}
     */
    public static Command xferCreate(String name, String location) {
        return plain(Operation.XFER_CREATE, name, location);
    }

    /**
     * Finds a transfer.
     *
     * @param name of the transfer
     * @param location where it is
     * @return {@code xfer_find}
     */
    public static Command xferFind(String name, String location) {
        return plain(Operation.XFER_FIND, name, location);
    }

    /**
     * Deletes a transfer.
     *
     * @param name of the transfer
     * @param location where it is
     * @return {@code xfer_delete}
     */
    public static Command xferDelete(String name, String location) {
        return plain(Operation.XFER_DELETE, name, location);
    }

    /**
     * Gives back a reference to a transfer (VFI).
     *
     * @param name of the transfer
     * @param location where it is
     * @return {@code xfer_put}
     */
    public static Command xferPut(String name, String location) {
        return plain(Operation.XFER_PUT, name, location);
    }

    /**
     * Adds one copy to a transfer. One extent is enough; those that are given must be the same.
     *
     * @param transfer whose copy it is; without an offset it goes to the end
     * @param destination where to
     * @param destinationEvent whose start makes the destination ready
     * @param source where from
     * @param sourceEvent whose start makes the source ready
     * @return {@code bind_create}
     */
    public static Command bindCreate(
            Descriptor transfer,
            Descriptor destination,
            String destinationEvent,
            Descriptor source,
            String sourceEvent) {
        return Command.of(
                Operation.BIND_CREATE,
                new Triple(
                        transfer,
                        destination.with("event_name", destinationEvent),
                        source.with("event_name", sourceEvent)));
    }

    /**
     * Finds a copy.
     *
     * @param transfer whose copy it is
     * @param location where that is
     * @param offset of the copy in the transfer
     * @param extent of the copy
     * @return {@code bind_find}
     */
    public static Command bindFind(String transfer, String location, long offset, long extent) {
        return at(Operation.BIND_FIND, transfer, location, offset, extent);
    }

    /**
     * Deletes the copies whose offset is in a range, its end included.
     *
     * @param transfer whose copies they are
     * @param location where that is
     * @param offset start of the range; 0 when absent
     * @param extent of the range; everything when absent
     * @return {@code bind_delete}
     */
    public static Command bindDelete(String transfer, String location, OptionalLong offset, OptionalLong extent) {
        return Command.of(Operation.BIND_DELETE, new Descriptor(transfer, location, offset, extent, Options.NONE));
    }

    /**
     * Starts an event; the reply comes when all copies that are attached to it are done.
     *
     * @param event its name
     * @param location on which node
     * @return {@code event_start}
     */
    public static Command eventStart(String event, String location) {
        return plain(Operation.EVENT_START, event, location);
    }

    /**
     * Makes an event start when another is over.
     *
     * @param event the first
     * @param location on which node
     * @param next the second
     * @return {@code event_chain}
     */
    public static Command eventChain(String event, String location, String next) {
        return Command.of(Operation.EVENT_CHAIN, Descriptor.of(event, location).with("event_name", next));
    }

    /**
     * Finds an event (VFI).
     *
     * @param event its name
     * @param location on which node
     * @return {@code event_find}
     */
    public static Command eventFind(String event, String location) {
        return plain(Operation.EVENT_FIND, event, location);
    }

    /**
     * Makes a barrier (VFI).
     *
     * @param name of the barrier
     * @param location where
     * @param count how many take part
     * @return {@code sync_create}
     */
    public static Command syncCreate(String name, String location, long count) {
        return Command.of(Operation.SYNC_CREATE, Descriptor.of(name, location).withOffset(count));
    }

    /**
     * Counts down and waits for zero (VFI).
     *
     * @param name of the barrier
     * @param location where it is
     * @param count to set first when it is at zero
     * @return {@code sync_wait}
     */
    public static Command syncWait(String name, String location, OptionalLong count) {
        return counted(Operation.SYNC_WAIT, name, location, count);
    }

    /**
     * Counts down and does not wait (VFI).
     *
     * @param name of the barrier
     * @param location where it is
     * @param count to set first when it is at zero
     * @return {@code sync_send}
     */
    public static Command syncSend(String name, String location, OptionalLong count) {
        return counted(Operation.SYNC_SEND, name, location, count);
    }

    /**
     * Finds a barrier (VFI).
     *
     * @param name of the barrier
     * @param location where it is
     * @return {@code sync_find}
     */
    public static Command syncFind(String name, String location) {
        return plain(Operation.SYNC_FIND, name, location);
    }

    /**
     * Gives back a reference to a barrier (VFI).
     *
     * @param name of the barrier
     * @param location where it is
     * @return {@code sync_put}
     */
    public static Command syncPut(String name, String location) {
        return plain(Operation.SYNC_PUT, name, location);
    }

    /**
     * Deletes a barrier (VFI).
     *
     * @param name of the barrier
     * @param location where it is
     * @return {@code sync_delete}
     */
    public static Command syncDelete(String name, String location) {
        return plain(Operation.SYNC_DELETE, name, location);
    }

    private static Command plain(Operation operation, String name, String location) {
        return Command.of(operation, Descriptor.of(name, location));
    }

    private static Command at(Operation operation, String name, String location, long offset, long extent) {
        return Command.of(operation, Descriptor.of(name, location).at(offset, extent));
    }

    private static Command counted(Operation operation, String name, String location, OptionalLong count) {
        return Command.of(operation, new Descriptor(name, location, count, OptionalLong.empty(), Options.NONE));
    }

    private static Descriptor path(String path) {
        int dot = path.indexOf('.');
        return dot < 0 ? Descriptor.of(path, null) : Descriptor.of(path.substring(0, dot), path.substring(dot + 1));
    }
}
