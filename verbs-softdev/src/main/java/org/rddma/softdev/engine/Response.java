package org.rddma.softdev.engine;

/** What a requester learns of a request that it sent. */
public final class Response {
    /** Carried out. */
    public static final int ACK = 0;
    /** Nobody answers: lost, or dropped by the peer. */
    public static final int LOST = 1;
    /** The peer has no receive posted; wait, then send again. */
    public static final int NOT_READY = 2;
    /** The request is invalid. */
    public static final int NAK_INVALID_REQUEST = 3;
    /** The remote key, the right or the range is wrong. */
    public static final int NAK_REMOTE_ACCESS = 4;
    /** The peer could not carry it out. */
    public static final int NAK_REMOTE_OPERATION = 5;
    /** The requester's own memory cannot be used: it was taken away. The peer has done nothing that counts. */
    public static final int PAYLOAD_FAULT = 6;

    private Response() {}
}
