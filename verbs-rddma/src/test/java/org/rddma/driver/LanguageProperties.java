package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** What holds for all commands, all replies, and all texts. */
final class LanguageProperties {
    /** The tail of a reply, said in another way than the cursor does. */
    private static final Pattern TAIL = Pattern.compile(
            "(?:.*\\?)??(?:[^?]*,)?result\\((-?\\d+)\\)((?:,(?!result\\()[^?(,]*\\((?:\\(null\\)|[^)?,]*)\\))*)",
            Pattern.DOTALL);

    private static final Pattern TAG = Pattern.compile("(?<=,)reply\\((\\(null\\)|[^)]*)\\)");
    private static final Pattern OURS = Pattern.compile("0|[1-9a-f][0-9a-f]{0,7}");

    @Provide
    Arbitrary<Command> commands() {
        return LanguageArbitraries.commands();
    }

    @Provide
    Arbitrary<Reply> replies() {
        return LanguageArbitraries.replies();
    }

    @Provide
    Arbitrary<String> nearlyTexts() {
        return LanguageArbitraries.nearlyTexts();
    }

    @Provide
    Arbitrary<String> tags() {
        return LanguageArbitraries.tags();
    }

    @Property(tries = 5000)
    void aCommandIsReadAsItWasPrinted(@ForAll("commands") Command command) {
        Command read = Command.parse(command.toString());
        assertThat(read).isEqualTo(command).hasToString(command.toString());
        assertThat(read.subject()).isEqualTo(command.subject());
        assertThat(read.operation()).isEqualTo(command.operation());
    }

    @Property(tries = 5000)
    void theDriverReadsACommandAsItIsMeant(@ForAll("commands") Command command) {
        assertDriverAgrees(command.toString(), command);
    }

    @Property(tries = 2000)
    void theTagComesBackOnEveryWay(@ForAll("commands") Command command, @ForAll("tags") String tag) {
        Command tagged = command.withRequest(tag);
        assertThat(tagged.tag()).isEqualTo(tag);
        DriverGrammar.Line line = DriverGrammar.read(tagged.toString());
        assertThat(line.tag(true)).isEqualTo(tag);
        assertThat(line.tag(false)).isEqualTo(tag);
        assertThat(Reply.parse(line.unknownReply()).tag()).isEqualTo(tag);
        String reply = Reply.of(tagged.operation().toString(), tagged.subject().spec(), 0, tag)
                .toString();
        assertThat(Reply.parse(reply).tag()).isEqualTo(tag);
        assertThat(Reply.parse(reply).subject()).contains(withoutOptions(tagged.subject()));
    }

    private static Subject withoutOptions(Subject subject) {
        if (subject instanceof Triple triple) {
            return new Triple(
                    triple.transfer().with(Options.NONE),
                    triple.destination().with(Options.NONE),
                    triple.source().with(Options.NONE));
        }
        return subject.last().with(Options.NONE);
    }

    @Property(tries = 5000)
    void aReplyIsReadAsItWasPrinted(@ForAll("replies") Reply reply) {
        Reply read = Reply.parse(reply + "\n");
        assertThat(read).isEqualTo(reply).hasToString(reply.toString());
        assertThat(read.result()).isEqualTo(reply.result());
        assertThat(read.tag()).isEqualTo(reply.tag());
        assertCursorAgrees(reply.toString());
    }

    /** The million is for the long run. */
    @Tag("slow")
    @Property(tries = 1_000_000)
    void aMillionTextsAreReadOrRefusedAtAPosition(@ForAll("nearlyTexts") String text) {
        readOrRefused(text);
    }

    /** Of two results the last one counts, and where that is none it is no reply. */
    @Example
    void whatHasTwoResultsIsReadByItsLast() {
        readOrRefused("[result(0),result(null)]");
        readOrRefused("result(0),result(null)");
        readOrRefused("result(null),result(0)");
    }

    @Property(tries = 50_000)
    void anyTextIsReadOrRefusedAtAPosition(@ForAll("nearlyTexts") String text) {
        readOrRefused(text);
    }

    @Property(tries = 5000)
    void anyStringAtAllIsReadOrRefusedAtAPosition(@ForAll String text) {
        readOrRefused(text);
    }

