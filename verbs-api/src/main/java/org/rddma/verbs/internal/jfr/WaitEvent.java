package org.rddma.verbs.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/**
 * A thread slept. One that found at once what it came for has not, and one that only looks does not.
 *
 * <p>Whether a recording wants it is asked of {@link #PROBE}, which exists for that: a wait that nobody records makes no
 * object, also before the compiler has seen it.
 */
@Name("rddma.Wait")
@Label("Wait")
@Category("RDMA verbs")
@Description(
        "A thread slept for an event, a reply or an acknowledgement; that which is there already is not waited for")
@Enabled(false)
public final class WaitEvent extends Event {
    /** What ended a wait: that which was waited for. */
    public static final String ARRIVED = "arrived";

    /** What ended a wait: its time. */
    public static final String TIMEOUT = "timeout";

    /** What ended a wait: another thread that asked for it. */
    public static final String WOKEN = "woken";

    /** What ended a wait: an interrupt. */
    public static final String INTERRUPTED = "interrupted";

    /** What ended a wait: what was waited for is closed, or cannot come any more. */
    public static final String FAILED = "failed";

    private static final WaitEvent PROBE = new WaitEvent();

    @Label("Verb")
    @Description("The verb that waited")
    final String verb;

    @Label("Object")
    @Description("What was waited on")
    final String object;

    @Label("Outcome")
    @Description("What ended the wait: arrived, timeout, woken, interrupted or failed")
    String outcome;

    private WaitEvent() {
        this("", "");
    }

    private WaitEvent(String verb, String object) {
        this.verb = verb;
        this.object = object;
    }

    /**
     * A wait begins.
     *
     * @param verb that waits
     * @param object what it waits on; asked for its text only when that is recorded
     * @return for {@link #ended}; null when nobody records
     */
    public static WaitEvent started(String verb, Object object) {
        if (!PROBE.isEnabled()) {
            return null;
        }
        WaitEvent wait = new WaitEvent(verb, String.valueOf(object));
        wait.begin();
        return wait;
    }

    /**
     * A wait is over.
     *
     * @param wait from {@link #started}
     * @param outcome one of the constants of this class
     */
    public static void ended(WaitEvent wait, String outcome) {
        if (wait != null) {
            wait.outcome = outcome;
            wait.commit();
        }
    }
}
