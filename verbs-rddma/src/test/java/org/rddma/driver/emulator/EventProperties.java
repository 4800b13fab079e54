package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Any sequence of binds, starts, chains, writes and deletes does what the model does, step by step. */
class EventProperties {
    private enum Kind {
        BIND,
        START,
        WRITE,
        CHAIN,
        UNBIND,
        DELETE_SOURCE
    }

    private record Step(Kind kind, int a, int b, int c, int d) {}

    @Provide
    Arbitrary<List<Step>> programs() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(6, Kind.BIND),
                Tuple.of(12, Kind.START),
                Tuple.of(6, Kind.WRITE),
                Tuple.of(3, Kind.CHAIN),
                Tuple.of(2, Kind.UNBIND),
                Tuple.of(1, Kind.DELETE_SOURCE));
        Arbitrary<Integer> number = Arbitraries.integers().between(0, 59);
        return Combinators.combine(kinds, number, number, number, number)
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(60);
    }

    @Property(tries = 500)
    void theDriverDoesWhatTheModelDoes(@ForAll("programs") List<Step> program) {
        try (CoreBench driver = CoreBench.relaxed()) {
            driver.ok("location_create://l?default_ops(private)", "xfer_create://x.l", "smb_create://d.l:100");
            for (int source = 0; source < EventModel.SOURCES; source++) {
                driver.ok("smb_create://s" + source + ".l:8");
            }
            EventModel model = new EventModel();
            List<CoreBench.Asked> starts = new ArrayList<>();
            for (Step step : program) {
                run(step, driver, model, starts);
                for (int start = 0; start < starts.size(); start++) {
                    CoreBench.Asked asked = starts.get(start);
                    assertThat(asked.answered() ? (Integer) asked.result() : null)
                            .as("start %s after %s", start, step)
                            .isEqualTo(model.results.get(start));
                }
                for (int slot = 0; slot < EventModel.SLOTS; slot++) {
                    assertThat(driver.bytes("d").getLong(8 * slot))
                            .as("cell %s after %s", slot, step)
                            .isEqualTo(model.destination[slot]);
                }
            }
        }
    }

    private static void run(Step step, CoreBench driver, EventModel model, List<CoreBench.Asked> starts) {
        int slot = step.a % EventModel.SLOTS;
        int source = step.b % EventModel.SOURCES;
        int event = step.c % EventModel.EVENTS;
        int other = step.d % EventModel.EVENTS;
        switch (step.kind) {
            case BIND -> {
                if (!model.bound(slot) && !model.sourceGone[source]) {
                    model.bind(slot, source, event, other);
                    driver.ok("bind_create://x.l#" + at(slot) + ":8/d.l#" + Integer.toHexString(8 * slot)
                            + "?event_name(e" + event + ")=s" + source + ".l?event_name(e" + other + ")");
                }
            }
            case UNBIND -> {
                if (model.bound(slot)) {
                    model.unbind(slot);
                    driver.ok("bind_delete://x.l#" + at(slot) + ":1");
                }
            }
            case START -> {
                if (model.known(event)) {
                    model.start(event);
                    starts.add(driver.send("event_start://e" + event + ".l"));
                }
            }
            case CHAIN -> {
                if (model.known(event) && model.known(other)) {
                    String command = "event_chain://e" + event + ".l?event_name(e" + other + ")";
                    if (model.circle(event, other)) {
                        assertThat(driver.code(command)).isEqualTo(-22);
                    } else if (model.mayChain(event, other)) {
                        model.chain(event, other);
                        driver.ok(command);
                    }
                }
            }
            case WRITE -> {
                if (!model.sourceGone[source]) {
                    model.sources[source] = step.d + 1L;
                    driver.bytes("s" + source).putLong(0, step.d + 1L);
                }
            }
            case DELETE_SOURCE -> {
                if (!model.sourceGone[source]) {
                    model.sourceGone[source] = true;
                    driver.ok("smb_delete://s" + source + ".l");
                }
            }
        }
    }

    /** Where a slot's bind is in its transfer; not 0, which would mean the end. */
    private static String at(int slot) {
        return Integer.toHexString(16 * (slot + 1));
    }
}
