package org.rddma.verbs;

import java.nio.ByteBuffer;

/**
 * What a send queue is to do ({@code struct ibv_send_wr}). One method per operation sets the opcode and what belongs
 * to it; id, elements, flags and the chain are set apart. Reusable and chainable: everything is read when the request
 * is posted, and may be changed as soon as the post returns. Not safe for use by several threads.
 *
 * <p>Which operation a queue pair can do depends on its type (man ibv_post_send): RC all of them, UC neither read nor
 * atomics, UD only the sends.
 */
public final class SendRequest extends WorkRequest {
    private WorkRequestOpcode opcode = WorkRequestOpcode.SEND;
    private int flags;
    private int immediate;
    private long remoteAddress;
    private int rkey;
    private long compareAdd;
    private long swap;
    private AddressHandle addressHandle;
    private int remoteQueuePair;
    private int remoteQkey;
    private ByteBuffer inlineData;
    private MemoryWindow window;
    private MemoryRegion region;
    private long bindAddress;
    private long bindLength;
    private int bindAccess;
    private long flushLength;
    private int flushPlacement;
    private FlushLevel flushLevel = FlushLevel.RANGE;
    private int xrcSharedReceiveQueue;
    private SendRequest next;

    /** A send of zero bytes with id 0, no flags, and none behind it. */
    public SendRequest() {}

    /**
     * Sets the id.
     *
     * @param wrId comes back in the completion
     * @return this
     */
    public SendRequest wrId(long wrId) {
        setWrId(wrId);
        return this;
    }

    /**
     * Makes this the only element.
     *
     * @param element the data, or where the result of a read or an atomic goes
     * @return this
     */
    public SendRequest sge(ScatterGatherElement element) {
        setElement(element);
        return this;
    }

    /**
     * Sets all elements.
     *
     * @param elements the data in order; the array is used, not copied
     * @return this
     */
    public SendRequest sges(ScatterGatherElement... elements) {
        setElements(elements);
        return this;
    }

    /**
     * Adds an element behind the others. Allocates: for set-up, not for the fast path.
     *
     * @param element the next bytes
     * @return this
     */
    public SendRequest addSge(ScatterGatherElement element) {
        appendElement(element);
        return this;
    }

    /**
     * Removes all elements.
     *
     * @return this
     */
    public SendRequest clearSges() {
        clearElements();
        return this;
    }

    /**
     * Replaces all flags.
     *
     * @param flags bits of {@link SendFlags}; 0 for none
     * @return this
     */
    public SendRequest flags(int flags) {
        this.flags = flags;
        return this;
    }

    /**
     * Sends a message.
     *
     * @return this
     */
    public SendRequest send() {
        opcode = WorkRequestOpcode.SEND;
        return this;
    }

    /**
     * Sends a message with immediate data.
     *
     * @param immediate 32 bits, delivered as they are; big-endian on a wire
     * @return this
     */
    public SendRequest sendWithImmediate(int immediate) {
        opcode = WorkRequestOpcode.SEND_WITH_IMM;
        this.immediate = immediate;
        return this;
    }

    /**
     * Writes into the peer's memory.
     *
     * @param remoteAddress where, in the peer's addresses; not looked at for zero bytes
     * @param rkey remote key of the peer's region
     * @return this
     */
    public SendRequest write(long remoteAddress, int rkey) {
        opcode = WorkRequestOpcode.RDMA_WRITE;
        return remote(remoteAddress, rkey);
    }

    /**
     * Writes into the peer's memory and consumes one of its receives, which carries the immediate data.
     *
     * @param remoteAddress where, in the peer's addresses
     * @param rkey remote key of the peer's region
     * @param immediate 32 bits
     * @return this
     */
    public SendRequest writeWithImmediate(long remoteAddress, int rkey, int immediate) {
        opcode = WorkRequestOpcode.RDMA_WRITE_WITH_IMM;
        this.immediate = immediate;
        return remote(remoteAddress, rkey);
    }

    /**
     * Reads the peer's memory into the elements.
     *
     * @param remoteAddress where, in the peer's addresses
     * @param rkey remote key of the peer's region
     * @return this
     */
    public SendRequest read(long remoteAddress, int rkey) {
        opcode = WorkRequestOpcode.RDMA_READ;
        return remote(remoteAddress, rkey);
    }

