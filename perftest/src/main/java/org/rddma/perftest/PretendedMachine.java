package org.rddma.perftest;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.rddma.verbs.AtomicCapability;
import org.rddma.verbs.Capability;
import org.rddma.verbs.DeviceLimit;
import org.rddma.verbs.LinkLayer;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.PortAttributes;
import org.rddma.verbs.PortState;
import org.rddma.verbs.spi.NumaNodes;

/**
 * Devices and memory nodes from a description, to see whom a choice would take on a machine that is not at hand. A line
 * is empty, a comment that begins with #, or one of
 *
 * <pre>
 *    nodes near=0 0=10,21 1=21,10
 *    device NAME [provider=TEXT] [priority=50] [node=-1] [free-queue-pairs=N] [free-completion-queues=N] [vectors=4]
 *           [ports=active:4096,down:1024] [atomics=GLOB] [capabilities=ALL | A,B | ALL-A-B] [maxInlineData=N ...]
 * </pre>
 */
record PretendedMachine(NumaNodes nodes, List<PretendedDevice> devices) {
    private static final int ORDINARY_QUEUES = 1 << 16;

    static PretendedMachine parse(String description) {
        NumaNodes nodes = NumaNodes.of(-1, Map.of());
        List<PretendedDevice> devices = new ArrayList<>();
        Set<String> names = new HashSet<>();
        List<String> lines = description.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                List<String> words = List.of(line.split("\\s+", -1));
                switch (words.get(0)) {
                    case "nodes" -> nodes = nodes(settings(words, 1));
                    case "device" -> {
                        PretendedDevice device = device(words);
                        if (!names.add(device.name())) {
                            throw new IllegalArgumentException("there is a device '" + device.name() + "' already");
                        }
                        devices.add(device);
                    }
                    default -> throw new IllegalArgumentException("a line begins with 'nodes' or 'device'");
                }
            } catch (IllegalArgumentException e) {
                throw new UsageException("line " + (i + 1) + " of the pretended machine: " + e.getMessage());
            }
        }
        return new PretendedMachine(nodes, devices);
    }

    /** What is read is taken out, so that what nobody knows is left. */
    private static Map<String, String> settings(List<String> words, int from) {
        Map<String, String> settings = new TreeMap<>();
        for (String word : words.subList(from, words.size())) {
            int equals = word.indexOf('=');
            if (equals < 1 || settings.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("'" + word + "' is no setting, or is there twice: give name=value");
            }
        }
        return settings;
    }

    private static NumaNodes nodes(Map<String, String> settings) {
        int near = number(settings, "near", -1);
        Map<Integer, List<Integer>> distances = new TreeMap<>();
        settings.forEach((node, row) -> distances.put(
                number(node), list(row).stream().map(PretendedMachine::number).toList()));
        return NumaNodes.of(near, distances);
    }

    private static PretendedDevice device(List<String> words) {
        if (words.size() < 2 || words.get(1).contains("=")) {
            throw new IllegalArgumentException("a device has a name");
        }
        Map<String, String> settings = settings(words, 2);
        PretendedDevice device = new PretendedDevice(
                words.get(1),
                text(settings, "provider", "pretended"),
                number(settings, "priority", 50),
                number(settings, "node", -1),
                number(settings, "free-queue-pairs", ORDINARY_QUEUES),
                number(settings, "free-completion-queues", ORDINARY_QUEUES),
                number(settings, "vectors", 4),
                list(text(settings, "ports", "active:4096")).stream()
                        .map(PretendedMachine::port)
                        .toList(),
                constant(AtomicCapability.class, text(settings, "atomics", "GLOB")),
                capabilities(text(settings, "capabilities", "ALL-WEAK_ORDER")),
                limits(settings));
        if (!settings.isEmpty()) {
            throw new IllegalArgumentException(
                    "nobody knows a setting '" + settings.keySet().iterator().next() + "'");
        }
        return device;
    }

    private static Map<DeviceLimit, Long> limits(Map<String, String> settings) {
        Map<DeviceLimit, Long> limits = new EnumMap<>(DeviceLimit.class);
        for (DeviceLimit limit : DeviceLimit.values()) {
            String value = settings.remove(limit.field());
            if (value != null) {
                limits.put(limit, Long.parseLong(value));
            }
        }
        return limits;
    }

    private static Set<Capability> capabilities(String text) {
        Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
        if (!text.startsWith("ALL")) {
            list(text).forEach(name -> capabilities.add(constant(Capability.class, name)));
            return capabilities;
        }
        capabilities.addAll(EnumSet.allOf(Capability.class));
        for (String name : text.substring("ALL".length()).split("-", -1)) {
            if (!name.isEmpty()) {
                capabilities.remove(constant(Capability.class, name));
            }
        }
        return capabilities;
    }

    private static PortAttributes port(String text) {
        int colon = text.indexOf(':');
        PortState state = constant(PortState.class, colon < 0 ? text : text.substring(0, colon));
        Mtu mtu = colon < 0 ? Mtu.MTU_4096 : Mtu.ofBytes(number(text.substring(colon + 1)));
        if (mtu == null) {
            throw new IllegalArgumentException("'" + text + "' has no MTU that there is: give 256 to 4096");
        }
        return new PortAttributes(state, mtu, mtu, 1L << 31, 1, 1, 0, LinkLayer.UNSPECIFIED, 1, 1, 0);
    }

    static List<String> list(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
    }

    private static String text(Map<String, String> settings, String name, String otherwise) {
        String text = settings.remove(name);
        return text == null ? otherwise : text;
    }

    private static int number(Map<String, String> settings, String name, int otherwise) {
        String text = settings.remove(name);
        return text == null ? otherwise : number(text);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no number", e);
        }
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String text) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(text.toUpperCase(Locale.ROOT))) {
                return constant;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is none of " + List.of(type.getEnumConstants()));
    }
}
