package org.rddma.perftest;

import java.util.List;

/** One end of a run, whose other end is in another process. */
final class Solo extends Crew {
    /** @param cpus as --pin_cores has them: the client's and the server's, or none */
    Solo(Control control, End end, List<Integer> cpus, ProgressLine progressLine, Stall stall) {
        super(control, List.of(end), cpus.isEmpty() ? cpus : List.of(cpus.get(end.index)), progressLine, stall);
    }

    /** Runs this end's part of a phase, for which the control was reset before the other end could know of it. */
    void run(Task task) {
        runAll(task);
    }
}
