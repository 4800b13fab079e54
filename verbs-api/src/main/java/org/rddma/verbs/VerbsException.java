package org.rddma.verbs;

import java.util.Optional;
import org.rddma.verbs.internal.jfr.VerbsErrorEvent;

/**
 * A verb was used wrongly, or the system refused it: nothing was changed.
 *
 * <p>Carries the verb, the errno that libibverbs reports in the same case, and a sentence that says what to change.
 * What a correct program meets on its fast path (a full queue, an empty queue, no event yet) is a returned value and
 * never this.
 */
public final class VerbsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String verb;
    private final int errno;
    private final transient WorkRequest badRequest;

    /**
     * Made by providers.
     *
     * @param verb the method that failed, such as {@code createCompletionQueue}
     * @param errno one of {@link Errno}
     * @param sentence what was wrong with which argument, and what to change
     */
    public VerbsException(String verb, int errno, String sentence) {
        this(verb, errno, sentence, null, null);
    }

    /**
     * Made by providers when a work request in a chain is at fault.
     *
     * @param verb the method that failed
     * @param errno one of {@link Errno}
     * @param sentence what was wrong
     * @param badRequest the first request that was not posted; those before it were
     */
    public VerbsException(String verb, int errno, String sentence, WorkRequest badRequest) {
        this(verb, errno, sentence, badRequest, null);
    }

    /**
     * Made by providers when something else failed below the verb.
     *
     * @param verb the method that failed
     * @param errno one of {@link Errno}
     * @param sentence what was wrong
     * @param cause what failed below
     */
    public VerbsException(String verb, int errno, String sentence, Throwable cause) {
        this(verb, errno, sentence, null, cause);
    }

    private VerbsException(String verb, int errno, String sentence, WorkRequest badRequest, Throwable cause) {
        super(verb + ": " + sentence + " (" + Errno.nameOf(errno) + ")", cause);
        this.verb = verb;
        this.errno = errno;
        this.badRequest = badRequest;
        if (!(cause instanceof VerbsException)) { // which is on record
            VerbsErrorEvent.record(verb, Errno.nameOf(errno), sentence);
        }
    }

    /**
     * The same failure, of another verb: one verb may be made of others.
     *
     * @param other the verb that was called
     * @return a new exception, without the request at fault
     */
    public VerbsException onBehalfOf(String other) {
        return new VerbsException(other, errno, sentence(), null, this);
    }

    /**
     * The same failure, of another request: who posts copies of a caller's requests names the caller's own.
     *
     * @param request the caller's
     * @return a new exception, which is not recorded once more
     */
    public VerbsException about(WorkRequest request) {
        return new VerbsException(verb, errno, sentence(), request, this);
    }

    private String sentence() {
        String message = getMessage();
        return message.substring(
                verb.length() + 2, message.length() - Errno.nameOf(errno).length() - 3);
    }

    /**
     * What a verb that the device does not have throws.
     *
     * @param verb the method's name
     * @param capability what the device lacks
     * @return EOPNOTSUPP
     */
    public static VerbsException unsupported(String verb, Capability capability) {
        return new VerbsException(
                verb,
                Errno.EOPNOTSUPP,
                "this device does not have " + capability + ": see DeviceAttributes.capabilities()");
    }

    /**
     * The verb that failed.
     *
     * @return the method's name
     */
    public String verb() {
        return verb;
    }

    /**
     * The errno of libibverbs for this failure.
     *
     * @return one of {@link Errno}
     */
    public int errno() {
        return errno;
    }

    /**
     * Of a chain of work requests, the one at fault: it and those behind it were not posted, those before it were
     * ({@code bad_wr} of {@code ibv_post_send}).
     *
     * @return the request, or empty where the failure is not about one
     */
    public Optional<WorkRequest> badRequest() {
        return Optional.ofNullable(badRequest);
    }
}
