package org.rddma.verbs;

/**
 * What {@link QueuePair#modify} is to change ({@code struct ibv_qp_attr} with its mask), and what {@link
 * QueuePair#query} returns. Setting an attribute puts its bit into the mask, so that the mask never names what was
 * not given. Reusable after {@link #clear()}; not safe for several threads.
 */
public final class QueuePairAttributes {
    /** Mask bit of {@link #state(QueuePairState)}. */
    public static final int STATE = 1 << 0;

    /** Mask bit of {@link #currentState(QueuePairState)}. */
    public static final int CURRENT_STATE = 1 << 1;

    /** Mask bit of {@link #sqdAsyncNotify(boolean)}. */
    public static final int SQD_ASYNC_NOTIFY = 1 << 2;

    /** Mask bit of {@link #accessFlags(int)}. */
    public static final int ACCESS_FLAGS = 1 << 3;

    /** Mask bit of {@link #pkeyIndex(int)}. */
    public static final int PKEY_INDEX = 1 << 4;

    /** Mask bit of {@link #port(int)}. */
    public static final int PORT = 1 << 5;

    /** Mask bit of {@link #qkey(int)}. */
    public static final int QKEY = 1 << 6;

    /** Mask bit of {@link #addressVector(AddressVector)}. */
    public static final int ADDRESS_VECTOR = 1 << 7;

    /** Mask bit of {@link #pathMtu(Mtu)}. */
    public static final int PATH_MTU = 1 << 8;

    /** Mask bit of {@link #timeout(int)}. */
    public static final int TIMEOUT = 1 << 9;

    /** Mask bit of {@link #retryCount(int)}. */
    public static final int RETRY_COUNT = 1 << 10;

    /** Mask bit of {@link #rnrRetry(int)}. */
    public static final int RNR_RETRY = 1 << 11;

    /** Mask bit of {@link #rqPsn(int)}. */
    public static final int RQ_PSN = 1 << 12;

    /** Mask bit of {@link #maxReadAtomic(int)}. */
    public static final int MAX_READ_ATOMIC = 1 << 13;

    /** Mask bit of {@link #alternatePath(AlternatePath)}. */
    public static final int ALTERNATE_PATH = 1 << 14;

    /** Mask bit of {@link #minRnrTimer(int)}. */
    public static final int MIN_RNR_TIMER = 1 << 15;

    /** Mask bit of {@link #sqPsn(int)}. */
    public static final int SQ_PSN = 1 << 16;

    /** Mask bit of {@link #maxDestReadAtomic(int)}. */
    public static final int MAX_DEST_READ_ATOMIC = 1 << 17;

    /** Mask bit of {@link #pathMigrationState(PathMigrationState)}. */
    public static final int PATH_MIGRATION_STATE = 1 << 18;

    /** Mask bit of {@link #destinationQueuePair(int)}. */
    public static final int DESTINATION_QUEUE_PAIR = 1 << 20;

    private int mask;
    private QueuePairState state;
    private QueuePairState currentState;
    private boolean sqdAsyncNotify;
    private int accessFlags;
    private int pkeyIndex;
    private int port;
    private int qkey;
    private AddressVector addressVector;
    private Mtu pathMtu;
    private int timeout;
    private int retryCount;
    private int rnrRetry;
    private int rqPsn;
    private int maxReadAtomic;
    private int minRnrTimer;
    private int sqPsn;
    private int maxDestReadAtomic;
    private int destinationQueuePair;
    private AlternatePath alternatePath;
    private PathMigrationState pathMigrationState = PathMigrationState.MIGRATED;
    private boolean draining;

    /** Nothing to change. */
    public QueuePairAttributes() {}

    /**
     * Which attributes are set ({@code attr_mask}).
     *
     * @return the mask bits
     */
    public int mask() {
        return mask;
    }

    /**
     * Whether an attribute is set.
     *
     * @param bit one of the mask bits
     * @return true when it is
     */
    public boolean has(int bit) {
        return (mask & bit) != 0;
    }

    /**
     * Forgets all attributes.
     *
     * @return this
     */
    public QueuePairAttributes clear() {
        mask = 0;
        return this;
    }

    /**
     * The state to go to.
     *
     * @param state the next state
     * @return this
     */
    public QueuePairAttributes state(QueuePairState state) {
        this.state = state;
        mask |= STATE;
        return this;
    }

