package org.rddma.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.spi.NumaNodes;

/** Who comes before whom, whatever the order of the devices was. */
final class SelectionTest {
    private static final NumaNodes NODES =
            NumaNodes.of(0, Map.of(0, List.of(10, 21, 31), 1, List.of(21, 10, 21), 2, List.of(31, 21, 10)));

    private static PretendedDevice device(String name, int node, int priority, int free) {
        PretendedDevice device = new PretendedDevice().named(name);
        device.numaNode = node;
        device.priority = priority;
        device.freeQueuePairs = free;
        return device;
    }

    private static Selection select(Requirements requirements, List<PretendedDevice> devices) {
        return Selection.among(() -> devices, NODES, requirements);
    }

    private static List<String> order(Requirements requirements, PretendedDevice... devices) {
        return select(requirements, List.of(devices)).ranking().stream()
                .map(Candidate::name)
                .toList();
    }

    // ---- one key after the other

    @Test
    void theNearestDeviceIsFirstWhateverItsPriority() {
        PretendedDevice here = device("z", 0, 99, 1);
        PretendedDevice next = device("y", 1, 50, 2);
        PretendedDevice far = device("x", 2, 1, 3);
        assertThat(order(Requirements.NONE, far, next, here)).containsExactly("z", "y", "x");
        assertThat(select(Requirements.NONE, List.of(far, next, here)).ranking())
                .extracting(Candidate::distance)
                .containsExactly(10, 21, 31);
    }

    @Test
    void distancesAreCountedFromThePreferredNodeInsteadOfTheCallers() {
        PretendedDevice here = device("z", 0, 1, 1);
        PretendedDevice far = device("x", 2, 99, 1);
        assertThat(order(Requirements.NONE.preferNumaNode(2), here, far)).containsExactly("x", "z");
        assertThat(order(Requirements.NONE.preferNumaNode(2).preferNumaNode(0), here, far))
                .containsExactly("z", "x");
        assertThat(order(Requirements.NONE.preferNumaNode(2).provider("pretended"), here, far))
                .containsExactly("x", "z");
    }

    @Test
    void aDeviceOfUnknownNodeCountsAsTheFarthest() {
        assertThat(order(Requirements.NONE, device("unknown", -1, 1, 9), device("b", 1, 2, 9), device("a", 0, 3, 9)))
                .containsExactly("a", "b", "unknown");
        assertThat(order(Requirements.NONE, device("unknown", -1, 1, 9), device("far", 2, 2, 9)))
                .containsExactly("unknown", "far");
    }

    @Test
    void atTheSameDistanceTheSmallerPriorityIsFirst() {
        assertThat(order(Requirements.NONE, device("a", 0, 100, 9), device("b", 0, 2, 1), device("c", 0, 1, 1)))
                .containsExactly("c", "b", "a");
    }

    @Test
    void atTheSamePriorityMoreFreeQueuePairsAreFirst() {
        assertThat(order(Requirements.NONE, device("a", 0, 1, 8), device("b", 0, 1, 10), device("c", 0, 1, 9)))
                .containsExactly("b", "c", "a");
    }

    @Test
    void atLastTheNameDecidesAndThenTheProvider() {
        PretendedDevice twin = device("a", 0, 1, 8);
        twin.provider = "another";
        List<PretendedDevice> devices = List.of(device("b", 0, 1, 8), device("a", 0, 1, 8), twin);
        assertThat(select(Requirements.NONE, devices).ranking())
                .extracting(Candidate::device)
                .containsExactly(twin, devices.get(1), devices.get(0));
    }

    @Test
    void thoseThatAreRefusedStandAtTheEndInTheSameOrder() {
        assertThat(order(
                        Requirements.NONE,
                        device("best but never chosen", 0, 0, 9),
                        device("full", 0, 1, 0),
                        device("far", 2, 100, 1)))
                .containsExactly("far", "best but never chosen", "full");
    }

    // ---- for all

    @Provide
    static Arbitrary<List<PretendedDevice>> devices() {
        Arbitrary<PretendedDevice> one = Combinators.combine(
                        Arbitraries.of("a", "b", "c"),
                        Arbitraries.of(-1, 0, 1, 2, 3),
                        Arbitraries.of(0, 1, 2, 100, 101),
                        Arbitraries.of(0, 1, 2),
                        Arbitraries.of("p", "q"))
                .as((name, node, priority, free, provider) -> {
                    PretendedDevice device = device(name, node, priority, free);
                    device.provider = provider;
                    return device;
                });
        return one.list().ofMaxSize(8).map(list -> {
            List<PretendedDevice> unique = new ArrayList<>(); // a provider does not have two devices of one name
            HashSet<String> seen = new HashSet<>();
            for (PretendedDevice device : list) {
                if (seen.add(device.name + "/" + device.provider)) {
                    unique.add(device);
                }
            }
            return unique;
        });
    }

    @Property
    void theOrderOfTheDevicesDoesNotMatter(@ForAll("devices") List<PretendedDevice> devices, @ForAll long seed) {
        List<PretendedDevice> shuffled = new ArrayList<>(devices);
        Collections.shuffle(shuffled, new Random(seed));
        assertThat(select(Requirements.NONE, shuffled).ranking())
                .isEqualTo(select(Requirements.NONE, devices).ranking());
    }

