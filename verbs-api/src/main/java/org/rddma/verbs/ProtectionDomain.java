package org.rddma.verbs;

import java.nio.ByteBuffer;

/**
 * What may work together ({@code struct ibv_pd}): a queue pair can use only the memory of its own domain. Safe for
 * use by several threads.
 */
public interface ProtectionDomain extends AutoCloseable {
    /**
     * The context that it belongs to.
     *
     * @return its parent
     */
    Context context();

    /**
     * Registers the whole of a buffer, from index 0 to its capacity whatever its position and limit ({@code
     * ibv_reg_mr}).
     *
     * @param buffer direct or mapped; kept alive as long as the region
     * @param access bits of {@link AccessFlags}
     * @return a new region
     * @throws VerbsException as {@link #registerMemory(ByteBuffer, int, int, int)}
     */
    default MemoryRegion registerMemory(ByteBuffer buffer, int access) {
        if (buffer == null) {
            throw new VerbsException("registerMemory", Errno.EINVAL, "the buffer is null");
        }
        return registerMemory(buffer, 0, buffer.capacity(), access);
    }

    /**
     * Registers a part of a buffer ({@code ibv_reg_mr}). The same memory may be registered several times.
     *
     * @param buffer direct or mapped; kept alive as long as the region. Its position and limit do not matter
     * @param offset index of the first byte
     * @param length bytes, at least 1
     * @param access bits of {@link AccessFlags}; 0 for memory that is only sent from
     * @return a new region
     * @throws VerbsException EINVAL when the buffer is null or the range is empty or outside of it, or when
     *     REMOTE_WRITE or REMOTE_ATOMIC is asked for without LOCAL_WRITE; EFAULT when the buffer is on the heap;
     *     EACCES when the buffer is read-only and a right to write is asked for; EOPNOTSUPP for rights that the
     *     device does not know; ENOMEM when the device's limit is reached; EBADF when the domain is closed
     */
    MemoryRegion registerMemory(ByteBuffer buffer, int offset, int length, int access);

    /**
     * Allocates zeroed memory that begins at a page, and registers all of it.
     *
     * @param length bytes, at least 1
     * @param access bits of {@link AccessFlags}
     * @return a new region; its memory is freed when neither it nor a view of its buffer is reachable any more
     * @throws VerbsException EINVAL for a length below 1; ENOMEM when there is no such memory; otherwise as
     *     {@link #registerMemory(ByteBuffer, int, int, int)}
     */
    MemoryRegion allocateMemory(int length, int access);

    /**
     * Makes a queue pair, in state RESET ({@code ibv_create_qp}).
     *
     * @param attributes type, completion queues and sizes; read, not kept
     * @return a new queue pair, at least as large as asked for
     * @throws VerbsException EINVAL when an attribute is missing, out of the device's limits, or belongs to another
     *     context; EOPNOTSUPP for a type that the device does not have; ENOMEM when the device's limit or memory is
     *     reached; EBADF when the domain or a completion queue is closed
     */
    QueuePair createQueuePair(QueuePairInitAttributes attributes);

    /**
     * Makes an address handle, for datagrams ({@code ibv_create_ah}).
     *
     * @param vector the way to the peer
     * @return a new handle
     * @throws VerbsException EINVAL when a field is out of range, or the GID index names an empty slot; ENOMEM when the
     *     device's limit is reached; EBADF when the domain is closed
     */
    AddressHandle createAddressHandle(AddressVector vector);

    /**
     * Frees the domain ({@code ibv_dealloc_pd}).
     *
     * @throws VerbsException EBUSY while regions, windows, queue pairs, shared receive queues, address handles or parent
     *     domains of it live
     */
    @Override
    void close();

