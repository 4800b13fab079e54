package org.rddma.verbs;

/**
 * The errno values that the verbs report, numerically those of Linux, and their names.
 *
 * <p>libibverbs returns or sets these numbers; here they travel in {@link VerbsException#errno()}.
 */
public final class Errno {
    /** Operation not permitted. */
    public static final int EPERM = 1;
    /** No such device, port or table entry. */
    public static final int ENOENT = 2;
    /** Interrupted while waiting. */
    public static final int EINTR = 4;
    /** The device is gone. */
    public static final int EIO = 5;
    /** The object is closed. */
    public static final int EBADF = 9;
    /** Nothing there now. */
    public static final int EAGAIN = 11;
    /** A limit of the device, of the process or of memory is reached. */
    public static final int ENOMEM = 12;
    /** The memory does not allow the access that is asked for. */
    public static final int EACCES = 13;
    /** The memory has no native address. */
    public static final int EFAULT = 14;
    /** The object is in use by others that still live. */
    public static final int EBUSY = 16;
    /** No such device. */
    public static final int ENODEV = 19;
    /** An argument is out of its range, or not legal in this state. */
    public static final int EINVAL = 22;
    /** The process has no file descriptor left. */
    public static final int EMFILE = 24;
    /** No room in a queue or an inline area. */
    public static final int ENOSPC = 28;
    /** The function is missing on this system. */
    public static final int ENOSYS = 38;
    /** The table slot is empty. */
    public static final int ENODATA = 61;
    /** The peer says what it must not say. */
    public static final int EPROTO = 71;
    /** A completion queue was overrun. */
    public static final int EOVERFLOW = 75;
    /** The provider cannot do this. */
    public static final int EOPNOTSUPP = 95;
    /** Another has this address and port already. */
    public static final int EADDRINUSE = 98;
    /** This host does not have the address. */
    public static final int EADDRNOTAVAIL = 99;
    /** There is no way to that network. */
    public static final int ENETUNREACH = 101;
    /** The peer has ended the connection. */
    public static final int ECONNRESET = 104;
    /** The time given has passed. */
    public static final int ETIMEDOUT = 110;
    /** Nobody listens there. */
    public static final int ECONNREFUSED = 111;
    /** There is no way to that host. */
    public static final int EHOSTUNREACH = 113;
    /** Another thread has ended the call. */
    public static final int ECANCELED = 125;

    private Errno() {}

    /**
     * The symbolic name of a number, such as {@code EINVAL}.
     *
     * @param errno any number
     * @return its name, or {@code errno N} where this table does not know it
     */
    public static String nameOf(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM";
            case ENOENT -> "ENOENT";
            case EINTR -> "EINTR";
            case EIO -> "EIO";
            case EBADF -> "EBADF";
            case EAGAIN -> "EAGAIN";
            case ENOMEM -> "ENOMEM";
            case EACCES -> "EACCES";
            case EFAULT -> "EFAULT";
            case EBUSY -> "EBUSY";
            case ENODEV -> "ENODEV";
            case EINVAL -> "EINVAL";
            case EMFILE -> "EMFILE";
            case ENOSPC -> "ENOSPC";
            case ENOSYS -> "ENOSYS";
            case ENODATA -> "ENODATA";
            case EPROTO -> "EPROTO";
            case EOVERFLOW -> "EOVERFLOW";
            case EOPNOTSUPP -> "EOPNOTSUPP";
            case EADDRINUSE -> "EADDRINUSE";
            case EADDRNOTAVAIL -> "EADDRNOTAVAIL";
            case ENETUNREACH -> "ENETUNREACH";
            case ECONNRESET -> "ECONNRESET";
            case ETIMEDOUT -> "ETIMEDOUT";
            case ECONNREFUSED -> "ECONNREFUSED";
            case EHOSTUNREACH -> "EHOSTUNREACH";
            case ECANCELED -> "ECANCELED";
            default -> "errno " + errno;
        };
    }
}
