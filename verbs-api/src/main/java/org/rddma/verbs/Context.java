package org.rddma.verbs;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * An open device ({@code struct ibv_context}): the parent of everything else. Objects of one context cannot be used
 * with those of another. Safe for use by several threads.
 *
 * <p>All objects share one life cycle. Closing twice is harmless. Closing what others still use fails with EBUSY and
 * names them. Using what is closed fails with EBADF and can never touch freed memory.
 *
 * <p>When the device is gone ({@link AsyncEventType#DEVICE_FATAL}) all verbs fail with EIO, except those that take what
 * is there already, unread events and unpolled completions, and except acknowledging and closing.
 */
public interface Context extends AutoCloseable {
    /**
     * The device that this is a context of.
     *
     * @return the device
     */
    Device device();

    /**
     * A port of the device ({@code ibv_query_port}).
     *
     * @param port from 1
     * @return its attributes now
     * @throws VerbsException EINVAL when there is no such port; EBADF when the context is closed
     */
    PortAttributes queryPort(int port);

    /**
     * A GID of a port ({@code ibv_query_gid}).
     *
     * @param port from 1
     * @param index into the port's GID table
     * @return the identifier, {@link Gid#ZERO} for an empty slot
     * @throws VerbsException EINVAL when there is no such port or index; EBADF when the context is closed
     */
    Gid queryGid(int port, int index);

    /**
     * The populated GIDs of all ports ({@code ibv_query_gid_table}).
     *
     * @return by port and index
     * @throws VerbsException EBADF when the context is closed
     */
    List<GidEntry> queryGidTable();

    /**
     * One entry of a port's GID table, with its type ({@code ibv_query_gid_ex}).
     *
     * @param port from 1
     * @param index into the port's GID table
     * @return the entry
     * @throws VerbsException EINVAL when there is no such port or index; ENODATA when that slot is empty; EBADF when
     *     the context is closed
     */
    default GidEntry queryGidEntry(int port, int index) {
        Gid gid = queryGid(port, index);
        for (GidEntry entry : queryGidTable()) {
            if (entry.port() == port && entry.index() == index) {
                return entry;
            }
        }
        throw new VerbsException(
                "queryGidEntry", Errno.ENODATA, "slot " + index + " of port " + port + " is empty: it holds " + gid);
    }

    /**
     * A P_Key of a port ({@code ibv_query_pkey}).
     *
     * @param port from 1
     * @param index into the port's P_Key table
     * @return 16 bits
     * @throws VerbsException EINVAL when there is no such port or index; EBADF when the context is closed
     */
    int queryPkey(int port, int index);

    /**
     * Where a P_Key is in a port's table ({@code ibv_get_pkey_index}). The bit that says whether a member is a full
     * one does not count.
     *
     * @param port from 1
     * @param pkey 16 bits
     * @return its index; -1 when it is not there
     * @throws VerbsException EINVAL when there is no such port; EBADF when the context is closed
     */
    default int pkeyIndex(int port, int pkey) {
        for (int index = 0; index < queryPort(port).pkeyTableLength(); index++) {
            if (((queryPkey(port, index) ^ pkey) & 0x7FFF) == 0) {
                return index;
            }
        }
        return -1;
    }

    /**
     * The completion vectors ({@code ibv_context.num_comp_vectors} of them).
     *
     * @return by index; the same objects every time
     */
    List<? extends CompletionVector> completionVectors();

    /**
     * Makes a protection domain ({@code ibv_alloc_pd}).
     *
     * @return a new domain
     * @throws VerbsException ENOMEM when the device's limit is reached; EBADF when the context is closed
     */
    ProtectionDomain allocateProtectionDomain();

    /**
     * Makes a completion channel with a file descriptor of its own ({@code ibv_create_comp_channel}).
     *
     * @return a new channel
     * @throws VerbsException ENOMEM when the device's limit is reached; EMFILE when the process has no descriptor left;
     *     ENOSYS when native calls cannot be made here; EBADF when the context is closed
     */
    CompletionChannel createCompletionChannel();

    /**
     * Makes a completion queue without a channel, on vector 0 ({@code ibv_create_cq}).
     *
     * @param entries 1 to the device's limit
     * @return a new queue
     * @throws VerbsException as {@link #createCompletionQueue(CompletionQueueAttributes)}
     */
    default CompletionQueue createCompletionQueue(int entries) {
        return createCompletionQueue(new CompletionQueueAttributes().entries(entries));
    }

    /**
     * Makes a completion queue ({@code ibv_create_cq}, {@code ibv_create_cq_ex}).
     *
     * @param attributes its size, channel, vector, fields, promises and user context; read, not kept
     * @return a new queue of at least that many entries
     * @throws VerbsException EINVAL when the size or the vector is out of range, the channel or the parent domain
     *     belongs to another context, or the domain is no parent domain; EOPNOTSUPP for fields and promises that the
     *     device does not have; ENOMEM when the device's limit or memory is reached; EBADF when the channel, the
     *     domain or the context is closed
     */
    CompletionQueue createCompletionQueue(CompletionQueueAttributes attributes);

    /**
     * The threads that this context runs on its own behalf. There are none until something needs one: a retry timer,
     * or a vector that delivers from a thread.
     *
     * @return those alive now; each has a name that says what it does
     */
    List<Thread> threads();

    /**
     * Closes the context and everything that is left in it, children first ({@code ibv_close_device}). Threads that
     * wait in it are woken with EBADF. Unacknowledged events are not waited for.
     */
    @Override
    void close();

    /**
     * Where events about the context and its objects arrive ({@code ibv_context.async_fd}).
     *
     * @return the same object every time
     */
    AsyncEventChannel asyncEvents();

    /**
     * The device's clock now ({@code ibv_query_rt_values_ex}), to be compared with {@link
     * CompletionCursor#completionTimestamp()}.
     *
     * @return ticks of {@link DeviceAttributes#clockKilohertz()}
     * @throws VerbsException EOPNOTSUPP when the device has none; EBADF when the context is closed
     */
    default long queryRawClock() {
        throw VerbsException.unsupported("queryRawClock", Capability.COMPLETION_TIMESTAMP);
    }

    /**
     * The way back to who sent a datagram ({@code ibv_init_ah_from_wc}).
     *
     * @param port that it came in by
     * @param completion of the receive
     * @param header the first 40 bytes of the receive's memory, from the buffer's position on
     * @return an address vector to its sender
     * @throws VerbsException EINVAL when the port does not exist, an argument is null, the completion has no header
     *     (see {@link WorkCompletionFlags#GRH}) or fewer than 40 bytes are given; ENOENT when the header's
     *     destination is not an address of this port; EOPNOTSUPP when the device has no datagrams
     */
    default AddressVector addressVector(int port, WorkCompletion completion, ByteBuffer header) {
        throw VerbsException.unsupported("addressVector", Capability.DATAGRAM);
    }

    /**
     * Promises that the objects made with it are used by one thread at a time ({@code ibv_alloc_td}).
     *
     * @return the thread domain
     * @throws VerbsException EOPNOTSUPP when the device cannot; EBADF when the context is closed
     */
    default ThreadDomain allocateThreadDomain() {
        throw VerbsException.unsupported("allocateThreadDomain", Capability.THREAD_DOMAIN);
    }

    /**
     * Makes a protection domain that stands for another, with a thread domain beside it ({@code
     * ibv_alloc_parent_domain}). Objects made in it belong to the other domain, and may be used with all of its.
     *
     * @param domain an ordinary protection domain of this context
     * @param threadDomain of this context, or null
     * @return the parent domain
     * @throws VerbsException EINVAL when the domain is null, a parent domain itself or of another context; EOPNOTSUPP
     *     when the device cannot; EBADF when something is closed
     */
    default ProtectionDomain allocateParentDomain(ProtectionDomain domain, ThreadDomain threadDomain) {
        throw VerbsException.unsupported("allocateParentDomain", Capability.THREAD_DOMAIN);
    }

    /**
     * Opens a domain for extended reliable connections ({@code ibv_open_xrcd}), for this context alone.
     *
     * @return the domain
     * @throws VerbsException EOPNOTSUPP when the device cannot; EBADF when the context is closed
     */
    default XrcDomain openXrcDomain() {
        throw VerbsException.unsupported("openXrcDomain", Capability.XRC);
    }

    /**
     * What this device can do beyond the verbs. A program that uses it depends on the device, but need not link to the
     * provider's classes other than the extension's own; where the extension is missing, the program goes on without.
     * The package page of each provider lists its extensions.
     *
     * @param type an interface or class of the provider
     * @param <T> the same
     * @return the extension for this context, also when the context is closed; empty when the device has none of this type
     * @throws VerbsException EINVAL when the type is null
     */
    default <T> Optional<T> extension(Class<T> type) {
        if (type == null) {
            throw new VerbsException("extension", Errno.EINVAL, "the type is null: give the extension's class");
        }
        return type.isInstance(this) ? Optional.of(type.cast(this)) : Optional.empty();
    }
}
