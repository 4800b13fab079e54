package org.rddma.verbs.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.rddma.verbs.AsyncEventType;

/** A device has announced what is no completion. */
@Name("rddma.AsyncEvent")
@Label("Asynchronous Event")
@Category("RDMA verbs")
@Description("A device announced an asynchronous event, whether or not a program ever reads it")
@Enabled(false)
public final class AsyncEventEvent extends Event {
    /** Asked whether anybody records, as {@link WaitEvent} does it. */
    private static final AsyncEventEvent PROBE = new AsyncEventEvent("", "", 0);

    @Label("Type")
    @Description("What happened, such as CQ_ERR")
    final String type;

    @Label("Object")
    @Description("What it is about: an object, or the context when it is about a port or the device")
    final String object;

    @Label("Port")
    @Description("Number of the port; 0 when it is about no port")
    final int port;

    private AsyncEventEvent(String type, String object, int port) {
        this.type = type;
        this.object = object;
        this.port = port;
    }

    /**
     * An event is announced.
     *
     * @param type what happened
     * @param object what it is about; asked for its text only when that is recorded
     * @param port number of the port, or 0
     */
    public static void record(AsyncEventType type, Object object, int port) {
        if (PROBE.isEnabled()) {
            new AsyncEventEvent(type.name(), String.valueOf(object), port).commit();
        }
    }
}
