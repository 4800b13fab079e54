package org.rddma.verbs;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** Tries candidates one after another, and all of them again, until one has room. For one use. */
final class Opening<T> {
    /** What a device says on which there is no room, or that is gone: another may be neither. */
    private static final Set<Integer> FULL_OR_GONE =
            Set.of(Errno.ENOMEM, Errno.EBUSY, Errno.EAGAIN, Errno.EMFILE, Errno.ENOSPC, Errno.ENODEV, Errno.EIO);

    private final Function<? super Context, ? extends T> maker;
    private final List<String> tried = new ArrayList<>();
    private VerbsException last;

    Opening(Function<? super Context, ? extends T> maker) {
        this.maker = maker;
    }

    /** What was made: by a maker that makes nothing it is null, so that the answer itself cannot say that it failed. */
    private record Made<T>(T what) {}

    T run(List<Candidate> first, Supplier<List<Candidate>> again) {
        for (int round = 0; round < Selection.ROUNDS; round++) {
            for (Candidate candidate : round == 0 ? first : askAgain(again)) {
                Made<T> made = attempt(candidate);
                if (made != null) {
                    return made.what;
                }
            }
        }
        throw exhausted();
    }

    /** When in the meantime none is left that would do, what the last one said tells more. */
    private List<Candidate> askAgain(Supplier<List<Candidate>> again) {
        try {
            return again.get();
        } catch (VerbsException e) {
            tried.add(e.getMessage());
            return List.of();
        }
    }

    private VerbsException exhausted() {
        return new VerbsException(
                "select",
                last.errno(),
                "every device that would do was full, or gone, or could not be opened in " + Selection.ROUNDS
                        + " rounds: ask for less, or close something. Tried: " + String.join("; ", tried),
                last);
    }

    private Made<T> attempt(Candidate candidate) {
        Context context;
        try {
            context = candidate.device().open();
        } catch (VerbsException e) {
            note(candidate, e);
            return null;
        } catch (RuntimeException | LinkageError e) { // a provider's own, or a library that it lacks
            note(candidate, new VerbsException("open", Errno.EIO, "the device cannot be opened: " + e, e));
            return null;
        }
        try {
            return new Made<>(maker.apply(context));
        } catch (VerbsException e) {
            close(context, e);
            if (!FULL_OR_GONE.contains(e.errno())) {
                throw e;
            }
            note(candidate, e);
            return null;
        } catch (Throwable e) {
            close(context, e);
            throw e;
        }
    }

    private static void close(Context context, Throwable failure) {
        try {
            context.close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private void note(Candidate candidate, VerbsException failure) {
        last = failure;
        tried.add(candidate.name() + " (" + failure.getMessage() + ")");
    }
}
