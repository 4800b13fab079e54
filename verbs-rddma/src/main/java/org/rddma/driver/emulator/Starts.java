package org.rddma.driver.emulator;

import java.util.ArrayDeque;

/**
 * Starts events and sees them to their end.
 *
 * <p>Starting an event declares the halves attached to it ready, all of them counted before the first is looked at, so
 * that an early copy cannot end the event too soon. A bind whose other half is ready too is copied; when a copy is
 * over, both its halves are no longer ready and both their events have one less to wait for. An event that waits for
 * nothing more is over: the event chained to it is started, and at the end of the chain the command is answered. So a
 * start whose binds wait for another event is parked, without a thread, until that one is started: a rendezvous.
 *
 * <ul>
 *   <li>An event that is started already, parked or copying, is not started again: the command is answered with 0 at
 *       once, and a chain that comes to it ends there with 0.
 *   <li>A bind that joins a started event takes part from its next start on.
 *   <li>A failed copy (-5) lets the event's other copies go on; the command is answered with -5 and the chain is not
 *       followed, because what comes next relies on the data.
 *   <li>A bind that is deleted while one half is ready will never be copied: that half's event is told -5 instead of
 *       waiting for ever. One that is being copied is deleted when the copy is over.
 *   <li>A buffer that is deleted does not end what is parked; when the other half becomes ready, both get -5.
 *   <li>Chains cannot have a cycle (see EventCommands), and are followed in turns: a long one does not keep the driver
 *       thread from other commands.
 * </ul>
 */
final class Starts implements DmaEngine.Done {
    /** How many ends of events are dealt with in one turn. */
    private static final int TURN = 256;

    private final ArrayDeque<EventRun> over = new ArrayDeque<>();
    private final Turns turns;
    private DmaEngine engine;

    /** Gets a turn of the driver thread after something has happened outside of a command. */
    interface Turns {
        void settle();
    }

    Starts(Turns turns) {
        this.turns = turns;
    }

    void use(DmaEngine newEngine) {
        engine = newEngine;
    }

    /** Starts an event; its end is told to who started it. */
    void start(Event event, EventRun.Starter starter) {
        if (event.run != null) {
            starter.over(Results.OK);
        } else {
            begin(new EventRun(starter), event);
        }
    }

    /** Follows the chains of what is over, as far as fits a turn. */
    void follow() {
        for (int steps = 0; steps < TURN; steps++) {
            EventRun run = over.poll();
            if (run == null) {
                return;
            }
            Event next = run.result == Results.OK ? run.event.next : null;
            if (next != null && next.run == null) {
                begin(run, next);
            } else {
                run.starter.over(run.result);
            }
        }
    }

    /** Whether there is something to follow. */
    boolean due() {
        return !over.isEmpty();
    }

    private void begin(EventRun run, Event event) {
        run.event = event;
        event.run = run;
        event.result = Results.OK;
        // one more than there are halves: the event is not over before all have been looked at
        int count = event.halves.size();
        event.pending = count + 1;
        for (int at = 0; at < count; at++) {
            Bind.Half half = event.halves.get(at);
            half.ready = true;
            Bind bind = half.bind;
            if (bind.destination.ready && bind.source.ready) {
                copy(bind);
            }
        }
        settle(event, Results.OK);
    }

    private void copy(Bind bind) {
        bind.running = true;
        bind.destination.buffer.copyBegins();
        bind.source.buffer.copyBegins();
        int result = engine.copy(bind);
        if (result != DmaEngine.LATER) {
            end(bind, result);
        }
    }

    @Override
    public void copied(Bind bind, int result) {
        end(bind, result);
        turns.settle();
    }

    private void end(Bind bind, int result) {
        bind.running = false;
        bind.destination.ready = false;
        bind.source.ready = false;
        bind.destination.buffer.copyEnds();
        bind.source.buffer.copyEnds();
        settle(bind.destination.event, result);
        settle(bind.source.event, result);
        Runnable waiting = bind.whenIdle;
        if (waiting != null) {
            bind.whenIdle = null;
            waiting.run();
        }
    }

    private void settle(Event event, int result) {
        if (result != Results.OK) {
            event.result = result;
        }
        if (--event.pending == 0) {
            event.run.result = event.result;
            over.add(event.run);
            event.run = null;
        }
    }

    /** Takes a bind away from its events; whoever counts on it is told that it failed, unless it is being copied. */
    void release(Bind bind) {
        release(bind, bind.destination);
        release(bind, bind.source);
    }

    private void release(Bind bind, Bind.Half half) {
        half.event.detach(half);
        if (half.ready && !bind.running) {
            half.ready = false;
            settle(half.event, Results.IO_ERROR);
        }
    }
}
