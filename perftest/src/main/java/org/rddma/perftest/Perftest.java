package org.rddma.perftest;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.rddma.verbs.VerbsException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line. Reports go to standard output, everything else to standard error. */
@Command(
        name = "perftest",
        description = "Measures verbs: latency, bandwidth, and the limits of the machine.",
        mixinStandardHelpOptions = true,
        versionProvider = Perftest.class,
        synopsisSubcommandLabel = "TEST|COMMAND",
        footer = {
            "",
            "perftest TEST --help lists the options of a test.",
            "Exit status: 0 done, 1 failed, 2 wrong usage."
        })
public final class Perftest implements Runnable, IVersionProvider {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    @Spec
    private CommandSpec spec;

    Perftest() {}

    /**
     * Runs a command and exits with its status.
     *
     * @param arguments the command and its options
     */
    public static void main(String[] arguments) {
        System.exit(run(System.out, System.err, arguments));
    }

    /** Runs a command; returns its exit status. */
    static int run(PrintStream out, PrintStream err, String... arguments) {
        return run(out, err, EchoStyles.ALL, arguments);
    }

    /** With these styles of application. */
    static int run(PrintStream out, PrintStream err, List<EchoStyle> styles, String... arguments) {
        CommandLine line = new CommandLine(new Perftest());
        for (TestKind kind : TestKind.values()) {
            CommandLine test = new CommandLine(new TestCommand(kind, out, err));
            test.getCommandSpec().usageMessage().description(kind.description());
            line.addSubcommand(kind.command(), test);
        }
        for (PingPongKind kind : PingPongKind.values()) {
            CommandLine pingPong = new CommandLine(new PingPongCommand(kind, out));
            pingPong.getCommandSpec().usageMessage().description(kind.description());
            line.addSubcommand(kind.command(), pingPong);
        }
        line.addSubcommand("limits", new CommandLine(new LimitsCommand(out, err)));
        line.addSubcommand("styles", new CommandLine(new StylesCommand(styles, out, err)));
        line.addSubcommand("select", new CommandLine(new SelectCommand(out)));
        line.addSubcommand("devinfo", new CommandLine(new DeviceInfoCommand(out)));
        line.addSubcommand("devices", new CommandLine(new DevicesCommand(out)));
        line.addSubcommand("providers", new CommandLine(new ProvidersCommand(out)));
        line.addSubcommand("rddma-driver", new CommandLine(new DriverCommand(out)));
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setParameterExceptionHandler((exception, args) -> refuse(err, exception));
        line.setExecutionExceptionHandler((exception, command, result) -> fail(err, command, exception));
        int status = line.execute(arguments);
        if (out.checkError() && status == OK) { // it flushes too
            err.print("perftest: the report could not be written to the standard output\n");
            status = FAILED;
        }
        err.flush();
        return status;
    }

    private static int refuse(PrintStream err, ParameterException exception) {
        String sentence = exception.getMessage();
        if (exception instanceof UnmatchedArgumentException unmatched) {
            sentence = unmatchedSentence(unmatched.getUnmatched(), sentence);
        }
        return usage(err, exception.getCommandLine(), sentence);
    }

    private static String unmatchedSentence(List<String> unmatched, String otherwise) {
        return unmatched.stream()
                .map(RefusedOptions::reason)
                .filter(reason -> reason != null)
                .findFirst()
                .orElse(otherwise);
    }

    private static int usage(PrintStream err, CommandLine command, String sentence) {
        String name = command.getCommandSpec().qualifiedName();
        err.print(name + ": " + sentence + "\n" + "Try '" + name + " --help'.\n");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static int fail(PrintStream err, CommandLine command, Exception exception) {
        if (exception instanceof UsageException) {
            return usage(err, command, exception.getMessage());
        }
        boolean io = exception instanceof IOException;
        String sentence = io ? "cannot write " + exception.getMessage() : exception.getMessage();
        err.print(command.getCommandSpec().qualifiedName() + ": " + sentence + "\n");
        if (!(io || exception instanceof RunFailedException || exception instanceof VerbsException)) {
            exception.printStackTrace(err); // nobody expected it: whoever reports it needs the place
        }
        return FAILED;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "give a test or a command");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"perftest " + version()};
    }

    static String version() {
        String version = Perftest.class.getPackage().getImplementationVersion();
        return version == null ? "(not from a jar)" : version;
    }
}
