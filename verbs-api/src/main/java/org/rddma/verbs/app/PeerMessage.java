package org.rddma.verbs.app;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * One message of {@link PeerExchange}: text, a line each for the version, the step, the facts, and {@code end}.
 *
 * <pre>
 * verbs-exchange 1
 * step facts
 * key=value
 * end
 * </pre>
 *
 * <p>The reader takes bytes as they come, and decides at each line: a peer that says something wrong is told apart from
 * one that says nothing as early as can be, and none makes this end keep more than the limits allow.
 */
final class PeerMessage {
    static final int LONGEST_LINE = 4096;
    static final int MOST_FACTS = 1024;
    static final int MOST_BYTES = 1 << 16;

    /** The step in which facts are exchanged. */
    static final String FACTS = "facts";

    /** What the step of a barrier begins with; its name follows. */
    static final String BARRIER = "barrier ";

    private static final String MAGIC = "verbs-exchange ";
    private static final String VERSION = MAGIC + "1";
    private static final String STEP = "step ";
    private static final String END = "end";
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final String verb;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private final byte[] line = new byte[LONGEST_LINE];
    private int lineLength;
    private int lines;
    private int bytes;
    private String step;
    private boolean complete;

    PeerMessage(String verb) {
        this.verb = verb;
    }

    /** The bytes of a message; EINVAL for what the peer would refuse. */
    static byte[] encode(String verb, String step, Map<String, String> facts) {
        StringBuilder text = new StringBuilder(VERSION)
                .append('\n')
                .append(STEP)
                .append(step)
                .append('\n');
        if (facts.size() > MOST_FACTS) {
            throw refused(verb, facts.size() + " facts are too many: exchange at most " + MOST_FACTS + " at a time");
        }
        facts.forEach((key, value) -> {
            if (key == null || !KEY.matcher(key).matches()) {
                throw refused(
                        verb, "the key '" + key + "' must be 1 to 64 letters, digits, dots, underlines or dashes");
            }
            checkText(verb, "the value of '" + key + "'", value, LONGEST_LINE - key.length() - 1);
            text.append(key).append('=').append(value).append('\n');
        });
        byte[] encoded = text.append(END).append('\n').toString().getBytes(StandardCharsets.UTF_8);
        if (encoded.length > MOST_BYTES) {
            throw refused(
                    verb, "the facts have " + encoded.length + " bytes: exchange at most " + MOST_BYTES + " at a time");
        }
        return encoded;
    }

    /** EINVAL for a text that does not fit into one line. */
    static void checkText(String verb, String what, String text, int most) {
        if (text == null) {
            throw refused(verb, what + " is null");
        }
        if (text.chars().anyMatch(Character::isISOControl)
                || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw refused(verb, what + " must be one line of text, without control characters");
        }
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (length > most) {
            throw refused(verb, what + " has " + length + " bytes: at most " + most + " are possible");
        }
    }

    /** Takes bytes up to the end of the message, and leaves those behind it; EPROTO for what is no message. */
    void take(ByteBuffer source) {
        while (!complete && source.hasRemaining()) {
            byte next = source.get();
            if (++bytes > MOST_BYTES) {
                throw wrong("sends more than " + MOST_BYTES + " bytes at a time");
            }
            if (next == '\n') {
                takeLine(text());
                lineLength = 0;
            } else if (lineLength == LONGEST_LINE) {
                throw wrong("sends a line of more than " + LONGEST_LINE + " bytes");
            } else {
                line[lineLength++] = next;
                if (lines == 0 && !isBeginningOfMagic()) {
                    throw wrong("does not speak this protocol: it began with " + quoted(text(false)));
                }
            }
        }
    }

    boolean isComplete() {
        return complete;
    }

    /** Whether nothing has come yet. */
    boolean isEmpty() {
        return bytes == 0;
    }

    String step() {
        return step;
    }

    Map<String, String> facts() {
        return Collections.unmodifiableMap(facts);
    }

    private void takeLine(String text) {
        switch (lines++) {
            case 0 -> takeVersion(text);
            case 1 -> {
                if (!text.equals(STEP + FACTS) && !text.startsWith(STEP + BARRIER)) {
                    throw wrong("comes to a step that this end does not know: " + quoted(text));
                }
                step = text.substring(STEP.length());
            }
            default -> takeFact(text);
        }
    }

    private void takeVersion(String text) {
        if (!text.equals(VERSION)) {
            throw wrong("speaks " + quoted(text) + ", this end '" + VERSION + "': run the same release on both ends");
        }
    }

    private void takeFact(String text) {
        if (text.equals(END)) {
            complete = true;
            return;
        }
        int equals = text.indexOf('=');
        if (equals < 0 || !KEY.matcher(text.substring(0, equals)).matches()) {
            throw wrong("sends a line that is no fact: " + quoted(text));
        }
        if (facts.size() == MOST_FACTS) {
            throw wrong("sends more than " + MOST_FACTS + " facts at a time");
        }
        String key = text.substring(0, equals);
        if (facts.put(key, text.substring(equals + 1)) != null) {
            throw wrong("sends the fact '" + key + "' twice");
        }
    }

    private boolean isBeginningOfMagic() {
        int at = lineLength - 1;
        return at >= MAGIC.length() || line[at] == MAGIC.charAt(at);
    }

    private String text() {
        return text(true);
    }

    private String text(boolean strictly) {
        if (!strictly) {
            return new String(line, 0, lineLength, StandardCharsets.ISO_8859_1);
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line, 0, lineLength))
                    .toString();
        } catch (CharacterCodingException e) {
            throw wrong("sends a line that is not UTF-8");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw wrong("sends control characters");
        }
        return text;
    }

    /** Harmless on a terminal, and short. */
    static String quoted(String text) {
        StringBuilder shown = new StringBuilder("'");
        text.chars()
                .limit(60)
                .forEach(character -> shown.append(character < ' ' || character > '~' ? '?' : (char) character));
        return shown.append(text.length() > 60 ? "...'" : "'").toString();
    }

    VerbsException wrong(String sentence) {
        return new VerbsException(verb, Errno.EPROTO, "the peer " + sentence);
    }

    private static VerbsException refused(String verb, String sentence) {
        return new VerbsException(verb, Errno.EINVAL, sentence);
    }
}
