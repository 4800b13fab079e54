package org.rddma.perftest;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.rddma.verbs.AtomicCapability;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Device;
import org.rddma.verbs.DeviceLimit;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.Requirements;
import org.rddma.verbs.Selection;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.WorkRequestOpcode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows which device would be chosen, and why the others would not. */
@Command(
        description = "Shows which device would be chosen by what it can do, and why the others would not.",
        mixinStandardHelpOptions = true,
        versionProvider = Perftest.class)
final class SelectCommand implements Callable<Integer> {
    @Option(
            names = "--queue-pair",
            paramLabel = "TYPE[:OPCODE,...]",
            description = "A type of queue pair and what it must carry, such as RC:send,rdma-read. Repeatable.")
    private List<String> queuePairs = List.of();

    @Option(
            names = "--capability",
            split = ",",
            description = "What the device must be able to do: ${COMPLETION-CANDIDATES}.")
    private List<Capability> capabilities = List.of();

    @Option(names = "--atomics", description = "Atomics that are at least ${COMPLETION-CANDIDATES}.")
    private AtomicCapability atomics;

    @Option(names = "--strong-order", description = "Completions of a send queue in the order of posting.")
    private boolean strongOrder;

    @Option(names = "--free-queue-pairs", paramLabel = "N", description = "Room for so many queue pairs.")
    private Integer freeQueuePairs;

    @Option(names = "--free-completion-queues", paramLabel = "N", description = "Room for so many completion queues.")
    private Integer freeCompletionQueues;

    @Option(names = "--completion-vectors", paramLabel = "N", description = "So many completion vectors.")
    private Integer completionVectors;

    @Option(
            names = "--limit",
            paramLabel = "NAME=N",
            description = "A limit that suffices, such as maxInlineData=64. Repeatable.")
    private Map<String, Long> limits = Map.of();

    @Option(names = "--mtu", paramLabel = "BYTES", description = "An active port with such an MTU.")
    private Integer mtu;

    @Option(names = "--provider", description = "A device of this provider.")
    private String provider;

    @Option(names = "--name", paramLabel = "REGEX", description = "A device whose name matches.")
    private Pattern name;

    @Option(names = "--node", split = ",", paramLabel = "N", description = "A device at one of these memory nodes.")
    private int[] nodes;

    @Option(names = "--near", paramLabel = "N", description = "Rather near to this memory node than to the caller's.")
    private Integer near;

    @Option(names = "--pretend", paramLabel = "FILE", description = "Choose on the machine that is described there.")
    private Path pretended;

    private final PrintStream out;

    SelectCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        Requirements requirements = requirements();
        Selection selection = pretended == null ? Verbs.select(requirements) : pretend(requirements);
        out.print(selection);
        Device chosen = selection.device(); // fails with the reasons when there is none
        out.print("chosen: " + chosen.name() + "\n");
        return Perftest.OK;
    }

    private Selection pretend(Requirements requirements) throws IOException {
        if (!Files.isReadable(pretended)) {
            throw new UsageException("the file '" + pretended + "' cannot be read");
        }
        PretendedMachine machine = PretendedMachine.parse(Files.readString(pretended));
        return Selection.among(machine::devices, machine.nodes(), requirements);
    }

    private Requirements requirements() {
        Requirements all = Requirements.NONE.capabilities(capabilities.toArray(new Capability[0]));
        for (String queuePair : queuePairs) {
            all = queuePair(all, queuePair);
        }
        all = atomics == null ? all : all.atomics(atomics);
        all = strongOrder ? all.strongOrder() : all;
        all = freeQueuePairs == null ? all : all.freeQueuePairs(freeQueuePairs);
        all = freeCompletionQueues == null ? all : all.freeCompletionQueues(freeCompletionQueues);
        all = completionVectors == null ? all : all.completionVectors(completionVectors);
        for (Map.Entry<String, Long> limit : limits.entrySet()) {
            all = all.limit(limit(limit.getKey()), limit.getValue());
        }
        all = mtu == null ? all : all.mtu(mtu());
        all = provider == null ? all : all.provider(provider);
        all = name == null ? all : all.name(name);
        all = nodes == null ? all : all.numaNode(nodes);
        return near == null ? all : all.preferNumaNode(near);
    }

    private static Requirements queuePair(Requirements before, String text) {
        List<String> parts = List.of(text.split(":", 2));
        QueuePairType type = null;
        for (QueuePairType known : QueuePairType.values()) {
            type = known.name().equals(parts.get(0).toUpperCase(Locale.ROOT)) ? known : type;
        }
        if (type == null) {
            throw new UsageException(
                    "there are no '" + parts.get(0) + "' queue pairs: give one of " + List.of(QueuePairType.values()));
        }
        List<String> opcodes = parts.size() == 1 ? List.of() : PretendedMachine.list(parts.get(1));
        return before.queuePair(
                type, opcodes.stream().map(SelectCommand::opcode).toArray(WorkRequestOpcode[]::new));
    }

    private static WorkRequestOpcode opcode(String text) {
        for (WorkRequestOpcode opcode : WorkRequestOpcode.values()) {
            if (opcode.text().equals(text)) {
                return opcode;
            }
        }
        throw new UsageException("there is no opcode '" + text + "': give one such as rdma-read");
    }

    private static DeviceLimit limit(String field) {
        for (DeviceLimit limit : DeviceLimit.values()) {
            if (limit.field().equals(field)) {
                return limit;
            }
        }
        throw new UsageException(
                "there is no limit '" + field + "': give one such as " + DeviceLimit.INLINE_DATA.field());
    }

    private Mtu mtu() {
        Mtu found = Mtu.ofBytes(mtu);
        if (found == null) {
            throw new UsageException("there is no MTU of " + mtu + ": give 256, 512, 1024, 2048 or 4096");
        }
        return found;
    }
}
