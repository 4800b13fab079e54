package org.rddma.driver.emulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What binds, events and chains do, written down once more without any of the driver's shortcuts. */
final class EventModel {
    static final int EVENTS = 5;
    static final int SLOTS = 6;
    static final int SOURCES = 4;

    /** A copy of one source cell to the cell of its slot. */
    private static final class Copy {
        int slot;
        int source;
        int destinationEvent;
        int sourceEvent;
        boolean destinationReady;
        boolean sourceReady;
    }

    /** One start that has not been answered. */
    private static final class Run {
        final int number;
        int event;
        int waitsFor;
        int result;

        Run(int number) {
            this.number = number;
        }
    }

    final long[] sources = new long[SOURCES];
    final long[] destination = new long[SLOTS];
    final boolean[] sourceGone = new boolean[SOURCES];
    /** Result by number of start; null while there is none. */
    final List<Integer> results = new ArrayList<>();

    private final Copy[] copies = new Copy[SLOTS];
    private final Run[] running = new Run[EVENTS];
    private final int[] next = new int[EVENTS];
    private final ArrayDeque<Run> over = new ArrayDeque<>();
    private final boolean[] known = new boolean[EVENTS];

    EventModel() {
        Arrays.fill(next, -1);
    }

    boolean known(int event) {
        return known[event];
    }

    boolean bound(int slot) {
        return copies[slot] != null;
    }

    /** Whether a link would be the second one to an event, or close a circle. */
    boolean mayChain(int from, int to) {
        for (int event = 0; event < EVENTS; event++) {
            if (next[event] == to && event != from) {
                return false;
            }
        }
        return !circle(from, to);
    }

    boolean circle(int from, int to) {
        for (int event = to; event >= 0; event = next[event]) {
            if (event == from) {
                return true;
            }
        }
        return false;
    }

    void chain(int from, int to) {
        next[from] = to;
    }

    void bind(int slot, int source, int destinationEvent, int sourceEvent) {
        Copy copy = new Copy();
        copy.slot = slot;
        copy.source = source;
        copy.destinationEvent = destinationEvent;
        copy.sourceEvent = sourceEvent;
        copies[slot] = copy;
        known[destinationEvent] = true;
        known[sourceEvent] = true;
    }

    void unbind(int slot) {
        Copy copy = copies[slot];
        copies[slot] = null;
        if (copy.destinationReady) {
            settle(copy.destinationEvent, -5);
        }
        if (copy.sourceReady) {
            settle(copy.sourceEvent, -5);
        }
        follow();
    }

    void start(int event) {
        results.add(null);
        int number = results.size() - 1;
        if (running[event] != null) {
            results.set(number, 0);
        } else {
            begin(new Run(number), event);
            follow();
        }
    }

    private void begin(Run run, int event) {
        run.event = event;
        run.result = 0;
        run.waitsFor = 1;
        running[event] = run;
        for (Copy copy : copies) {
            if (copy != null && copy.destinationEvent == event) {
                copy.destinationReady = true;
                run.waitsFor++;
            }
            if (copy != null && copy.sourceEvent == event) {
                copy.sourceReady = true;
                run.waitsFor++;
            }
        }
        for (Copy copy : copies) {
            if (copy != null && copy.destinationReady && copy.sourceReady) {
                copy.destinationReady = false;
                copy.sourceReady = false;
                if (!sourceGone[copy.source]) {
                    destination[copy.slot] = sources[copy.source];
                }
                settle(copy.destinationEvent, sourceGone[copy.source] ? -5 : 0);
                settle(copy.sourceEvent, sourceGone[copy.source] ? -5 : 0);
            }
        }
        settle(event, 0);
    }

    private void settle(int event, int result) {
        Run run = running[event];
        run.result = result == 0 ? run.result : result;
        if (--run.waitsFor == 0) {
            running[event] = null;
            over.add(run);
        }
    }

    private void follow() {
        for (Run run = over.poll(); run != null; run = over.poll()) {
            int to = run.result == 0 ? next[run.event] : -1;
            if (to >= 0 && running[to] == null) {
                begin(run, to);
            } else {
                results.set(run.number, run.result);
            }
        }
    }
}
