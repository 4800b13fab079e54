package org.rddma.verbs.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.verbs.internal.os.Os;

/** Memory nodes as sysfs shows them, and where it shows nothing. */
final class NumaNodesTest {
    @TempDir
    private Path sysfs;

    private void node(int number, String distances, int... cpus) throws IOException {
        Path folder = Files.createDirectories(sysfs.resolve("node" + number));
        Files.writeString(folder.resolve("distance"), distances + "\n");
        for (int cpu : cpus) {
            Files.createDirectories(folder.resolve("cpu" + cpu));
        }
    }

    @Test
    void nodesAreReadWithGapsInTheirNumbersAndInAnyOrder() throws IOException {
        node(8, "32 12 10", 3);
        node(0, "10 21 32", 0, 1);
        node(2, "21 10 12", 2);
        Files.createDirectories(sysfs.resolve("power"));
        NumaNodes nodes = NumaNodes.read(sysfs, 2);
        assertThat(nodes.near()).isEqualTo(2);
        assertThat(nodes.distance(0, 0)).isEqualTo(10);
        assertThat(nodes.distance(0, 2)).isEqualTo(21);
        assertThat(nodes.distance(0, 8)).isEqualTo(32);
        assertThat(nodes.distance(2, 8)).isEqualTo(12);
        assertThat(nodes.distance(8, 0)).isEqualTo(32);
        assertThat(NumaNodes.read(sysfs, 3).near()).isEqualTo(8);
        assertThat(NumaNodes.read(sysfs, 10).near()).isEqualTo(-1);
    }

    @Test
    void aProcessorWhoseNumberBeginsLikeAnothersIsAnother() throws IOException {
        node(0, "10 20", 1);
        node(1, "20 10", 10, 11);
        assertThat(NumaNodes.read(sysfs, 1).near()).isZero();
        assertThat(NumaNodes.read(sysfs, 10).near()).isEqualTo(1);
        assertThat(NumaNodes.read(sysfs, 0).near()).isEqualTo(-1);
        assertThat(NumaNodes.read(sysfs, -1).near()).isEqualTo(-1);
    }

    @Test
    void anUnknownNodeIsAsFarAsTheFarthestOne() throws IOException {
        node(0, "10 21 32");
        node(1, "21 10 12");
        node(2, "32 12 10");
        NumaNodes nodes = NumaNodes.read(sysfs, 0);
        assertThat(nodes.distance(0, -1)).isEqualTo(32);
        assertThat(nodes.distance(1, -1)).isEqualTo(21);
        NumaNodes one = NumaNodes.of(0, Map.of(0, List.of(10)));
        assertThat(one.distance(0, -1)).isEqualTo(NumaNodes.LOCAL);
    }

    @Test
    void aNodeThatIsNotThereCannotBeReached() {
        NumaNodes nodes = NumaNodes.of(0, Map.of(0, List.of(10)));
        assertThat(nodes.distance(0, 1)).isEqualTo(NumaNodes.UNREACHABLE);
        assertThat(nodes.distance(1, 0)).isEqualTo(NumaNodes.UNREACHABLE);
        assertThat(nodes.distance(1, 1)).isEqualTo(NumaNodes.LOCAL);
        assertThat(nodes.distance(1, -1))
                .as("a device that may be anywhere is not on the wanted node")
                .isEqualTo(NumaNodes.UNREACHABLE);
    }

    @Test
    void whereTheCallerIsUnknownNothingIsNearerThanAnythingElse() {
        NumaNodes nodes = NumaNodes.of(-1, Map.of(0, List.of(10, 20), 1, List.of(20, 10)));
        assertThat(nodes.near()).isEqualTo(-1);
        assertThat(nodes.distance(-1, 0)).isEqualTo(nodes.distance(-1, 1)).isEqualTo(nodes.distance(-1, -1));
    }

    @Test
    void whatCannotBeReadIsAMachineWithoutNodes() throws IOException {
        NumaNodes nothing = NumaNodes.read(sysfs.resolve("nowhere"), 0);
        assertThat(nothing.near()).isEqualTo(-1);
        node(0, "10 twenty", 0);
        assertThat(NumaNodes.read(sysfs, 0).near()).isEqualTo(-1);
        node(0, "10 20 30", 0);
        assertThat(NumaNodes.read(sysfs, 0).near()).isEqualTo(-1);
        assertThat(NumaNodes.read(sysfs, 0).distance(0, 0)).isEqualTo(10);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NumaNodes.of(0, Map.of(0, List.of(10, 20))))
                .withMessageContaining("2 distances on a machine with 1 nodes");
    }

    @Test
    void thisMachineKnowsWhereItsProcessorsAre() {
        int cpu = Os.currentCpu();
        assertThat(cpu).isBetween(0, 1 << 16);
        NumaNodes nodes = NumaNodes.ofThisMachine();
        if (Files.exists(Path.of("/sys/devices/system/node/node0/distance"))) {
            assertThat(nodes.near()).isNotNegative();
            assertThat(nodes.distance(nodes.near(), nodes.near())).isEqualTo(NumaNodes.LOCAL);
        } else {
            assertThat(nodes.near()).isEqualTo(-1);
        }
    }
}
