package org.rddma.driver;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The commands that a driver knows. Those of {@link #vfi()} came with its successor, the rest are in both. */
public enum Operation {
    /** Makes a location. */
    LOCATION_CREATE,
    /** Finds a location, on the network if need be. */
    LOCATION_FIND,
    /** Gives back a reference to a location. */
    LOCATION_PUT,
    /** Deletes a location. */
    LOCATION_DELETE,
    /** Makes a shared memory buffer. */
    SMB_CREATE,
    /** Finds a shared memory buffer. */
    SMB_FIND,
    /** Deletes a shared memory buffer. */
    SMB_DELETE,
    /** Makes a ticket for mmap(2). */
    SMB_MMAP,
    /** Gives back a ticket for mmap(2); its reply calls itself {@code smb_unmap}. */
    SMB_UNMMAP,
    /** Makes a transfer, or finds the one that is there. */
    XFER_CREATE,
    /** Finds a transfer. */
    XFER_FIND,
    /** Deletes a transfer. */
    XFER_DELETE,
    /** Adds one copy to a transfer. */
    BIND_CREATE(true, false),
    /** Finds a copy of a transfer. */
    BIND_FIND,
    /** Deletes the copies in a range of a transfer. */
    BIND_DELETE,
    /** Between nodes: the destinations of a bind. */
    DSTS_CREATE(true, false),
    /** Between nodes: the destinations of a bind. */
    DSTS_DELETE(true, false),
    /** Between nodes: the destinations of a bind. */
    DSTS_FIND(true, false),
    /** Between nodes: one destination of a bind. */
    DST_CREATE(true, false),
    /** Between nodes: one destination of a bind. */
    DST_DELETE(true, false),
    /** Between nodes: one destination of a bind. */
    DST_FIND(true, false),
    /** Between nodes: the sources of a destination. */
    SRCS_CREATE(true, false),
    /** Between nodes: the sources of a destination. */
    SRCS_DELETE(true, false),
    /** Between nodes: the sources of a destination. */
    SRCS_FIND(true, false),
    /** Between nodes: one source of a destination. */
    SRC_CREATE(true, false),
    /** Between nodes: one source of a destination. */
    SRC_DELETE(true, false),
    /** Between nodes: one source of a destination. */
    SRC_FIND(true, false),
    /** Starts an event and waits for all copies that are attached to it. */
    EVENT_START,
    /** Makes one event start when another is over. */
    EVENT_CHAIN,
    /** Finds an event. */
    EVENT_FIND(false, true),
    /** Gives back a reference to a buffer. */
    SMB_PUT(false, true),
    /** The driver's own: a reference to a buffer is gone. */
    SMB_LOSE(false, true),
    /** Makes a ticket for mmap(2), or finds the one that is there. */
    MMAP_CREATE(false, true),
    /** Finds a ticket for mmap(2). */
    MMAP_FIND(false, true),
    /** Deletes a ticket for mmap(2). */
    MMAP_DELETE(false, true),
    /** Gives back a reference to a ticket. */
    MMAP_PUT(false, true),
    /** Gives back a reference to a transfer. */
    XFER_PUT(false, true),
    /** The driver's own: a reference to a transfer is gone. */
    XFER_LOSE(false, true),
    /** The driver's own: a reference to a bind is gone. */
    BIND_LOSE(false, true),
    /** Makes a counting barrier. */
    SYNC_CREATE(false, true),
    /** Counts down and waits for zero. */
    SYNC_WAIT(false, true),
    /** Counts down and does not wait. */
    SYNC_SEND(false, true),
    /** Finds a barrier. */
    SYNC_FIND(false, true),
    /** Gives back a reference to a barrier. */
    SYNC_PUT(false, true),
    /** Deletes a barrier. */
    SYNC_DELETE(false, true);

    private static final Map<String, Operation> BY_TEXT =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Operation::toString, operation -> operation));

    private final String text;
    private final boolean triple;
    private final boolean vfi;

    Operation() {
        this(false, false);
    }

    Operation(boolean triple, boolean vfi) {
        text = name().toLowerCase(Locale.ROOT);
        this.triple = triple;
        this.vfi = vfi;
    }

    /**
     * The command of that text.
     *
     * @param text in lower case, exactly
     * @return null when there is none
     */
    public static Operation named(String text) {
        return BY_TEXT.get(text);
    }

    /**
     * Whether its subject is a {@link Triple}.
     *
     * @return false when it is a {@link Descriptor}
     */
    public boolean triple() {
        return triple;
    }

    /**
     * Whether only the later driver knows it.
     *
     * @return true for the VFI additions
     */
    public boolean vfi() {
        return vfi;
    }

    /**
     * Whether it is about a location itself.
     *
     * @return true for those whose text begins with {@code location_}
     */
    public boolean aboutLocation() {
        return text.startsWith("location_");
    }

    /** The text before the {@code ://}. */
    @Override
    public String toString() {
        return text;
    }
}