    /**
     * Registers memory whose addresses begin where the caller says ({@code ibv_reg_mr_iova}).
     *
     * @param buffer as for {@link #registerMemory(ByteBuffer, int, int, int)}
     * @param offset as there
     * @param length as there
     * @param access as there
     * @param address what work requests call the first byte; 0 makes a zero-based region
     * @return the region
     * @throws VerbsException as there; EINVAL when addresses would wrap around; EOPNOTSUPP when the device cannot
     */
    default MemoryRegion registerMemory(ByteBuffer buffer, int offset, int length, int access, long address) {
        throw VerbsException.unsupported("registerMemory", Capability.CHOSEN_ADDRESS);
    }

    /**
     * Registers all memory of the process at once, that which is there and that which comes later ({@code
     * ibv_reg_mr} of everything, on demand). Requests name memory by native addresses, which {@link
     * MemoryRegion#addressOf} tells of a buffer. An address where nothing is, or nothing that may be used so, ends the
     * request with a protection or access error, as a wrong address does with any other region.
     *
     * <p>Nothing is kept alive by such a region: the program keeps its buffers reachable while requests use them. And
     * rights to write are rights to write everywhere, into what belongs to the virtual machine or to another library
     * as well: give them to nobody who is not trusted with the whole process. Rights to read give all its secrets away.
     *
     * @param access of {@link AccessFlags#LOCAL_WRITE}, {@link AccessFlags#REMOTE_WRITE}, {@link
     *     AccessFlags#REMOTE_READ}, {@link AccessFlags#FLUSH_GLOBAL} and hints; {@link AccessFlags#ON_DEMAND} may be
     *     said and means nothing more. 0 for memory that is only sent from. Atomics and atomic writes of peers cannot
     *     go there
     * @return a new region: its address is 0, its length 2^31 - 1 stands for all there is, its buffer is empty, and it
     *     cannot be reregistered
     * @throws VerbsException EINVAL when REMOTE_WRITE is asked for without LOCAL_WRITE; EOPNOTSUPP when the device
     *     cannot, or for other rights (atomics, windows, zero-based, persistence); ENOMEM when the device's limit is
     *     reached; EBADF when the domain is closed
     */
    default MemoryRegion registerAll(int access) {
        throw VerbsException.unsupported("registerAll", Capability.SHARE_ALL);
    }

    /**
     * Allocates a memory window, which is not bound ({@code ibv_alloc_mw}).
     *
     * @param type how it will be bound
     * @return the window
     * @throws VerbsException EINVAL for null; ENOMEM when the device has no window left; EOPNOTSUPP when it cannot do
     *     this type
     */
    default MemoryWindow allocateMemoryWindow(MemoryWindowType type) {
        throw VerbsException.unsupported(
                "allocateMemoryWindow",
                type == MemoryWindowType.TYPE_2 ? Capability.MEMORY_WINDOW_TYPE_2 : Capability.MEMORY_WINDOW_TYPE_1);
    }

    /**
     * Creates a shared receive queue ({@code ibv_create_srq}, {@code ibv_create_srq_ex}).
     *
     * @param attributes what it is to be; read, not kept
     * @return the queue
     * @throws VerbsException EINVAL when the sizes are out of range; ENOMEM when the device has none left; EOPNOTSUPP
     *     when it cannot
     */
    default SharedReceiveQueue createSharedReceiveQueue(SharedReceiveQueueAttributes attributes) {
        throw VerbsException.unsupported("createSharedReceiveQueue", Capability.SHARED_RECEIVE_QUEUE);
    }

    /**
     * Makes an address handle to who sent a datagram ({@code ibv_create_ah_from_wc}).
     *
     * @param port that it came in by
     * @param completion of the receive
     * @param header the first 40 bytes of the receive's memory, from the buffer's position on
     * @return the handle
     * @throws VerbsException as {@link Context#addressVector} and {@link #createAddressHandle(AddressVector)}
     */
    default AddressHandle createAddressHandle(int port, WorkCompletion completion, ByteBuffer header) {
        return createAddressHandle(context().addressVector(port, completion, header));
    }

    /**
     * The thread domain of a parent domain.
     *
     * @return null for an ordinary protection domain, and for a parent domain without one
     */
    default ThreadDomain threadDomain() {
        return null;
    }
}
