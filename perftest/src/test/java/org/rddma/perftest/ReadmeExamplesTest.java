package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every example of the README is a whole compilation unit. A program is compiled and run as printed, in a virtual machine
 * of its own, and prints what the {@code text} block after it says; tests are compiled and run; what is neither is
 * compiled. What an example leaves to the reader lies in the resources, in a folder named like one of its types.
 */
class ReadmeExamplesTest {
    private static final Path README = Path.of("..", "README.md");

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> everyExampleIsCompiledAndRun() throws IOException {
        List<ReadmeExample> examples = ReadmeExample.in(Files.readString(README));
        assertThat(examples).isNotEmpty();
        return examples.stream().map(example -> DynamicTest.dynamicTest(example.toString(), () -> check(example)));
    }

    private void check(ReadmeExample example) throws IOException, InterruptedException {
        ReadmeProgram program = new ReadmeProgram(example, Files.createTempDirectory(folder, "example"));
        program.compile();
        switch (example.kind()) {
            case PROGRAM -> {
                String output = program.run();
                example.output().ifPresent(expected -> assertThat(output).isEqualTo(expected));
            }
            case TESTS -> program.runTests();
            case TYPES -> {} // there is nothing to run
        }
    }

    @Test
    void theExamplesAreShort() throws IOException {
        List<ReadmeExample> examples = ReadmeExample.in(Files.readString(README));

        assertThat(examples)
                .allSatisfy(example ->
                        assertThat(example.lines()).as(example.toString()).isLessThanOrEqualTo(40));
        assertThat(examples.get(0).lines()).isLessThanOrEqualTo(25);
    }

    @Test
    void noCodeIsInABlockThatNobodyLooksAt() throws IOException {
        assertThat(Files.readString(README).lines().filter(line -> line.startsWith("```")))
                .isSubsetOf("```java", "```text", "```");
    }

    @Test
    void noCompanionIsLeftWithoutItsExample() throws IOException {
        List<ReadmeExample> examples = ReadmeExample.in(Files.readString(README));
        try (Stream<Path> companions = Files.list(ReadmeProgram.COMPANIONS)) {
            assertThat(companions)
                    .allSatisfy(companion -> assertThat(examples)
                            .anySatisfy(example -> assertThat(example.types())
                                    .contains(companion.getFileName().toString())));
        }
    }
}
