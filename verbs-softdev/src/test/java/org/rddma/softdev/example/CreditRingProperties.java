package org.rddma.softdev.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;
import org.rddma.softdev.Freedoms;
import org.rddma.softdev.example.CreditRing.Scenario;
import org.rddma.softdev.example.CreditRing.Sleep;

/** The right ring survives everything that a device may do; the one that falls asleep in the wrong way does not. */
final class CreditRingProperties {
    /** Turns of the shrunk program. */
    private static final int HANDFUL = 6;

    @Provide
    Arbitrary<Scenario> scenarios() {
        return Combinators.combine(
                        Arbitraries.longs(),
                        Arbitraries.of(Freedoms.none(), Freedoms.lossless(), Freedoms.all()),
                        Arbitraries.integers().between(1, 6),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.integers().between(0, 2).list().ofMaxSize(60))
                .as(Scenario::new);
    }

    private static void everythingArrives(Scenario scenario, Sleep sleep) {
        try (CreditRing ring = new CreditRing(scenario, sleep)) {
            assertThat(ring.play())
                    .as(
                            "everybody sleeps, the device is idle; messages that have arrived, with %s:%n%s%n",
                            scenario, String.join("\n", ring.story()))
                    .isEqualTo(scenario.messages());
        }
    }

    @Property(tries = 2000)
    void armThenPoll(@ForAll("scenarios") Scenario scenario) {
        everythingArrives(scenario, Sleep.ARM_THEN_POLL);
    }

    /** Would catch: a device, or a search, that does not find a lost wake-up. */
    @Property(tries = 2000, shrinking = ShrinkingMode.FULL)
    @AddLifecycleHook(MustFail.class)
    void pollThenArm(@ForAll("scenarios") Scenario scenario) {
        everythingArrives(scenario, Sleep.POLL_THEN_ARM);
    }

    /** One seed, one history. */
    @Property(tries = 100)
    void replay(@ForAll("scenarios") Scenario scenario) {
        assertThat(story(scenario)).isEqualTo(story(scenario));
    }

    private static List<String> story(Scenario scenario) {
        try (CreditRing ring = new CreditRing(scenario, Sleep.ARM_THEN_POLL)) {
            int unused = ring.play();
            return ring.story();
        }
    }

    /** Turns the failure that is expected, shrunk to a handful of turns, into a success, and the rest into a failure. */
    static final class MustFail implements AroundPropertyHook {
        @Override
        public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
            PropertyExecutionResult result = property.execute();
            if (result.status() != PropertyExecutionResult.Status.FAILED) {
                return result.mapToFailed("the planted lost wake-up was not found");
            }
            Scenario found =
                    (Scenario) result.falsifiedParameters().orElseThrow().get(0);
            String story = result.throwable().orElseThrow().getMessage();
            if (found.messages() > 1 || found.turns().size() > HANDFUL || !story.contains("everybody sleeps")) {
                return result.mapToFailed("not a handful of steps, or another failure: " + found + "\n" + story);
            }
            context.reporter().publishValue("found and shrunk", story);
            return result.mapToSuccessful();
        }
    }
}
