package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code java} block of the README. */
record ReadmeExample(String heading, String source, Optional<String> output) {
    private static final Pattern BLOCK =
            Pattern.compile("^```java\n(.*?)^```\n(?:\n*^```text\n(.*?)^```\n)?", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
    private static final Pattern TYPE = Pattern.compile(
            "^(?:(?:public|final|abstract|sealed|strictfp) )*(?:class|record|interface|enum) (\\w+)",
            Pattern.MULTILINE);
    private static final Pattern PUBLIC_TYPE =
            Pattern.compile("^public (?:\\w+ )*?(?:class|record|interface|enum) (\\w+)", Pattern.MULTILINE);

    /** What is done with an example. */
    enum Kind {
        /** It has a main method. */
        PROGRAM,
        /** It has a type that is named like tests. */
        TESTS,
        /** All others are only compiled. */
        TYPES
    }

    /** The examples of a text, in its order. */
    static List<ReadmeExample> in(String readme) {
        List<ReadmeExample> examples = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(readme);
        while (blocks.find()) {
            String heading = "";
            Matcher headings = HEADING.matcher(readme.substring(0, blocks.start()));
            while (headings.find()) {
                heading = headings.group(1);
            }
            examples.add(new ReadmeExample(heading, blocks.group(1), Optional.ofNullable(blocks.group(2))));
        }
        return examples;
    }

    Kind kind() {
        if (source.contains("public static void main(")) {
            return Kind.PROGRAM;
        }
        return types().stream().anyMatch(ReadmeExample::isNameOfTests) ? Kind.TESTS : Kind.TYPES;
    }

    /** As Surefire has it. */
    static boolean isNameOfTests(String type) {
        return type.endsWith("Test") || type.endsWith("Properties");
    }

    /** The names of its types, but for those within others. */
    List<String> types() {
        return TYPE.matcher(source).results().map(type -> type.group(1)).toList();
    }

    /** The type that gives its file the name: the public one, or else any. */
    String mainType() {
        Matcher matcher = PUBLIC_TYPE.matcher(source);
        if (matcher.find()) {
            return matcher.group(1);
        }
        if (types().isEmpty()) {
            throw new AssertionError("the example of '" + heading + "' is no compilation unit: it declares no type");
        }
        return types().get(0);
    }

    long lines() {
        return source.lines().count();
    }

    @Override
    public String toString() {
        return heading + ": " + String.join(", ", types());
    }
}
