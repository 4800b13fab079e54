package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rddma.verbs.conformance.HangGuard;

/**
 * What the compiler makes of calls to verbs, in its own words: in a process that uses four providers elsewhere, a part of the
 * program that uses one has its calls compiled into it, whether it is linked with the provider or knows the interfaces only.
 * Says nothing about time, so that it holds on a busy machine.
 */
@HangGuard(seconds = 120)
final class InliningTest {
    private static final String CALLS = "org.rddma.perftest.InlinedCalls::";
    private static final String ELSEWHERE = "org.rddma.perftest.Elsewhere::";

    /** Bytes that a hundred thousand operations may cost, none of them per operation. */
    private static final long NOISE = 1_000;

    /** A line about a call in the method that was compiled last. */
    private static final Pattern CALL = Pattern.compile("[ !m]*(@ \\d+ |\\\\-> ).*");

    private static List<String> output;

    @BeforeAll
    static void run(@TempDir Path folder) throws IOException, InterruptedException {
        assumeTrue(System.getProperty("java.vm.name").contains("Server VM"), "the options are HotSpot's");
        Path file = folder.resolve("output");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:-TieredCompilation", // one compiler, whose words count
                        "-XX:-BackgroundCompilation",
                        // else a method that was compiled by itself before, elsewhere, is called rather than compiled
                        // in
                        // once more when it is large: by its address, whoever calls it, so no matter of dispatch
                        "-XX:InlineSmallCode=1000000",
                        "-XX:+UnlockDiagnosticVMOptions",
                        "-XX:+PrintCompilation",
                        "-XX:CompileCommand=quiet",
                        "-XX:CompileCommand=dontinline," + CALLS + "*",
                        "-XX:CompileCommand=dontinline," + ELSEWHERE + "*",
                        "-XX:CompileCommand=PrintInlining," + CALLS + "*",
                        "-XX:CompileCommand=PrintInlining," + ELSEWHERE + "*",
                        "-cp",
                        System.getProperty("java.class.path"),
                        InlinedCalls.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(file.toFile())
                .start();
        try {
            assertThat(java.waitFor(100, TimeUnit.SECONDS)).as("it ends").isTrue();
        } finally {
            java.destroyForcibly();
        }
        output = Files.readAllLines(file);
        assertThat(java.exitValue()).as(() -> String.join("\n", output)).isZero();
    }

    /** What the compiler said about the calls in a method when it compiled it for the last time. */
    private static List<String> callsIn(String method) {
        Pattern compiled = Pattern.compile("\\s*\\d+\\s+\\d+\\s[^@]*" + Pattern.quote(method) + " \\(\\d+ bytes\\)");
        int start = -1;
        List<String> lines = output.stream() // but for what other threads report in between
                .filter(line -> !line.contains("made not entrant") && !line.contains("made zombie"))
                .toList();
        for (int i = 0; i < lines.size(); i++) {
            if (compiled.matcher(lines.get(i)).matches()) {
                start = i;
            }
        }
        assertThat(start).as("%s was compiled", method).isNotNegative();
        int end = start + 1;
        while (end < lines.size() && CALL.matcher(lines.get(end)).matches()) {
            end++;
        }
        return lines.subList(start + 1, end);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "pollDirectly, org.rddma.verbs.spi.AbstractCompletionQueue::poll",
        "armDirectly, org.rddma.verbs.spi.AbstractCompletionQueue::requestNotify",
        "postDirectly, org.rddma.softdev.SoftQueuePair::postSend",
        "pollByInterface, org.rddma.verbs.spi.AbstractCompletionQueue::poll",
        "armByInterface, org.rddma.verbs.spi.AbstractCompletionQueue::requestNotify",
        "postByInterface, org.rddma.softdev.SoftQueuePair::postSend",
    })
    @DisplayName("a part of a program that uses one provider has its verbs compiled into it")
    void inlined(String method, String verb) {
        List<String> calls = callsIn(CALLS + method);
        assertThat(calls).isNotEmpty();
        assertThat(calls.get(0)).contains(verb + " (").contains("inline (hot)");
        assertThat(calls).as("calls in %s", method).noneMatch(call -> call.contains("virtual call"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"poll, CompletionQueue::poll", "arm, CompletionQueue::requestNotify", "post, QueuePair::postSend"})
    @DisplayName("a part that uses four has not: the same words would tell of such a call anywhere")
    void seenWhereItIsNot(String method, String verb) {
        List<String> calls = callsIn(ELSEWHERE + method);
        assertThat(calls).hasSize(1);
        assertThat(calls.get(0)).contains("org.rddma.verbs." + verb + " (").contains("virtual call");
    }

    @Test
    @DisplayName("nor does a verb allocate anything, either way")
    void noBytes() {
        for (String way : new String[] {"directly", "by interface"}) {
            assertThat(output)
                    .filteredOn(line -> line.startsWith("bytes " + way + " "))
                    .singleElement()
                    .satisfies(line -> assertThat(Long.parseLong(line.substring(("bytes " + way + " ").length())))
                            .isLessThan(NOISE));
        }
    }
}
