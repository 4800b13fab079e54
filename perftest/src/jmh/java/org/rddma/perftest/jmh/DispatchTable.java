package org.rddma.perftest.jmh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.runner.RunnerException;

/**
 * What it costs to call verbs through the interfaces rather than by the provider's own classes, and what a layer costs: one
 * table. Each cell is measured in virtual machines of its own, so that none sees the profile of another; the cells take
 * turns, so that what the machine does meanwhile hits all of them.
 */
public final class DispatchTable {
    /** Less than any object: JMH itself allocates a little in each iteration, which counts when few operations fit in. */
    private static final double NO_BYTES = 4;

    private static final double BUDGET_NANOS = 1;

    private final List<Cell> direct = new ArrayList<>();
    private final List<List<Cell>> others = new ArrayList<>();

    private DispatchTable() {
        for (Operation operation : Operation.values()) {
            direct.add(new Cell(operation, null));
        }
        for (Through through : Through.values()) {
            others.add(Arrays.stream(Operation.values())
                    .map(operation -> new Cell(operation, through))
                    .toList());
        }
    }

    /**
     * Measures and prints the table.
     *
     * @param arguments {@code quick} or nothing
     * @throws RunnerException when a benchmark fails
     */
    public static void main(String[] arguments) throws RunnerException {
        List<String> given = List.of(arguments);
        if (!given.isEmpty() && !given.equals(List.of("quick"))) {
            System.err.println("give quick, or nothing");
            System.exit(2);
        }
        DispatchTable table = new DispatchTable();
        table.measure(given.isEmpty() ? Effort.FULL : Effort.QUICK);
        table.print();
        System.exit(table.allocatesWhereItMayNot() ? 1 : 0);
    }

    private void measure(Effort effort) throws RunnerException {
        for (int round = 1; round <= effort.rounds(); round++) {
            for (int i = 0; i < direct.size(); i++) {
                System.err.printf(
                        Locale.ROOT,
                        "round %d of %d: %s%n",
                        round,
                        effort.rounds(),
                        direct.get(i).operation().title());
                direct.get(i).measure(effort);
                for (List<Cell> column : others) {
                    column.get(i).measure(effort);
                }
            }
        }
    }

    private void print() {
        StringBuilder head = new StringBuilder(String.format("%-34s%10s", "", "direct"));
        for (Through through : Through.values()) {
            head.append(String.format("%20s", through.title()));
        }
        System.out.println(head);
        for (int i = 0; i < direct.size(); i++) {
            Cell own = direct.get(i);
            StringBuilder line = new StringBuilder(
                    String.format(Locale.ROOT, "%-34s%10.2f", own.operation().title() + ", ns", own.nanos()));
            for (List<Cell> column : others) {
                Cell cell = column.get(i);
                String format = cell.through().isLayer() ? "%10.0f %+9.0f" : "%10.2f %+9.2f";
                line.append(String.format(Locale.ROOT, format, cell.nanos(), cell.nanosMoreThan(own)));
            }
            System.out.println(line);
        }
        for (int i = 0; i < direct.size(); i++) {
            Cell own = direct.get(i);
            StringBuilder line = new StringBuilder(
                    String.format(Locale.ROOT, "%-34s%10.0f", own.operation().title() + ", bytes", own.bytes()));
            for (List<Cell> column : others) {
                line.append(String.format(Locale.ROOT, "%20.0f", column.get(i).bytes()));
            }
            System.out.println(line);
        }
        System.out.printf(
                Locale.ROOT,
                "JDK %s, %d processors; largest spread between rounds without layers: %.2f ns; interface minus direct"
                        + " at most %.2f ns (budget %.0f)%n",
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                unlayered().stream().mapToDouble(Cell::spread).max().orElse(0),
                largestDifference(),
                BUDGET_NANOS);
    }

    private double largestDifference() {
        double largest = 0;
        for (List<Cell> column : others) {
            for (int i = 0; i < column.size(); i++) {
                if (!column.get(i).through().isLayer()) {
                    largest = Math.max(largest, column.get(i).nanosMoreThan(direct.get(i)));
                }
            }
        }
        return largest;
    }

    private List<Cell> unlayered() {
        List<Cell> cells = new ArrayList<>(direct);
        others.stream()
                .flatMap(List::stream)
                .filter(cell -> !cell.through().isLayer())
                .forEach(cells::add);
        return cells;
    }

    private boolean allocatesWhereItMayNot() {
        boolean allocates = false;
        for (Cell cell : unlayered()) {
            if (cell.bytes() > NO_BYTES) {
                System.out.printf(
                        Locale.ROOT,
                        "FAILED: %s, %s, allocates %.1f bytes%n",
                        cell.operation().title(),
                        cell.through() == null ? "direct" : cell.through().title(),
                        cell.bytes());
                allocates = true;
            }
        }
        return allocates;
    }
}
