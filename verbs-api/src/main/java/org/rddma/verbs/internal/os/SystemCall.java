package org.rddma.verbs.internal.os;

import com.sun.jna.Native;
import java.util.Locale;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** System calls that the C library has no function for, by their numbers on the two kinds of machine. */
enum SystemCall {
    RT_SIGACTION(13, 134),
    RT_SIGPROCMASK(14, 135),
    RT_SIGTIMEDWAIT(128, 137),
    RT_TGSIGQUEUEINFO(297, 240),
    GETTID(186, 178),
    GETPID(39, 172),
    IO_SETUP(206, 0),
    IO_DESTROY(207, 1),
    IO_GETEVENTS(208, 4),
    IO_SUBMIT(209, 2),
    IO_CANCEL(210, 3);

    private static final int MACHINE = machine();

    private final int number;

    SystemCall(int onX86, int onArm) {
        number = machine() == 0 ? onX86 : onArm;
    }

    private static int machine() {
        return switch (System.getProperty("os.arch").toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> 0;
            case "aarch64" -> 1;
            default -> -1; // the numbers of other machines are not known here
        };
    }

    static boolean known() {
        return Os.unavailabilityCause() == null && MACHINE >= 0;
    }

    static void ensureKnown(String verb) {
        Os.ensureAvailable(verb);
        if (MACHINE < 0) {
            throw new VerbsException(
                    verb, Errno.ENOSYS, "this needs a processor of kind x86-64 or aarch64: use another way to wait");
        }
    }

    /** Does it, and gives its result or the negative errno. */
    long call(long a, long b, long c, long d, long e) {
        return call(number, a, b, c, d, e);
    }

    private static long call(long which, long a, long b, long c, long d, long e) {
        long result = LibC.syscall(which, a, b, c, d, e);
        return result == -1 ? -Native.getLastError() : result;
    }
}