    /** A letter of a good command is changed, dropped or put in. */
    @Property(tries = 20_000)
    void aDamagedCommandIsReadAsTheDriverDoesOrRefused(
            @ForAll("commands") Command command, @ForAll int where, @ForAll int how, @ForAll char letter) {
        readOrRefused(damaged(command.toString(), where, how, letter));
    }

    /** A letter of a good reply is changed, dropped or put in, and then another. */
    @Property(tries = 20_000)
    void aDamagedReplyIsReadTheSameByAllOrRefused(
            @ForAll("replies") Reply reply, @ForAll int where, @ForAll int how, @ForAll char letter) {
        String once = damaged(reply.toString(), where, how, letter);
        readOrRefused(once);
        readOrRefused(damaged(once + " ", where / 7, how / 7, letter));
    }

    private static String damaged(String text, int where, int how, char letter) {
        String letters = ".#:?,/=()0zx \n" + letter;
        char other = letters.charAt(Math.floorMod(how / 3, letters.length()));
        int at = Math.floorMod(where, text.length());
        String tail = text.substring(at + (Math.floorMod(how, 3) == 0 ? 0 : 1));
        return text.substring(0, at) + (Math.floorMod(how, 3) == 1 ? "" : other) + tail;
    }

    private static void readOrRefused(String text) {
        DriverGrammar.Line line = DriverGrammar.read(text);
        String unused = line.tag(true) + line.tag(false) + line.errorReply(true) + line.unknownReply();
        assertThat(line.errorPosition()).isBetween(-1, text.length());
        try {
            assertDriverAgrees(text, Command.parse(text));
        } catch (RddmaSyntaxException refused) {
            assertThat(refused.position()).isBetween(0, text.length());
            assertThat(refused.driverPosition()).isBetween(-1, text.length());
            assertThat(unused).isNotNull();
        }
        assertCursorAgrees(text);
    }

    private static void assertDriverAgrees(String text, Command command) {
        DriverGrammar.Line line = DriverGrammar.read(text);
        assertThat(line.error()).as(text).isZero();
        assertThat(line.operation()).as(text).isEqualTo(command.operation());
        assertThat(line.subject()).as(text).isEqualTo(command.subject());
        assertThat(line.tag(true)).as(text).isEqualTo(command.tag());
        Options options = command.subject().last().options();
        for (String key : OptionsParser.KEYS) {
            assertThat(options.lookup(key, true)).as(text).isEqualTo(options.lookup(key, false));
        }
    }

    private static void assertCursorAgrees(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        ReplyCursor cursor = new ReplyCursor();
        boolean read = cursor.parse(ByteBuffer.allocateDirect(bytes.length).put(0, bytes), bytes.length);
        if (text.chars().anyMatch(letter -> letter > 0xff)) {
            return;
        }
        String line = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        Matcher tail = TAIL.matcher(line);
        boolean reply = tail.matches() && line.indexOf('\n') < 0 && isInt(tail.group(1));
        assertThat(read).as(text).isEqualTo(reply);
        if (!reply) {
            try {
                Reply taken = Reply.parse(text);
                fail("taken: " + taken);
            } catch (RddmaSyntaxException refused) {
                assertThat(refused.position()).isBetween(0, text.length());
            }
            return;
        }
        Reply parsed = Reply.parse(text);
        assertThat(parsed).hasToString(line);
        assertThat(parsed.result())
                .as(text)
                .isEqualTo(Integer.parseInt(tail.group(1)))
                .isEqualTo(cursor.result());
        Matcher tag = TAG.matcher(tail.group(2));
        String expected = tag.find() ? tag.group(1) : "";
        boolean none = expected.isEmpty() || expected.equals("<NULL>") || expected.equals("(null)");
        assertThat(parsed.tag()).as(text).isEqualTo(none ? null : expected);
        long ours = OURS.matcher(expected).matches() ? Long.parseLong(expected, 16) : -1;
        assertThat(cursor.tag()).as(text).isEqualTo(ours);
        assertThat(cursor.mmapOffset() < 0 || parsed.mmapOffset().isPresent()).isTrue();
        assertThat(parsed.subject()).isNotNull();
        assertThat(parsed.eventId()).isNotNull();
    }

    private static boolean isInt(String digits) {
        String plain = digits.replaceFirst("^(-?)0+(?=\\d)", "$1");
        return plain.length() <= 11 && Long.parseLong(plain) == (int) Long.parseLong(plain);
    }
}
