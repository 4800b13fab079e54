package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.domains.Domain;
import org.rddma.softdev.example.HostileDevice;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.model.VerbsProgram;
import org.rddma.verbs.model.VerbsPrograms;

/** Random programs against the software device with every freedom: it stays within what the model allows. */
final class RandomProgramProperties {
    @Provide
    Arbitrary<VerbsProgram> faulty() {
        return VerbsPrograms.reliable().withFaults().arbitrary();
    }

    @Provide
    Arbitrary<VerbsProgram> unreliable() {
        return VerbsPrograms.of(QueuePairType.UC).withFaults().arbitrary();
    }

    @Provide
    Arbitrary<VerbsProgram> datagrams() {
        return VerbsPrograms.of(QueuePairType.UD).withFaults().arbitrary();
    }

    private static VerbsProgram.Outcome run(VerbsProgram program, long seed) {
        return program.runOn(HostileDevice.of(seed, Freedoms.all()));
    }

    @Property(tries = 1000)
    @Domain(VerbsPrograms.Reliable.class)
    @Domain(net.jqwik.api.domains.DomainContext.Global.class)
    void reliable(@ForAll VerbsProgram program, @ForAll long seed) {
        var unused = run(program, seed);
    }

    @Property(tries = 1000)
    void reliableWithFaults(@ForAll("faulty") VerbsProgram program, @ForAll long seed) {
        var unused = run(program, seed);
    }

    @Property(tries = 500)
    void unreliable(@ForAll("unreliable") VerbsProgram program, @ForAll long seed) {
        var unused = run(program, seed);
    }

    @Property(tries = 500)
    void datagrams(@ForAll("datagrams") VerbsProgram program, @ForAll long seed) {
        var unused = run(program, seed);
    }

    /** One seed, one history: the same program sees the same, and the trace is the same byte for byte. */
    @Property(tries = 50)
    void replay(@ForAll("faulty") VerbsProgram program, @ForAll long seed) {
        assertThat(run(program, seed)).isEqualTo(run(program, seed));
    }
}
