package org.rddma.verbs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Prints a ranking: a line for each device, the columns as wide as what is in them. */
final class RankingTable {
    private static final List<String> HEAD =
            List.of("", "device", "provider", "distance", "priority", "free queue pairs", "");
    private static final int FIRST_NUMBER = 3;
    private static final int LAST_NUMBER = 5;

    private RankingTable() {}

    static String of(List<Candidate> ranking) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        int place = 0;
        for (Candidate candidate : ranking) {
            rows.add(List.of(
                    candidate.accepted() ? ++place + "." : "-",
                    candidate.name(),
                    candidate.provider(),
                    Integer.toString(candidate.distance()),
                    Integer.toString(candidate.priority()),
                    Integer.toString(candidate.freeQueuePairs()),
                    candidate.accepted() ? "" : "refused: " + String.join("; ", candidate.refusals())));
        }
        List<Integer> widths = new ArrayList<>(Collections.nCopies(HEAD.size(), 0));
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths.set(i, Math.max(widths.get(i), row.get(i).length()));
            }
        }
        StringBuilder text = new StringBuilder();
        rows.forEach(row -> text.append(line(row, widths)).append('\n'));
        return text.toString();
    }

    private static String line(List<String> row, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String padding = " ".repeat(widths.get(i) - row.get(i).length());
            boolean right = i >= FIRST_NUMBER && i <= LAST_NUMBER;
            line.append(right ? padding + row.get(i) : row.get(i) + padding).append("  ");
        }
        return line.toString().stripTrailing();
    }
}
