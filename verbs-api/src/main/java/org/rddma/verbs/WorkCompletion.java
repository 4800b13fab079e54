package org.rddma.verbs;

/**
 * How one work request ended ({@code struct ibv_wc}): a reusable record that a poll fills. It belongs to the caller
 * and keeps its values until the caller polls into it again. Not safe for use by several threads.
 *
 * <p>Where the status is not {@link WorkCompletionStatus#SUCCESS} only {@link #wrId()}, {@link #status()},
 * {@link #queuePairNumber()} and {@link #vendorError()} are meaningful (man ibv_poll_cq).
 */
public final class WorkCompletion {
    private long wrId;
    private int status;
    private int opcode;
    private int vendorError;
    private long byteLength;
    private int immediate;
    private int queuePairNumber;
    private int sourceQueuePair;
    private int flags;
    private int pkeyIndex;
    private int sourceLid;
    private int serviceLevel;
    private int destinationPathBits;

    /** A completion of nothing: all fields zero. */
    public WorkCompletion() {}

    /**
     * An array of completions to poll into.
     *
     * @param length how many
     * @return an array without nulls
     * @throws VerbsException EINVAL when negative
     */
    public static WorkCompletion[] array(int length) {
        if (length < 0) {
            throw new VerbsException("array", Errno.EINVAL, "the length is " + length);
        }
        WorkCompletion[] completions = new WorkCompletion[length];
        for (int i = 0; i < length; i++) {
            completions[i] = new WorkCompletion();
        }
        return completions;
    }

    /**
     * Fills all fields. For providers, and for tests of what consumes completions.
     *
     * @param wrId id of the work request
     * @param status value of a {@link WorkCompletionStatus}
     * @param opcode value of a {@link WorkCompletionOpcode}
     * @param flags bits of {@link WorkCompletionFlags}
     * @param vendorError provider's own number
     * @param byteLength bytes moved
     * @param immediate immediate data, or the invalidated key
     * @param queuePairNumber local queue pair
     * @param sourceQueuePair remote queue pair of a datagram
     * @param pkeyIndex P_Key index of a datagram
     * @param sourceLid source LID of a datagram
     * @param serviceLevel service level of a datagram
     * @param destinationPathBits path bits of a datagram
     * @return this
     */
    public WorkCompletion set(
            long wrId,
            int status,
            int opcode,
            int flags,
            int vendorError,
            long byteLength,
            int immediate,
            int queuePairNumber,
            int sourceQueuePair,
            int pkeyIndex,
            int sourceLid,
            int serviceLevel,
            int destinationPathBits) {
        this.wrId = wrId;
        this.status = status;
        this.opcode = opcode;
        this.flags = flags;
        this.vendorError = vendorError;
        this.byteLength = byteLength;
        this.immediate = immediate;
        this.queuePairNumber = queuePairNumber;
        this.sourceQueuePair = sourceQueuePair;
        this.pkeyIndex = pkeyIndex;
        this.sourceLid = sourceLid;
        this.serviceLevel = serviceLevel;
        this.destinationPathBits = destinationPathBits;
        return this;
    }

    /**
     * The id that the work request was posted with.
     *
     * @return 64 bits of the caller's choice
     */
    public long wrId() {
        return wrId;
    }

    /**
     * How it ended.
     *
     * @return the status; null when it is none that is known
     */
    public WorkCompletionStatus status() {
        return WorkCompletionStatus.of(status);
    }

    /**
     * Whether it ended well.
     *
     * @return true for {@link WorkCompletionStatus#SUCCESS}
     */
    public boolean isSuccess() {
        return status == 0;
    }

    /**
     * What completed.
     *
     * @return the opcode
     */
    public WorkCompletionOpcode opcode() {
        return WorkCompletionOpcode.of(opcode);
    }

    /**
     * Whether this is a receive.
     *
     * @return true for the opcodes from 128 on
     */
    public boolean isReceive() {
        return (opcode & 128) != 0;
    }

    /**
     * The provider's own error number.
     *
     * @return 0 where it has none
     */
    public int vendorError() {
        return vendorError;
    }

    /**
     * Bytes that were moved: of a receive the length of the message (with the 40 bytes of the header for datagrams),
     * of a write with immediate what was written.
     *
     * @return 0 to 2^31
     */
    public long byteLength() {
        return byteLength;
    }

    /**
     * Immediate data, valid where {@link #hasImmediate()}.
     *
     * @return the 32 bits that the sender gave
     */
    public int immediate() {
        return immediate;
    }

    /**
     * Whether immediate data came with the message.
     *
     * @return true where {@link WorkCompletionFlags#WITH_IMM} is set
     */
    public boolean hasImmediate() {
        return (flags & WorkCompletionFlags.WITH_IMM) != 0;
    }

    /**
     * The local queue pair.
     *
     * @return its number
     */
    public int queuePairNumber() {
        return queuePairNumber;
    }

    /**
     * The queue pair that sent a datagram.
     *
     * @return its number; 0 except for UD receives
     */
    public int sourceQueuePair() {
        return sourceQueuePair;
    }

    /**
     * What the completion carries besides.
     *
     * @return bits of {@link WorkCompletionFlags}
     */
    public int flags() {
        return flags;
    }

    /**
     * The P_Key index of a datagram.
     *
     * @return an index into the port's P_Key table
     */
    public int pkeyIndex() {
        return pkeyIndex;
    }

    /**
     * The source LID of a datagram.
     *
     * @return 0 on Ethernet
     */
    public int sourceLid() {
        return sourceLid;
    }

    /**
     * The service level of a datagram.
     *
     * @return 0 to 15
     */
    public int serviceLevel() {
        return serviceLevel;
    }

    /**
     * The destination path bits of a datagram.
     *
     * @return 0 on Ethernet
     */
    public int destinationPathBits() {
        return destinationPathBits;
    }

    @Override
    public String toString() {
        return "completion of " + wrId + " on queue pair 0x" + Integer.toHexString(queuePairNumber) + ": "
                + (isSuccess() ? opcode() + ", " + byteLength + " bytes" : textOfStatus());
    }

    private String textOfStatus() {
        WorkCompletionStatus known = status();
        return known == null ? "unknown status " + status : known.text();
    }

    /**
     * Whether the message invalidated a key.
     *
     * @return true when {@link #invalidatedRkey()} is valid
     */
    public boolean hasInvalidated() {
        return (flags & WorkCompletionFlags.WITH_INV) != 0;
    }

    /**
     * The key that the message invalidated, valid where {@link #hasInvalidated()}: it shares its place with the
     * immediate data.
     *
     * @return a key of a memory window that is free again
     */
    public int invalidatedRkey() {
        return immediate;
    }
}
