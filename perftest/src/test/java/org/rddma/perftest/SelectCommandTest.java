package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whom a choice would take, here and on machines that are only described. */
class SelectCommandTest {
    private static final String FIVE_DEVICES = "src/test/resources/five-devices.txt";

    @TempDir
    private Path folder;

    private Cli onMachine(String description, String... options) throws IOException {
        Path file = Files.writeString(folder.resolve("machine.txt"), description);
        List<String> arguments = new ArrayList<>(List.of("select", "--pretend", file.toString()));
        arguments.addAll(List.of(options));
        return Cli.run(arguments.toArray(new String[0]));
    }

    @Test
    void theReadmeShowsTheRankingOfFiveDevicesAsItIsPrinted() throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));
        String command = "--queue-pair RC:rdma-read --atomics HCA --free-queue-pairs 64";
        assertThat(readme).contains("select --pretend perftest/" + FIVE_DEVICES, command);

        List<String> arguments = new ArrayList<>(List.of("select", "--pretend", FIVE_DEVICES));
        arguments.addAll(List.of(command.split(" ")));
        Cli cli = Cli.run(arguments.toArray(new String[0]));

        assertThat(cli.err()).isEmpty();
        assertThat(cli.status()).isZero();
        assertThat(readme)
                .contains(cli.out().lines().map(line -> "    " + line + "\n").collect(Collectors.joining()));
        assertThat(cli.out().lines()).hasSize(1 + 5 + 1).endsWith("chosen: hca0");
    }

    @Test
    void theDevicesOfThisMachineAreRankedWithoutAskingForAnything() {
        Cli cli = Cli.run("select");

        assertThat(cli.status()).isZero();
        assertThat(cli.out().lines().map(line -> line.strip().split(" +", -1)[1]))
                .containsExactly("provider", "soft0", "soft1", "rddma0", "rddma1", "soft0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --queue-pair UD             | capabilities=ALL-DATAGRAM   | it has no UD queue pairs
            --queue-pair rc:rdma-read   | capabilities=ALL-RDMA_READ  | its RC queue pairs cannot do rdma-read
            --capability XRC,MULTICAST  | capabilities=MULTICAST      | it does not have XRC
            --atomics GLOB              | atomics=HCA                 | its atomics are HCA, not GLOB
            --strong-order              | capabilities=ALL            | its completions may overtake each other
            --free-queue-pairs 8        | free-queue-pairs=7          | 7 of its queue pairs are free, not 8
            --free-completion-queues 8  | free-completion-queues=7    | 7 of its completion queues are free, not 8
            --completion-vectors 8      | vectors=7                   | it has 7 completion vectors, not 8
            --limit maxInlineData=64    | maxInlineData=63            | its maxInlineData is 63, not 64
            --mtu 2048                  | ports=active:1024,down:4096 | none of its ports is active with an MTU of 2048
            --provider p                | provider=q                  | its provider is q
            --name x.*                  | provider=p                  | its name does not match x.*
            --node 0,1                  | node=2                      | it is at node 2, not at [0, 1]
            """)
    void everyOptionAsksForSomethingAndItsLackIsSaid(String option, String lack, String reason) throws IOException {
        Cli cli = onMachine("device d0 " + lack, option.split(" "));

        assertThat(cli.status()).isEqualTo(Perftest.FAILED);
        assertThat(cli.out()).contains("-  d0 ").contains("refused: " + reason);
        assertThat(cli.err()).contains("d0: " + reason).contains("ENODEV");
        assertThat(onMachine("device d0 " + lack).out()).endsWith("chosen: d0\n");
    }

    @Test
    void theNodeToBeNearToDecides() throws IOException {
        String machine = "nodes near=0 0=10,20 1=20,10\ndevice a node=0\ndevice b node=1\n";
        assertThat(onMachine(machine).out()).endsWith("chosen: a\n");
        assertThat(onMachine(machine, "--near", "1").out()).endsWith("chosen: b\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --queue-pair TCP         | there are no 'TCP' queue pairs
            --queue-pair RC:telepathy | there is no opcode 'telepathy'
            --limit maxFun=3         | there is no limit 'maxFun'
            --mtu 1500               | there is no MTU of 1500
            --pretend /nonexistent   | cannot be read
            """)
    void whatNobodyKnowsIsWrongUsage(String option, String sentence) {
        List<String> arguments = new ArrayList<>(List.of("select"));
        arguments.addAll(List.of(option.split(" ")));
        Cli cli = Cli.run(arguments.toArray(new String[0]));

        assertThat(cli.status()).isEqualTo(Perftest.USAGE);
        assertThat(cli.err()).contains(sentence);
        assertThat(cli.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            devise d0                        | begins with 'nodes' or 'device'
            device                           | a device has a name
            device node=1                    | a device has a name
            device d0 node                   | 'node' is no setting
            device d0 node=1 node=2          | 'node=2' is no setting, or is there twice
            device d0 node=one               | 'one' is no number
            device d0 color=red              | nobody knows a setting 'color'
            device d0 atomics=SOME           | 'SOME' is none of [NONE, HCA, GLOB]
            device d0 capabilities=ALL-SOME  | 'SOME' is none of
            device d0 ports=active:1500      | has no MTU that there is
            device d0 ports=sleepy           | 'sleepy' is none of
            device d0 maxQueuePairs=many     | many
            nodes near=0 0=10,20             | node 0 has 2 distances on a machine with 1 nodes
            nodes near=0 zero=10             | 'zero' is no number
            """)
    void aLineThatCannotBeReadIsNamed(String line, String sentence) throws IOException {
        Cli cli = onMachine("# a comment\n\ndevice good\n" + line + "\n");

        assertThat(cli.status()).isEqualTo(Perftest.USAGE);
        assertThat(cli.err()).contains("line 4 of the pretended machine").contains(sentence);
    }

    @Test
    void twoDevicesOfOneNameAreRefused() throws IOException {
        assertThat(onMachine("device a\ndevice a\n").err()).contains("there is a device 'a' already");
    }

    @Test
    void withoutAnyDeviceNothingIsChosen() throws IOException {
        Cli cli = onMachine("");
        assertThat(cli.status()).isEqualTo(Perftest.FAILED);
        assertThat(cli.err()).contains("there is no device at all");
    }
}
