package org.rddma.verbs;

/**
 * What a device may or may not be able to do, besides what every device can. What it cannot do fails with EOPNOTSUPP
 * before anything is changed. A device's own are in {@link DeviceAttributes#capabilities()}.
 */
public enum Capability {
    /** Unreliable connections: {@link QueuePairType#UC}. */
    UNRELIABLE_CONNECTION,
    /** Datagrams: {@link QueuePairType#UD}, and address handles. */
    DATAGRAM,
    /** RDMA reads. */
    RDMA_READ,
    /** Compare-and-swap and fetch-and-add; against whom they are atomic says {@link AtomicCapability}. */
    ATOMICS,
    /** {@link WorkRequestOpcode#ATOMIC_WRITE}. */
    ATOMIC_WRITE,
    /** {@link WorkRequestOpcode#FLUSH}, and the rights for it. */
    FLUSH,
    /** Inline data. */
    INLINE,
    /** {@link ProtectionDomain#createSharedReceiveQueue}. */
    SHARED_RECEIVE_QUEUE,
    /** {@link SharedReceiveQueue#resize} ({@code IBV_DEVICE_SRQ_RESIZE}). */
    SHARED_RECEIVE_QUEUE_RESIZE,
    /** Windows that {@link QueuePair#bindMemoryWindow} binds ({@code IBV_DEVICE_MEM_WINDOW}). */
    MEMORY_WINDOW_TYPE_1,
    /** Windows that a work request binds ({@code IBV_DEVICE_MEM_WINDOW_TYPE_2B}). */
    MEMORY_WINDOW_TYPE_2,
    /** Sends that invalidate a key, and local invalidation ({@code IBV_DEVICE_MEM_MGT_EXTENSIONS}). */
    INVALIDATE,
    /** Regions whose addresses begin where the caller says, and zero-based ones. */
    CHOSEN_ADDRESS,
    /** {@link MemoryRegion#reregister} with other rights or another domain. */
    REREGISTER,
    /** {@link MemoryRegion#reregister} with other memory. */
    REREGISTER_TRANSLATION,
    /** {@link QueuePair#attachMulticast}. */
    MULTICAST,
    /** Extended reliable connections ({@code IBV_DEVICE_XRC}). */
    XRC,
    /** A second path, and changing to it ({@code IBV_DEVICE_AUTO_PATH_MIG}). */
    PATH_MIGRATION,
    /** {@link CompletionQueue#resize}. */
    RESIZE_COMPLETION_QUEUE,
    /** {@link CompletionQueue#moderate}. */
    MODERATION,
    /** {@link CompletionFields#COMPLETION_TIMESTAMP}, and {@link Context#queryRawClock}. */
    COMPLETION_TIMESTAMP,
    /** {@link CompletionFields#COMPLETION_TIMESTAMP_WALLCLOCK}. */
    WALLCLOCK_TIMESTAMP,
    /** {@link CompletionQueueAttributes#singleThreaded}. */
    SINGLE_THREADED,
    /** {@link CompletionQueueAttributes#ignoreOverrun}. */
    IGNORE_OVERRUN,
    /** {@link Context#allocateThreadDomain} and {@link Context#allocateParentDomain}. */
    THREAD_DOMAIN,
    /**
     * {@link ProtectionDomain#registerAll}: one region over all memory of the process (WrapDrive's {@code
     * WD_CAPA_SHARE_ALL}, implicit on-demand paging of libibverbs).
     */
    SHARE_ALL,
    /**
     * Completions of one send queue may overtake each other, unless a request is fenced: a warning rather than a
     * service (WrapDrive's {@code WD_WEAK_ORDER}). With it the completion of a request says nothing of those before
     * it.
     */
    WEAK_ORDER
}
