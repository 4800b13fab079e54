package org.rddma.verbs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.rddma.verbs.spi.WorkRequestRules;

/**
 * What a program needs of a device, for {@link Verbs#select}. Begin with {@link #NONE} and add; what was asked for
 * before stays asked for, so that asking for 4 free queue pairs and then for 2 leaves it at 4. What is asked for must
 * be there; only {@link #preferNumaNode} is a wish. Cannot be changed, and so is safe for use by several threads.
 *
 * <p>Every method adds one condition, and the choice goes through all conditions: there is no field that a selector
 * could forget to read. Besides, a device is only ever chosen with a priority of 1 to 100, a port that carries traffic,
 * and room for one more queue pair and one more completion queue.
 */
public final class Requirements {
    /** Any device that is ready and has room. */
    public static final Requirements NONE = new Requirements(List.of(), -1);

    private static final Requirements ALWAYS = NONE.add("a priority of 1 to 100", Requirements::checkPriority)
            .add("an active port", Requirements::checkPort)
            .freeQueuePairs(1)
            .freeCompletionQueues(1);

    private final List<Requirement> requirements;
    private final int preferredNode;

    /** One condition, and why a device does not meet it: null when it does. */
    private record Requirement(String text, Function<DeviceFacts, String> check) {}

    private Requirements(List<Requirement> requirements, int preferredNode) {
        this.requirements = requirements;
        this.preferredNode = preferredNode;
    }

    private Requirements add(String text, Function<DeviceFacts, String> check) {
        List<Requirement> more = new ArrayList<>(requirements);
        more.add(new Requirement(text, check));
        return new Requirements(List.copyOf(more), preferredNode);
    }

    /** Why a device may not be chosen: everything that is wrong with it, in the order of asking; empty when it may. */
    List<String> refusals(DeviceFacts facts) {
        List<String> refusals = new ArrayList<>();
        for (List<Requirement> list : List.of(ALWAYS.requirements, requirements)) {
            for (Requirement requirement : list) {
                String refusal = requirement.check.apply(facts);
                if (refusal != null && !refusals.contains(refusal)) {
                    refusals.add(refusal);
                }
            }
        }
        return List.copyOf(refusals);
    }

    /** The node that distances are counted from; -1 for the caller's. */
    int preferredNode() {
        return preferredNode;
    }

    private static String checkPriority(DeviceFacts facts) {
        return facts.priority() >= 1 && facts.priority() <= 100
                ? null
                : "its priority " + facts.priority() + " keeps it from being chosen";
    }

    private static String checkPort(DeviceFacts facts) {
        return facts.activePorts().isEmpty() ? "none of its ports is active" : null;
    }

    /**
     * A type of queue pair, and what its send queues must be able to carry.
     *
     * @param type of the queue pair
     * @param opcodes of work requests; none when those do not matter
     * @return these requirements and this one
     * @throws VerbsException EINVAL for null
     */
    public Requirements queuePair(QueuePairType type, WorkRequestOpcode... opcodes) {
        String verb = "queuePair";
        checkPresent(verb, "queue pair type", type);
        checkAllPresent(verb, "opcodes", opcodes);
        Set<WorkRequestOpcode> wanted = EnumSet.noneOf(WorkRequestOpcode.class);
        wanted.addAll(Arrays.asList(opcodes));
        String text = type + " queue pairs" + (wanted.isEmpty() ? "" : " with " + texts(wanted));
        return add(text, facts -> {
            if (!facts.has(type)) {
                return "it has no " + type + " queue pairs";
            }
            int allowed = WorkRequestRules.allowed(type, facts.attributes().capabilities());
            Set<WorkRequestOpcode> missing = EnumSet.copyOf(wanted.isEmpty() ? Set.of(WorkRequestOpcode.SEND) : wanted);
            missing.removeIf(opcode -> wanted.isEmpty() || (allowed >>> opcode.value() & 1) != 0);
            return missing.isEmpty() ? null : "its " + type + " queue pairs cannot do " + texts(missing);
        });
    }

    private static String texts(Set<WorkRequestOpcode> opcodes) {
        return String.join(", ", opcodes.stream().map(WorkRequestOpcode::text).toList());
    }

    /**
     * Things that not every device can do, such as {@link Capability#SHARE_ALL}.
     *
     * @param capabilities all of them are needed
     * @return these requirements and these
     * @throws VerbsException EINVAL for null
     */
    public Requirements capabilities(Capability... capabilities) {
        checkAllPresent("capabilities", "capabilities", capabilities);
        Requirements more = this;
        for (Capability capability : capabilities) {
            more = more.add(
                    capability.toString(),
                    facts -> facts.attributes().has(capability) ? null : "it does not have " + capability);
        }
        return more;
    }

    /**
     * Remote atomics, and against whom they must be atomic.
     *
     * @param least what suffices: {@link AtomicCapability#GLOB} is more than {@link AtomicCapability#HCA}
     * @return these requirements and this one
     * @throws VerbsException EINVAL for null
     */
    public Requirements atomics(AtomicCapability least) {
        checkPresent("atomics", "atomic capability", least);
        return add("atomics " + least, facts -> {
            AtomicCapability actual = facts.attributes().atomicCapability();
            return actual.value() >= least.value() ? null : "its atomics are " + actual + ", not " + least;
        });
    }

    /**
     * Completions of one send queue in the order of posting: a device without {@link Capability#WEAK_ORDER}.
     *
     * @return these requirements and this one
     */
    public Requirements strongOrder() {
        return add(
                "strong order",
                facts -> facts.attributes().has(Capability.WEAK_ORDER)
                        ? "its completions may overtake each other (WEAK_ORDER)"
                        : null);
    }