    /**
     * The state that the caller takes the queue pair to be in.
     *
     * @param currentState RTR, RTS, SQD or SQE
     * @return this
     */
    public QueuePairAttributes currentState(QueuePairState currentState) {
        this.currentState = currentState;
        mask |= CURRENT_STATE;
        return this;
    }

    /**
     * Whether an event says that the send queue is drained.
     *
     * @param sqdAsyncNotify true for an event
     * @return this
     */
    public QueuePairAttributes sqdAsyncNotify(boolean sqdAsyncNotify) {
        this.sqdAsyncNotify = sqdAsyncNotify;
        mask |= SQD_ASYNC_NOTIFY;
        return this;
    }

    /**
     * What the peer may do on this queue pair.
     *
     * @param accessFlags REMOTE_WRITE, REMOTE_READ and REMOTE_ATOMIC of {@link AccessFlags}
     * @return this
     */
    public QueuePairAttributes accessFlags(int accessFlags) {
        this.accessFlags = accessFlags;
        mask |= ACCESS_FLAGS;
        return this;
    }

    /**
     * Which P_Key it uses.
     *
     * @param pkeyIndex index into the port's P_Key table
     * @return this
     */
    public QueuePairAttributes pkeyIndex(int pkeyIndex) {
        this.pkeyIndex = pkeyIndex;
        mask |= PKEY_INDEX;
        return this;
    }

    /**
     * The port that it uses.
     *
     * @param port from 1
     * @return this
     */
    public QueuePairAttributes port(int port) {
        this.port = port;
        mask |= PORT;
        return this;
    }

    /**
     * The Q_Key that incoming datagrams must carry.
     *
     * @param qkey 32 bits
     * @return this
     */
    public QueuePairAttributes qkey(int qkey) {
        this.qkey = qkey;
        mask |= QKEY;
        return this;
    }

    /**
     * The way to the peer.
     *
     * @param addressVector must name a populated GID index
     * @return this
     */
    public QueuePairAttributes addressVector(AddressVector addressVector) {
        this.addressVector = addressVector;
        mask |= ADDRESS_VECTOR;
        return this;
    }

    /**
     * Payload of one packet.
     *
     * @param pathMtu no more than the port's active MTU
     * @return this
     */
    public QueuePairAttributes pathMtu(Mtu pathMtu) {
        this.pathMtu = pathMtu;
        mask |= PATH_MTU;
        return this;
    }

    /**
     * How long to wait for an answer: 4.096 microseconds times 2^timeout.
     *
     * @param timeout 0 to 31; 0 waits for ever
     * @return this
     */
    public QueuePairAttributes timeout(int timeout) {
        this.timeout = timeout;
        mask |= TIMEOUT;
        return this;
    }

    /**
     * How often a request is repeated when no answer comes.
     *
     * @param retryCount 0 to 7
     * @return this
     */
    public QueuePairAttributes retryCount(int retryCount) {
        this.retryCount = retryCount;
        mask |= RETRY_COUNT;
        return this;
    }

    /**
     * How often a request is repeated when the peer has no receive posted.
     *
     * @param rnrRetry 0 to 7; 7 repeats for ever
     * @return this
     */
    public QueuePairAttributes rnrRetry(int rnrRetry) {
        this.rnrRetry = rnrRetry;
        mask |= RNR_RETRY;
        return this;
    }

    /**
     * The first packet sequence number to be expected from the peer.
     *
     * @param rqPsn 24 bits
     * @return this
     */
    public QueuePairAttributes rqPsn(int rqPsn) {
        this.rqPsn = rqPsn;
        mask |= RQ_PSN;
        return this;
    }

    /**
     * How many reads and atomics may be under way from here.
     *
     * @param maxReadAtomic 0 to the device's limit
     * @return this
     */
    public QueuePairAttributes maxReadAtomic(int maxReadAtomic) {
        this.maxReadAtomic = maxReadAtomic;
        mask |= MAX_READ_ATOMIC;
        return this;
    }

    /**
     * How long the peer is to wait when no receive is posted here: a code of the InfiniBand table.
     *
     * @param minRnrTimer 0 to 31; 1 is 0.01 ms, 12 is 0.64 ms, 0 is 655.36 ms
     * @return this
     */
    public QueuePairAttributes minRnrTimer(int minRnrTimer) {
        this.minRnrTimer = minRnrTimer;
        mask |= MIN_RNR_TIMER;
        return this;
    }

    /**
     * The first packet sequence number to send.
     *
     * @param sqPsn 24 bits
     * @return this
     */
    public QueuePairAttributes sqPsn(int sqPsn) {
        this.sqPsn = sqPsn;
        mask |= SQ_PSN;
        return this;
    }

