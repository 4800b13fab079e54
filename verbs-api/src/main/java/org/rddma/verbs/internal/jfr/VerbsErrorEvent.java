package org.rddma.verbs.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A verb failed. */
@Name("rddma.VerbsError")
@Label("Verb Failed")
@Category("RDMA verbs")
@Description("A verb failed with an exception; the stack trace says who called it")
@Enabled(false)
public final class VerbsErrorEvent extends Event {
    /** Asked whether anybody records, as {@link WaitEvent} does it. */
    private static final VerbsErrorEvent PROBE = new VerbsErrorEvent("", "", "");

    @Label("Verb")
    @Description("The verb that failed")
    final String verb;

    @Label("Errno")
    @Description("Name of the errno, such as EINVAL")
    final String errno;

    @Label("Sentence")
    @Description("What was wrong, and what to change")
    final String sentence;

    private VerbsErrorEvent(String verb, String errno, String sentence) {
        this.verb = verb;
        this.errno = errno;
        this.sentence = sentence;
    }

    /**
     * A verb failed.
     *
     * @param verb its name
     * @param errno name of the errno
     * @param sentence what was wrong
     */
    public static void record(String verb, String errno, String sentence) {
        if (PROBE.isEnabled()) {
            new VerbsErrorEvent(verb, errno, sentence).commit();
        }
    }
}