    /**
     * Room for so many more queue pairs.
     *
     * @param least how many, at least 0
     * @return these requirements and this one
     * @throws VerbsException EINVAL for less than 0
     */
    public Requirements freeQueuePairs(int least) {
        checkNotNegative("freeQueuePairs", least);
        return add(
                least + " free queue pairs",
                facts -> facts.freeQueuePairs() >= least
                        ? null
                        : facts.freeQueuePairs() + " of its queue pairs are free, not " + least);
    }

    /**
     * Room for so many more completion queues.
     *
     * @param least how many, at least 0
     * @return these requirements and this one
     * @throws VerbsException EINVAL for less than 0
     */
    public Requirements freeCompletionQueues(int least) {
        checkNotNegative("freeCompletionQueues", least);
        return add(
                least + " free completion queues",
                facts -> facts.freeCompletionQueues() >= least
                        ? null
                        : facts.freeCompletionQueues() + " of its completion queues are free, not " + least);
    }

    /**
     * So many completion vectors.
     *
     * @param least how many, at least 0
     * @return these requirements and this one
     * @throws VerbsException EINVAL for less than 0
     */
    public Requirements completionVectors(int least) {
        checkNotNegative("completionVectors", least);
        return add(least + " completion vectors", facts -> {
            int actual = facts.attributes().completionVectors();
            return actual >= least ? null : "it has " + actual + " completion vectors, not " + least;
        });
    }

    /**
     * A limit of the device that must not be too low.
     *
     * @param which of its limits
     * @param least what suffices, at least 0
     * @return these requirements and this one
     * @throws VerbsException EINVAL for null or less than 0
     */
    public Requirements limit(DeviceLimit which, long least) {
        checkPresent("limit", "limit", which);
        checkNotNegative("limit", least);
        return add(which.field() + " " + least, facts -> {
            long actual = which.of(facts.attributes());
            return actual >= least ? null : "its " + which.field() + " is " + actual + ", not " + least;
        });
    }

    /**
     * An active port whose packets are large enough.
     *
     * @param least the payload of its packets
     * @return these requirements and this one
     * @throws VerbsException EINVAL for null
     */
    public Requirements mtu(Mtu least) {
        checkPresent("mtu", "MTU", least);
        return add("an active port with an MTU of " + least.bytes(), facts -> {
            for (PortAttributes port : facts.activePorts()) {
                if (port.activeMtu().bytes() >= least.bytes()) {
                    return null;
                }
            }
            return "none of its ports is active with an MTU of " + least.bytes();
        });
    }

    /**
     * A device of a certain provider.
     *
     * @param name as {@link Device#provider} has it
     * @return these requirements and this one
     * @throws VerbsException EINVAL for null
     */
    public Requirements provider(String name) {
        checkPresent("provider", "provider's name", name);
        return add(
                "provider " + name,
                facts -> facts.provider().equals(name) ? null : "its provider is " + facts.provider());
    }

    /**
     * A device whose name fits. To open just one device {@link Verbs#open} is simpler, and knows no priorities.
     *
     * @param pattern that all of the name must match
     * @return these requirements and this one
     * @throws VerbsException EINVAL for null
     */
    public Requirements name(Pattern pattern) {
        checkPresent("name", "pattern", pattern);
        return add(
                "name " + pattern,
                facts -> pattern.matcher(facts.name()).matches() ? null : "its name does not match " + pattern);
    }

    /**
     * A device at one of some memory nodes, and nowhere else.
     *
     * @param nodes as {@link Device#numaNode} has them, each at least 0
     * @return these requirements and this one
     * @throws VerbsException EINVAL when there is none, or one is less than 0
     */
    public Requirements numaNode(int... nodes) {
        String verb = "numaNode";
        checkPresent(verb, "list of nodes", nodes);
        if (nodes.length == 0) {
            throw new VerbsException(verb, Errno.EINVAL, "no node is given: give one at least");
        }
        for (int node : nodes) {
            checkNotNegative(verb, node);
        }
        int[] wanted = nodes.clone();
        String text = "node " + Arrays.toString(wanted);
        return add(text, facts -> {
            for (int node : wanted) {
                if (node == facts.numaNode()) {
                    return null;
                }
            }
            return facts.numaNode() < 0
                    ? "its node is not known, and it must be " + Arrays.toString(wanted)
                    : "it is at node " + facts.numaNode() + ", not at " + Arrays.toString(wanted);
        });
    }

    /**
     * Where the device should be near to. Without this wish it is the node of the processor on which the thread that
     * chooses runs.
     *
     * @param node at least 0
     * @return these requirements, with this wish instead of the one before
     * @throws VerbsException EINVAL for less than 0
     */
    public Requirements preferNumaNode(int node) {
        checkNotNegative("preferNumaNode", node);
        return new Requirements(requirements, node);
    }

    private static void checkPresent(String verb, String what, Object argument) {
        if (argument == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the " + what + " is null");
        }
    }

    private static void checkAllPresent(String verb, String what, Object[] arguments) {
        checkPresent(verb, "list of " + what, arguments);
        for (Object argument : arguments) {
            checkPresent(verb, "list of " + what + " holds a null, that is: one of them", argument);
        }
    }

    private static void checkNotNegative(String verb, long number) {
        if (number < 0) {
            throw new VerbsException(verb, Errno.EINVAL, number + " is given: give 0 or more");
        }
    }

    /** What is asked for, in words. */
    @Override
    public String toString() {
        String wish = preferredNode < 0 ? "" : ", near node " + preferredNode;
        return requirements.isEmpty()
                ? "any device" + wish
                : String.join("; ", requirements.stream().map(Requirement::text).toList()) + wish;
    }
}
