package org.rddma.verbs.spi;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.StringTokenizer;
import java.util.TreeMap;
import org.rddma.verbs.internal.os.Os;

/**
 * The memory nodes of a machine and how far they are from each other, as sysfs has it: 10 is the node itself, 20 twice
 * as far. What sysfs does not tell is guessed so that nobody is chosen for it: a device of unknown node counts as far
 * as the farthest node there is, which on a machine with one node is no distance at all. Cannot be changed.
 */
public final class NumaNodes {
    /** The distance of a node from itself. */
    public static final int LOCAL = 10;

    /** The distance of a node that the machine does not have. */
    public static final int UNREACHABLE = 255;

    private static final Path SYSFS = Path.of("/sys/devices/system/node");

    private final int near;
    private final NavigableMap<Integer, List<Integer>> distances;

    private NumaNodes(int near, NavigableMap<Integer, List<Integer>> distances) {
        this.near = near;
        this.distances = distances;
    }

    /**
     * A machine as the caller says.
     *
     * @param near the node that the caller runs at; -1 when it is not known
     * @param distances by node: its distance from each node, in the order of their numbers
     * @return the machine
     * @throws IllegalArgumentException when a row has another length than there are nodes
     */
    public static NumaNodes of(int near, Map<Integer, List<Integer>> distances) {
        TreeMap<Integer, List<Integer>> copy = new TreeMap<>();
        distances.forEach((node, row) -> {
            if (row.size() != distances.size()) {
                throw new IllegalArgumentException("node " + node + " has " + row.size()
                        + " distances on a machine with " + distances.size() + " nodes");
            }
            copy.put(node, List.copyOf(row));
        });
        return new NumaNodes(near, copy);
    }

    /**
     * This machine, and the node of the processor that the calling thread runs on.
     *
     * @return what sysfs says now; a machine without nodes where it says nothing
     */
    public static NumaNodes ofThisMachine() {
        return read(SYSFS, Os.currentCpu());
    }

    static NumaNodes read(Path sysfs, int cpu) {
        TreeMap<Integer, List<Integer>> rows = new TreeMap<>();
        int near = -1;
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(sysfs, "node[0-9]*")) {
            for (Path folder : folders) {
                int node = Integer.parseInt(folder.getFileName().toString().substring("node".length()));
                rows.put(node, row(folder.resolve("distance")));
                if (cpu >= 0 && Files.exists(folder.resolve("cpu" + cpu))) {
                    near = node;
                }
            }
            return of(near, rows);
        } catch (IOException | RuntimeException e) { // a container without it, or a format of tomorrow
            return new NumaNodes(-1, new TreeMap<>());
        }
    }

    private static List<Integer> row(Path file) throws IOException {
        List<Integer> row = new ArrayList<>();
        for (StringTokenizer numbers = new StringTokenizer(Files.readString(file)); numbers.hasMoreTokens(); ) {
            row.add(Integer.parseInt(numbers.nextToken()));
        }
        return row;
    }

    /**
     * The node of the caller.
     *
     * @return its number; -1 when it is not known
     */
    public int near() {
        return near;
    }

    /**
     * How far a node is from another.
     *
     * @param from where the memory is; -1 when it is not known
     * @param to where the device is; -1 when it is not known
     * @return 10 for the same node; as far as the farthest node when {@code to} is not known; 10 when {@code from} is
     *     not known, since nothing is nearer than anything else then; 255 when one of them is not there
     */
    public int distance(int from, int to) {
        if (from == to || from < 0) {
            return LOCAL;
        }
        List<Integer> row = distances.get(from);
        if (to < 0) {
            return row == null
                    ? UNREACHABLE // as far as any but the wanted one, which is not known here either
                    : row.stream().mapToInt(Integer::intValue).max().orElse(LOCAL);
        }
        if (row == null || !distances.containsKey(to)) {
            return UNREACHABLE;
        }
        return row.get(distances.headMap(to).size());
    }
}