    /**
     * How many reads and atomics are taken from the peer at a time.
     *
     * @param maxDestReadAtomic 0 to the device's limit
     * @return this
     */
    public QueuePairAttributes maxDestReadAtomic(int maxDestReadAtomic) {
        this.maxDestReadAtomic = maxDestReadAtomic;
        mask |= MAX_DEST_READ_ATOMIC;
        return this;
    }

    /**
     * The peer's queue pair.
     *
     * @param destinationQueuePair its number, 24 bits
     * @return this
     */
    public QueuePairAttributes destinationQueuePair(int destinationQueuePair) {
        this.destinationQueuePair = destinationQueuePair;
        mask |= DESTINATION_QUEUE_PAIR;
        return this;
    }

    /**
     * A second way to the peer.
     *
     * @param alternatePath the way
     * @return this
     */
    public QueuePairAttributes alternatePath(AlternatePath alternatePath) {
        this.alternatePath = alternatePath;
        mask |= ALTERNATE_PATH;
        return this;
    }

    /**
     * Whether the connection may change to its second way.
     *
     * @param state the state of path migration
     * @return this
     */
    public QueuePairAttributes pathMigrationState(PathMigrationState state) {
        this.pathMigrationState = state;
        mask |= PATH_MIGRATION_STATE;
        return this;
    }

    /**
     * For {@link QueuePair#query} to fill in: whether the send queue still drains ({@code sq_draining}).
     *
     * @param draining true while a request that was begun before SQD is not finished
     * @return this
     */
    public QueuePairAttributes draining(boolean draining) {
        this.draining = draining;
        return this;
    }

    /**
     * Of a queue pair in SQD: whether the send queue still drains.
     *
     * @return true while a request that was begun before is not finished
     */
    public boolean draining() {
        return draining;
    }

    /**
     * The second way to the peer.
     *
     * @return null when there is none
     */
    public AlternatePath alternatePath() {
        return alternatePath;
    }

    /**
     * Whether the connection may change to its second way.
     *
     * @return the state of path migration
     */
    public PathMigrationState pathMigrationState() {
        return pathMigrationState;
    }

    /**
     * The state to go to.
     *
     * @return the next state
     */
    public QueuePairState state() {
        return state;
    }

    /**
     * The state that the caller takes the queue pair to be in.
     *
     * @return RTR, RTS, SQD or SQE
     */
    public QueuePairState currentState() {
        return currentState;
    }

    /**
     * Whether an event says that the send queue is drained.
     *
     * @return true for an event
     */
    public boolean sqdAsyncNotify() {
        return sqdAsyncNotify;
    }

    /**
     * What the peer may do on this queue pair.
     *
     * @return REMOTE_WRITE, REMOTE_READ and REMOTE_ATOMIC of {@link AccessFlags}
     */
    public int accessFlags() {
        return accessFlags;
    }

    /**
     * Which P_Key it uses.
     *
     * @return index into the port's P_Key table
     */
    public int pkeyIndex() {
        return pkeyIndex;
    }

    /**
     * The port that it uses.
     *
     * @return from 1
     */
    public int port() {
        return port;
    }

    /**
     * The Q_Key that incoming datagrams must carry.
     *
     * @return 32 bits
     */
    public int qkey() {
        return qkey;
    }

    /**
     * The way to the peer.
     *
     * @return must name a populated GID index
     */
    public AddressVector addressVector() {
        return addressVector;
    }

    /**
     * Payload of one packet.
     *
     * @return no more than the port's active MTU
     */
    public Mtu pathMtu() {
        return pathMtu;
    }

    /**
     * How long to wait for an answer: 4.096 microseconds times 2^timeout.
     *
     * @return 0 to 31; 0 waits for ever
     */
    public int timeout() {
        return timeout;
    }

    /**
     * How often a request is repeated when no answer comes.
     *
     * @return 0 to 7
     */
    public int retryCount() {
        return retryCount;
    }

    /**
     * How often a request is repeated when the peer has no receive posted.
     *
     * @return 0 to 7; 7 repeats for ever
     */
    public int rnrRetry() {
        return rnrRetry;
    }

    /**
     * The first packet sequence number to be expected from the peer.
     *
     * @return 24 bits
     */
    public int rqPsn() {
        return rqPsn;
    }

    /**
     * How many reads and atomics may be under way from here.
     *
     * @return 0 to the device's limit
     */
    public int maxReadAtomic() {
        return maxReadAtomic;
    }

