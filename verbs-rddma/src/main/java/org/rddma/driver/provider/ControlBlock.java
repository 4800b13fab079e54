package org.rddma.driver.provider;

import java.nio.ByteBuffer;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.internal.ring.Words;

/**
 * What a queue pair shows its peer: a shared memory buffer that both ends map.
 *
 * <pre>
 *    0        8         12       16        20         24           32           40       44
 *    | magic  | number  | state  | context | domain   | own GID high, low       | access | most reads
 *   48            56            64          68           72      76         80
 *    | peer GID high, low       | peer no.  | min RNR    | slots | elements | first PSN wanted               by the owner
 *  128            136           144         148           152
 *    | holder (8) | taken (8)   | next PSN  | contact     | failure                                     by the sender
 *  192  what rings the bell (8), 200 where it goes (8)                                                  by the driver
 *  256  arrivals, one for each slot: what became of the receive                                           by the sender
 *        0             4        8       12          16
 *        | generation  | status | kind  | bytes     | immediate | unused (12)
 *  ...  receives, one for each slot: what is posted                                                        by the owner
 *        0             4          8             16, 32, ...
 *        | generation  | elements | unused      | address (8) | length (4) | local key (4)
 * </pre>
 *
 * <p>The state, the generations and the holder are what the two ends agree by; the rest is written before them. Who
 * wants to send takes the holder's place with compare-and-set, then looks at the state; the owner changes the state,
 * then looks for a holder. So the owner that leaves a state either sees whoever still acts on it, or is seen. Only the
 * holder writes the sender's part; only the queue pair that the owner names as its peer may become holder.
 */
final class ControlBlock {
    /** Words "RDDM", "A" and the version. */
    static final long MAGIC = 0x5244_444D_4100_0001L;

    static final int BYTES = 256;
    static final int BELL_SOURCE = 192;
    static final int BELL_DESTINATION = 200;
    static final int BELL_BYTES = 8;

    /** In the place of a state: the queue pair is no more. */
    static final int GONE = 99;

    /** Failures that the sender leaves for the owner. */
    static final int FAILED_ACCESS = 1;

    static final int FAILED_REQUEST = 2;

    /** Bits of an arrival's kind, above the opcode. */
    static final int SOLICITED = 1 << 16;

    static final int IMMEDIATE = 1 << 17;

    private static final int NUMBER = 8;
    private static final int STATE = 12;
    private static final int CONTEXT = 16;
    private static final int DOMAIN = 20;
    private static final int GID_HIGH = 24;
    private static final int GID_LOW = 32;
    private static final int ACCESS = 40;
    private static final int MOST_READS = 44;
    private static final int PEER_GID_HIGH = 48;
    private static final int PEER_GID_LOW = 56;
    private static final int PEER_NUMBER = 64;
    private static final int MIN_RNR_TIMER = 68;
    private static final int SLOTS = 72;
    private static final int ELEMENTS = 76;
    private static final int HOLDER = 128;
    private static final int TAKEN = 136;
    private static final int NEXT_PSN = 144;
    private static final int CONTACT = 148;
    private static final int FAILURE = 152;

    private static final int ARRIVAL_BYTES = 32;
    private static final int ARRIVAL_STATUS = 4;
    private static final int ARRIVAL_KIND = 8;
    private static final int ARRIVAL_LENGTH = 12;
    private static final int ARRIVAL_IMMEDIATE = 16;

    private static final int RECEIVE_BYTES = 16;
    private static final int RECEIVE_ELEMENTS = 4;

    /** Bytes of one element of a receive. */
    static final int ELEMENT_BYTES = 16;

    final ByteBuffer memory;
    final int slots;
    final int elements;
    private final int receives;
    private final int receiveBytes;

    private ControlBlock(ByteBuffer memory, int slots, int elements) {
        this.memory = memory;
        this.slots = slots;
        this.elements = elements;
        receives = BYTES + slots * ARRIVAL_BYTES;
        receiveBytes = RECEIVE_BYTES + elements * ELEMENT_BYTES;
    }

    /** How large it must be. */
    static long bytes(int slots, int elements) {
        return BYTES + (long) slots * (ARRIVAL_BYTES + RECEIVE_BYTES + elements * ELEMENT_BYTES);
    }

    /** Makes one of zeroed memory. */
    static ControlBlock create(
            ByteBuffer memory, int number, int context, int domain, Gid gid, int slots, int elements) {
        Words.spInt(memory, NUMBER, number);
        Words.spInt(memory, CONTEXT, context);
        Words.spInt(memory, DOMAIN, domain);
        Words.spLong(memory, GID_HIGH, gid.high());
        Words.spLong(memory, GID_LOW, gid.low());
        Words.spInt(memory, SLOTS, slots);
        Words.spInt(memory, ELEMENTS, elements);
        Words.soLong(memory, 0, MAGIC);
        return new ControlBlock(memory, slots, elements);
    }

    /** Reads one that another has made; null when it is none that can be trusted. */
    static ControlBlock open(ByteBuffer memory) {
        if (memory.capacity() < BYTES || Words.laLong(memory, 0) != MAGIC) {
            return null;
        }
        int slots = Words.lpInt(memory, SLOTS);
        int elements = Words.lpInt(memory, ELEMENTS);
        boolean sane = slots >= 0 && elements >= 0 && Integer.bitCount(slots) <= 1 && elements <= 1 << 16;
        return sane && bytes(slots, elements) <= memory.capacity() ? new ControlBlock(memory, slots, elements) : null;
    }

    // ---- what the owner says

    int number() {
        return Words.lpInt(memory, NUMBER);
    }