    /**
     * Stores {@code swap} if the 8 bytes at the peer equal {@code compare}; the old value lands in the element.
     * Values are in each host's own byte order.
     *
     * @param remoteAddress a multiple of 8
     * @param rkey remote key of the peer's region
     * @param compare expected value
     * @param swap new value
     * @return this
     */
    public SendRequest compareAndSwap(long remoteAddress, int rkey, long compare, long swap) {
        opcode = WorkRequestOpcode.ATOMIC_CMP_AND_SWP;
        this.compareAdd = compare;
        this.swap = swap;
        return remote(remoteAddress, rkey);
    }

    /**
     * Adds to the 8 bytes at the peer, modulo 2^64; the old value lands in the element.
     *
     * @param remoteAddress a multiple of 8
     * @param rkey remote key of the peer's region
     * @param add what to add
     * @return this
     */
    public SendRequest fetchAndAdd(long remoteAddress, int rkey, long add) {
        opcode = WorkRequestOpcode.ATOMIC_FETCH_AND_ADD;
        this.compareAdd = add;
        return remote(remoteAddress, rkey);
    }

    /**
     * Sets any opcode. Those that the methods above do not name are refused by a provider that cannot do them.
     *
     * @param opcode the operation
     * @return this
     */
    public SendRequest opcode(WorkRequestOpcode opcode) {
        this.opcode = opcode;
        return this;
    }

    /**
     * Says where a datagram goes; UD queue pairs only.
     *
     * @param addressHandle the way to the peer
     * @param remoteQueuePair its queue pair number
     * @param remoteQkey its Q_Key
     * @return this
     */
    public SendRequest datagram(AddressHandle addressHandle, int remoteQueuePair, int remoteQkey) {
        this.addressHandle = addressHandle;
        this.remoteQueuePair = remoteQueuePair;
        this.remoteQkey = remoteQkey;
        return this;
    }

    /**
     * Takes inline data from a buffer that need not be registered, heap or direct, instead of from elements: its
     * bytes from position to limit when {@link SendFlags#INLINE} is set (without the flag and without elements the
     * request is refused). The buffer's position does not change.
     *
     * @param data the bytes, or null to take inline data from the elements again
     * @return this
     */
    public SendRequest inlineData(ByteBuffer data) {
        this.inlineData = data;
        return this;
    }

    /**
     * Chains another request behind this one, to be posted by the same call.
     *
     * @param next the request behind, or null for none
     * @return this
     */
    public SendRequest next(SendRequest next) {
        this.next = next;
        return this;
    }

    /**
     * A send that invalidates a key of the peer, before its receive completes there (SEND_WITH_INV; RC).
     *
     * @param rkey of a memory window of type 2 that is bound to the peer's queue pair
     * @return this
     */
    public SendRequest sendWithInvalidate(int rkey) {
        opcode = WorkRequestOpcode.SEND_WITH_INV;
        this.rkey = rkey;
        return this;
    }

    /**
     * Invalidates a key of the own (LOCAL_INV): a memory window of type 2 is free again. Has no data.
     *
     * @param rkey the window's key
     * @return this
     */
    public SendRequest invalidateLocal(int rkey) {
        opcode = WorkRequestOpcode.LOCAL_INV;
        this.rkey = rkey;
        return this;
    }

    /**
     * Binds a memory window of type 2 (BIND_MW). Has no data.
     *
     * @param window a window that is free
     * @param rkey its new key: all but the low byte must be those of the old one
     * @param bind what it is to show; its id and flags are not looked at
     * @return this
     */
    public SendRequest bindMemoryWindow(MemoryWindow window, int rkey, MemoryWindowBind bind) {
        if (bind == null) {
            throw new VerbsException("bindMemoryWindow", Errno.EINVAL, "the bind is null");
        }
        opcode = WorkRequestOpcode.BIND_MW;
        this.window = window;
        this.rkey = rkey;
        region = bind.region();
        bindAddress = bind.address();
        bindLength = bind.length();
        bindAccess = bind.access();
        return this;
    }

    /**
     * Writes 8 bytes at once (ATOMIC_WRITE; RC): nobody sees half of them.
     *
     * @param remoteAddress a multiple of 8
     * @param rkey the peer's key, with REMOTE_WRITE
     * @return this; the 8 bytes are those of its elements, or its inline data
     */
    public SendRequest atomicWrite(long remoteAddress, int rkey) {
        opcode = WorkRequestOpcode.ATOMIC_WRITE;
        return remote(remoteAddress, rkey);
    }