    /**
     * How long the peer is to wait when no receive is posted here: a code of the InfiniBand table.
     *
     * @return 0 to 31; 1 is 0.01 ms, 12 is 0.64 ms, 0 is 655.36 ms
     */
    public int minRnrTimer() {
        return minRnrTimer;
    }

    /**
     * The first packet sequence number to send.
     *
     * @return 24 bits
     */
    public int sqPsn() {
        return sqPsn;
    }

    /**
     * How many reads and atomics are taken from the peer at a time.
     *
     * @return 0 to the device's limit
     */
    public int maxDestReadAtomic() {
        return maxDestReadAtomic;
    }

    /**
     * The peer's queue pair.
     *
     * @return its number, 24 bits
     */
    public int destinationQueuePair() {
        return destinationQueuePair;
    }

    /**
     * Takes over all attributes that another has set.
     *
     * @param other read, not kept
     * @return this
     */
    public QueuePairAttributes putAll(QueuePairAttributes other) {
        if (other.has(STATE)) {
            state = other.state;
        }
        if (other.has(CURRENT_STATE)) {
            currentState = other.currentState;
        }
        if (other.has(SQD_ASYNC_NOTIFY)) {
            sqdAsyncNotify = other.sqdAsyncNotify;
        }
        if (other.has(ACCESS_FLAGS)) {
            accessFlags = other.accessFlags;
        }
        if (other.has(PKEY_INDEX)) {
            pkeyIndex = other.pkeyIndex;
        }
        if (other.has(PORT)) {
            port = other.port;
        }
        if (other.has(QKEY)) {
            qkey = other.qkey;
        }
        if (other.has(ADDRESS_VECTOR)) {
            addressVector = other.addressVector;
        }
        if (other.has(PATH_MTU)) {
            pathMtu = other.pathMtu;
        }
        if (other.has(TIMEOUT)) {
            timeout = other.timeout;
        }
        if (other.has(RETRY_COUNT)) {
            retryCount = other.retryCount;
        }
        if (other.has(RNR_RETRY)) {
            rnrRetry = other.rnrRetry;
        }
        if (other.has(RQ_PSN)) {
            rqPsn = other.rqPsn;
        }
        if (other.has(MAX_READ_ATOMIC)) {
            maxReadAtomic = other.maxReadAtomic;
        }
        if (other.has(MIN_RNR_TIMER)) {
            minRnrTimer = other.minRnrTimer;
        }
        if (other.has(SQ_PSN)) {
            sqPsn = other.sqPsn;
        }
        if (other.has(MAX_DEST_READ_ATOMIC)) {
            maxDestReadAtomic = other.maxDestReadAtomic;
        }
        if (other.has(DESTINATION_QUEUE_PAIR)) {
            destinationQueuePair = other.destinationQueuePair;
        }
        if (other.has(ALTERNATE_PATH)) {
            alternatePath = other.alternatePath;
        }
        if (other.has(PATH_MIGRATION_STATE)) {
            pathMigrationState = other.pathMigrationState;
        }
        draining = other.draining;
        mask |= other.mask;
        return this;
    }

    /**
     * The name of a mask bit, for messages.
     *
     * @param bit exactly one bit
     * @return the attribute's name
     */
    public static String nameOf(int bit) {
        return switch (bit) {
            case STATE -> "state";
            case CURRENT_STATE -> "currentState";
            case SQD_ASYNC_NOTIFY -> "sqdAsyncNotify";
            case ACCESS_FLAGS -> "accessFlags";
            case PKEY_INDEX -> "pkeyIndex";
            case PORT -> "port";
            case QKEY -> "qkey";
            case ADDRESS_VECTOR -> "addressVector";
            case PATH_MTU -> "pathMtu";
            case TIMEOUT -> "timeout";
            case RETRY_COUNT -> "retryCount";
            case RNR_RETRY -> "rnrRetry";
            case RQ_PSN -> "rqPsn";
            case MAX_READ_ATOMIC -> "maxReadAtomic";
            case ALTERNATE_PATH -> "alternatePath";
            case PATH_MIGRATION_STATE -> "pathMigrationState";
            case MIN_RNR_TIMER -> "minRnrTimer";
            case SQ_PSN -> "sqPsn";
            case MAX_DEST_READ_ATOMIC -> "maxDestReadAtomic";
            case DESTINATION_QUEUE_PAIR -> "destinationQueuePair";
            default -> "attribute bit " + Integer.numberOfTrailingZeros(bit);
        };
    }
}
