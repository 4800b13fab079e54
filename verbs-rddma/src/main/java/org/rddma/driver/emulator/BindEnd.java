package org.rddma.driver.emulator;

import org.rddma.driver.Descriptor;

/**
 * One end of a bind that is to be made: the buffer and the event, both on the node that the end's location is on. The
 * location is one of the tree of the transfer's node, private or public.
 */
final class BindEnd {
    /** 0, or why there can be no such end. */
    final int result;

    Node node;
    final String eventName;
    private SharedBuffer buffer;
    private final Descriptor term;
    private final long offset;

    BindEnd(Core core, Request request, Descriptor term, long extent) {
        this.term = term;
        eventName = request.option(term, "event_name");
        offset = term.offset().orElse(0);
        int looked = look(core, request, extent);
        result = looked == Results.OK ? looked : core.results.because(looked);
    }

    private int look(Core core, Request request, long extent) {
        if (eventName == null || eventName.isEmpty()) {
            return Results.INVALID;
        }
        Location location = request.node.location(term.location());
        if (location == null) {
            return Results.NO_DEVICE;
        }
        node = location.isPublic ? core.fabric.owner(location) : request.node;
        if (node == null) {
            return Results.IO_ERROR;
        }
        Location there = node.location(term.location());
        buffer = there == null || there.isPublic ? null : there.buffers.get(term.name());
        if (buffer == null) {
            return Results.NO_DEVICE;
        }
        return buffer.covers(offset, extent) ? Results.OK : Results.INVALID;
    }

    boolean isNew() {
        return node.event(eventName) == null;
    }

    /** The end itself; makes the event if it is new. */
    Bind.End end() {
        Event event = node.event(eventName);
        if (event == null) {
            event = new Event(eventName, node);
            node.add(event);
        }
        return new Bind.End(event, buffer, Request.name(term), offset);
    }
}