    /**
     * Makes earlier writes of this queue pair visible or persistent at the peer (FLUSH; RC). Has no data.
     *
     * @param remoteAddress of the first byte; not looked at for a whole region
     * @param rkey the peer's key, with the rights for it
     * @param length bytes; not looked at for a whole region
     * @param placement bits of {@link FlushPlacement}, at least one
     * @param level how far
     * @return this
     */
    public SendRequest flush(long remoteAddress, int rkey, long length, int placement, FlushLevel level) {
        opcode = WorkRequestOpcode.FLUSH;
        flushLength = length;
        flushPlacement = placement;
        flushLevel = level;
        return remote(remoteAddress, rkey);
    }

    /**
     * On an extended reliable connection: whose receive the message takes.
     *
     * @param number as {@link SharedReceiveQueue#number()} of the peer's
     * @return this
     */
    public SendRequest xrcSharedReceiveQueue(int number) {
        xrcSharedReceiveQueue = number;
        return this;
    }

    /**
     * The window to be bound.
     *
     * @return null when none is
     */
    public MemoryWindow window() {
        return window;
    }

    /**
     * The region that the window is to show.
     *
     * @return null for none
     */
    public MemoryRegion boundRegion() {
        return region;
    }

    /**
     * Where the window is to begin.
     *
     * @return address as the region counts
     */
    public long bindAddress() {
        return bindAddress;
    }

    /**
     * How much the window is to show.
     *
     * @return bytes
     */
    public long bindLength() {
        return bindLength;
    }

    /**
     * What peers may do through the window.
     *
     * @return bits of {@link AccessFlags}
     */
    public int bindAccess() {
        return bindAccess;
    }

    /**
     * How much is flushed.
     *
     * @return bytes
     */
    public long flushLength() {
        return flushLength;
    }

    /**
     * What a flush guarantees.
     *
     * @return bits of {@link FlushPlacement}
     */
    public int flushPlacement() {
        return flushPlacement;
    }

    /**
     * How far a flush reaches.
     *
     * @return the level
     */
    public FlushLevel flushLevel() {
        return flushLevel;
    }

    /**
     * On an extended reliable connection: whose receive the message takes.
     *
     * @return the number of a shared receive queue
     */
    public int xrcSharedReceiveQueue() {
        return xrcSharedReceiveQueue;
    }

    private SendRequest remote(long address, int key) {
        remoteAddress = address;
        rkey = key;
        return this;
    }

    /**
     * The operation.
     *
     * @return the opcode; {@link WorkRequestOpcode#SEND} at first
     */
    public WorkRequestOpcode opcode() {
        return opcode;
    }

    /**
     * The flags.
     *
     * @return bits of {@link SendFlags}
     */
    public int flags() {
        return flags;
    }

    /**
     * The immediate data.
     *
     * @return 32 bits
     */
    public int immediate() {
        return immediate;
    }

    /**
     * Where the operation goes in the peer's memory.
     *
     * @return an address of the peer
     */
    public long remoteAddress() {
        return remoteAddress;
    }

    /**
     * The peer's key.
     *
     * @return remote key
     */
    public int rkey() {
        return rkey;
    }

    /**
     * The first operand of an atomic.
     *
     * @return what is compared or added
     */
    public long compareAdd() {
        return compareAdd;
    }

    /**
     * The second operand of a compare-and-swap.
     *
     * @return the new value
     */
    public long swap() {
        return swap;
    }

    /**
     * The way to a datagram's peer.
     *
     * @return null where none is set
     */
    public AddressHandle addressHandle() {
        return addressHandle;
    }

    /**
     * The peer of a datagram.
     *
     * @return queue pair number
     */
    public int remoteQueuePair() {
        return remoteQueuePair;
    }

    /**
     * The Q_Key of a datagram's peer.
     *
     * @return 32 bits
     */
    public int remoteQkey() {
        return remoteQkey;
    }

    /**
     * Inline data that does not come from the elements.
     *
     * @return null where it does
     */
    public ByteBuffer inlineData() {
        return inlineData;
    }

    /**
     * The request behind.
     *
     * @return null at the end of the chain
     */
    public SendRequest next() {
        return next;
    }

    @Override
    public String toString() {
        return "send request " + wrId() + " (" + (opcode == null ? "no opcode" : opcode.text()) + ") with " + sgeCount()
                + " elements";
    }
}
