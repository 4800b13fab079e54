package org.rddma.perftest;

import java.util.List;

/** Both ends of a run in this process, on a thread each. */
final class Duo extends Crew {
    private final Control control;

    Duo(Control control, List<Integer> cpus, ProgressLine progressLine) {
        super(control, List.of(End.CLIENT, End.SERVER), cpus, progressLine, Stall.HUNG);
        this.control = control;
    }

    /** Runs one phase: returns when both ends have, or throws what the first to fail threw. */
    void run(Task clientTask, Task serverTask) {
        control.reset();
        runAll(clientTask, serverTask);
    }
}