    @Property
    void anyTwoDevicesAreInTheSameOrderAmongThreeAsAlone(@ForAll("devices") List<PretendedDevice> devices) {
        List<Candidate> ranking = select(Requirements.NONE, devices).ranking();
        Comparator<Candidate> order = Candidate.ORDER;
        for (int i = 0; i < ranking.size(); i++) {
            for (int j = i + 1; j < ranking.size(); j++) {
                assertThat(order.compare(ranking.get(i), ranking.get(j))).isNegative();
                assertThat(order.compare(ranking.get(j), ranking.get(i))).isPositive();
            }
        }
    }

    @Property
    void theDeviceIsTheFirstThatIsNotRefusedAndIsNeverARefusedOne(@ForAll("devices") List<PretendedDevice> devices) {
        Selection selection = select(Requirements.NONE.numaNode(0, 2), devices);
        List<PretendedDevice> possible = devices.stream()
                .filter(device -> device.priority >= 1 && device.priority <= 100)
                .filter(device -> device.freeQueuePairs > 0)
                .filter(device -> device.numaNode == 0 || device.numaNode == 2)
                .toList();
        assertThat(selection.ranking()).hasSameSizeAs(devices);
        assertThat(selection.ranking().stream().filter(Candidate::accepted).map(Candidate::device))
                .containsExactlyInAnyOrderElementsOf(possible);
        if (possible.isEmpty()) {
            assertThat(catchThrowableOfType(VerbsException.class, selection::device)
                            .errno())
                    .isEqualTo(Errno.ENODEV);
        } else {
            assertThat(selection.device())
                    .isSameAs(selection.ranking().get(0).device())
                    .isIn(possible);
        }
    }

    // ---- how it is asked and what is said

    @Test
    void eachDeviceIsAskedOnceSoThatItCannotChangeItsMind() {
        PretendedDevice device = device("a", 0, 1, 5);
        Selection selection = select(Requirements.NONE.freeQueuePairs(2), List.of(device, device("b", 0, 1, 4)));
        assertThat(device.asked).isEqualTo(1);
        device.freeQueuePairs = 0;
        assertThat(selection.ranking().get(0).freeQueuePairs()).isEqualTo(5);
        assertThat(selection.device()).isSameAs(device);
    }

    @Test
    void aDeviceThatCannotBeAskedIsRefusedAndTheOthersAreNot() {
        PretendedDevice broken = device("broken", 0, 1, 5);
        broken.failure = new VerbsException("ports", Errno.ENODEV, "it has been removed");
        Selection selection = select(Requirements.NONE, List.of(broken, device("far", 2, 100, 1)));
        assertThat(selection.device().name()).isEqualTo("far");
        assertThat(selection.ranking().get(1).refusals())
                .containsExactly("it could not be asked: ports: it has been removed (ENODEV)");
    }

    @Test
    void aDeviceThatHasNoNameOrCannotSayItIsRefusedToo() {
        PretendedDevice nameless = device(null, 0, 1, 5);
        PretendedDevice strange = device("strange", 0, 1, 5);
        strange.provider = null;
        PretendedDevice mute = device("mute", 0, 1, 5);
        mute.failure = new IllegalStateException("closed");
        mute.mute = true;
        Selection selection =
                select(Requirements.NONE, List.of(nameless, strange, mute, device("far", 2, 100, 1), nameless));
        assertThat(selection.device().name()).isEqualTo("far");
        assertThat(selection.ranking())
                .filteredOn(candidate -> !candidate.accepted())
                .hasSize(4);
        assertThat(selection.toString())
                .contains("its name is null", "its provider is null", "could not be asked: closed");
    }

    @Test
    void aDeviceWhoseOpeningFailsInAWayOfItsOwnIsNotTheEnd() {
        PretendedDevice strange = device("strange", 0, 1, 5);
        strange.openFailure = new IllegalStateException("no such method");
        VerbsException refusal = catchThrowableOfType(
                VerbsException.class,
                () -> select(Requirements.NONE, List.of(strange, device("far", 2, 100, 1)))
                        .open());
        assertThat(refusal)
                .hasMessageContaining("strange (open: the device cannot be opened: java.lang.IllegalStateException")
                .hasMessageContaining("far (");
    }

    @Test
    void withoutAnyDeviceThatWillDoEveryReasonIsInTheMessage() {
        PretendedDevice weak = device("a", 0, 1, 5);
        weak.atomics = AtomicCapability.NONE;
        PretendedDevice off = device("b", 0, 0, 5);
        VerbsException refusal = catchThrowableOfType(
                VerbsException.class,
                () -> select(Requirements.NONE.atomics(AtomicCapability.HCA), List.of(off, weak))
                        .device());
        assertThat(refusal.errno()).isEqualTo(Errno.ENODEV);
        assertThat(refusal.verb()).isEqualTo("select");
        assertThat(refusal)
                .hasMessageContaining("what is asked for, atomics HCA: ask for less. ")
                .hasMessageContaining("a: its atomics are NONE, not HCA")
                .hasMessageContaining("b: its priority 0 keeps it from being chosen");
        assertThat(catchThrowableOfType(
                        VerbsException.class,
                        () -> select(Requirements.NONE, List.of()).open()))
                .hasMessageContaining("there is no device at all");
    }

    @Test
    void theRankingIsPrintedAsATable() {
        PretendedDevice off = device("disabled", 0, 101, 5);
        off.numaNode = 1;
        off.vectors = 1;
        assertThat(select(Requirements.NONE.completionVectors(2), List.of(device("a0", 0, 9, 12345), off)))
                .hasToString("""
                            device    provider   distance  priority  free queue pairs
                        1.  a0        pretended        10         9             12345
                        -   disabled  pretended        21       101                 5  refused: its priority 101 keeps it\
                         from being chosen; it has 1 completion vectors, not 2
                        """);
    }
}