    int context() {
        return Words.lpInt(memory, CONTEXT);
    }

    int domain() {
        return Words.lpInt(memory, DOMAIN);
    }

    boolean isAt(long gidHigh, long gidLow) {
        return Words.lpLong(memory, GID_HIGH) == gidHigh && Words.lpLong(memory, GID_LOW) == gidLow;
    }

    int state() {
        return Words.lvInt(memory, STATE);
    }

    void state(int value) {
        Words.svInt(memory, STATE, value);
    }

    int access() {
        return Words.lpInt(memory, ACCESS);
    }

    int mostReads() {
        return Words.lpInt(memory, MOST_READS);
    }

    int minRnrTimer() {
        return Words.lpInt(memory, MIN_RNR_TIMER);
    }

    void connection(int access, int mostReads, int minRnrTimer, int peer, long peerGidHigh, long peerGidLow) {
        Words.spInt(memory, ACCESS, access);
        Words.spInt(memory, MOST_READS, mostReads);
        Words.spInt(memory, MIN_RNR_TIMER, minRnrTimer);
        Words.spInt(memory, PEER_NUMBER, peer);
        Words.spLong(memory, PEER_GID_HIGH, peerGidHigh);
        Words.spLong(memory, PEER_GID_LOW, peerGidLow);
    }

    boolean hears(int sender, long gidHigh, long gidLow) {
        return Words.lpInt(memory, PEER_NUMBER) == sender
                && Words.lpLong(memory, PEER_GID_HIGH) == gidHigh
                && Words.lpLong(memory, PEER_GID_LOW) == gidLow;
    }

    /** Whether its owner takes messages now. */
    boolean isListening() {
        int now = state();
        return now == QueuePairState.RTR.value()
                || now == QueuePairState.RTS.value()
                || now == QueuePairState.SQD.value();
    }

    // ---- what the sender says

    boolean hold(long holder) {
        return Words.casLong(memory, HOLDER, 0, holder);
    }

    /** False when the owner has ended the hold, because it took too long. */
    boolean letGo(long holder) {
        return Words.casLong(memory, HOLDER, holder, 0);
    }

    boolean isHeldBy(long holder) {
        return Words.lvLong(memory, HOLDER) == holder;
    }

    boolean isHeld() {
        return Words.lvLong(memory, HOLDER) != 0;
    }

    void endHold() {
        long holder = Words.lvLong(memory, HOLDER);
        boolean unused = holder != 0 && Words.casLong(memory, HOLDER, holder, 0);
    }

    /** How many receives have been taken. */
    long taken() {
        return Words.lpLong(memory, TAKEN);
    }

    void taken(long value) {
        Words.spLong(memory, TAKEN, value);
    }

    int nextPsn() {
        return Words.lpInt(memory, NEXT_PSN);
    }

    void nextPsn(int value) {
        Words.spInt(memory, NEXT_PSN, value);
    }

    boolean hasContact() {
        return Words.laInt(memory, CONTACT) != 0;
    }

    void contact(boolean value) {
        Words.soInt(memory, CONTACT, value ? 1 : 0);
    }

    int failure() {
        return Words.laInt(memory, FAILURE);
    }

    void failure(int value) {
        Words.soInt(memory, FAILURE, value);
    }

    // ---- arrivals and receives

    private int slot(long position) {
        return (int) position & slots - 1;
    }

    /** Never 0, and different each time round. */
    int generation(long position) {
        return (int) (position >>> Integer.numberOfTrailingZeros(slots)) + 1;
    }

    private int arrival(long position) {
        return BYTES + slot(position) * ARRIVAL_BYTES;
    }

    boolean hasArrived(long position) {
        return slots > 0 && Words.laInt(memory, arrival(position)) == generation(position);
    }

    void arrive(long position, int status, int kind, int length, int immediate) {
        int at = arrival(position);
        Words.spInt(memory, at + ARRIVAL_STATUS, status);
        Words.spInt(memory, at + ARRIVAL_KIND, kind);
        Words.spInt(memory, at + ARRIVAL_LENGTH, length);
        Words.spInt(memory, at + ARRIVAL_IMMEDIATE, immediate);
        Words.soInt(memory, at, generation(position));
    }

    int arrivalStatus(long position) {
        return Words.lpInt(memory, arrival(position) + ARRIVAL_STATUS);
    }

    int arrivalKind(long position) {
        return Words.lpInt(memory, arrival(position) + ARRIVAL_KIND);
    }

    int arrivalLength(long position) {
        return Words.lpInt(memory, arrival(position) + ARRIVAL_LENGTH);
    }

    int arrivalImmediate(long position) {
        return Words.lpInt(memory, arrival(position) + ARRIVAL_IMMEDIATE);
    }

    private int receive(long position) {
        return receives + slot(position) * receiveBytes;
    }

    boolean isPosted(long position) {
        return slots > 0 && Words.laInt(memory, receive(position)) == generation(position);
    }

    /** Where a receive's elements are to be written. */
    int receiveElements(long position) {
        return receive(position) + RECEIVE_BYTES;
    }

    /** Publishes a receive whose elements are written. */
    void post(long position, int count) {
        Words.spInt(memory, receive(position) + RECEIVE_ELEMENTS, count);
        Words.soInt(memory, receive(position), generation(position));
    }

    /** How many elements a receive has, but never more than fit. */
    int receiveElementCount(long position) {
        return Math.min(elements, Math.max(0, Words.lpInt(memory, receive(position) + RECEIVE_ELEMENTS)));
    }

    /** Takes a receive back that nobody has taken. */
    void withdraw(long position) {
        Words.soInt(memory, receive(position), 0);
    }
}
