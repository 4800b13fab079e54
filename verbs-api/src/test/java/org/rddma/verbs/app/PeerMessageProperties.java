package org.rddma.verbs.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** Messages of the exchange, as they are and as they are not. */
final class PeerMessageProperties {
    private static final String VERB = "verb";

    @Provide
    static Arbitrary<Map<String, String>> facts() {
        Arbitrary<String> keys = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('A', 'Z')
                .withCharRange('0', '9')
                .withChars("._-")
                .ofMinLength(1)
                .ofMaxLength(64);
        Arbitrary<String> values = Arbitraries.strings()
                .withCharRange(' ', '~')
                .withCharRange('\u00A0', '\u2FFF')
                .ofMaxLength(300);
        return Arbitraries.maps(keys, values).ofMaxSize(40);
    }

    /** Feeds bytes in pieces; what is left is behind the message. */
    private static PeerMessage read(byte[] bytes, Random random, int[] left) {
        PeerMessage message = new PeerMessage(VERB);
        int at = 0;
        while (at < bytes.length && !message.isComplete()) {
            int count = Math.min(bytes.length - at, 1 + random.nextInt(20));
            ByteBuffer piece = ByteBuffer.wrap(bytes, at, count);
            message.take(piece);
            at += count - piece.remaining();
        }
        left[0] = bytes.length - at;
        return message;
    }

    @Property(tries = 300)
    void whatWasWrittenIsReadInWhateverPiecesItComes(
            @ForAll("facts") Map<String, String> facts, @ForAll long seed, @ForAll byte behind) {
        Map<String, String> ordered = new LinkedHashMap<>(facts);
        byte[] bytes = PeerMessage.encode(VERB, PeerMessage.FACTS, ordered);
        byte[] more = Arrays.copyOf(bytes, bytes.length + 1);
        more[bytes.length] = behind;
        int[] left = new int[1];

        PeerMessage message = read(more, new Random(seed), left);

        assertThat(message.isComplete()).isTrue();
        assertThat(message.step()).isEqualTo(PeerMessage.FACTS);
        assertThat(List.copyOf(message.facts().entrySet())).isEqualTo(List.copyOf(ordered.entrySet()));
        assertThat(left[0]).as("bytes of the next message").isEqualTo(1);
    }

    @Property(tries = 1000)
    void bytesThatWereChangedAreRefusedOrReadButNeverAnythingElse(
            @ForAll("facts") Map<String, String> facts, @ForAll long seed) {
        byte[] bytes = PeerMessage.encode(VERB, PeerMessage.FACTS, facts);
        Random random = new Random(seed);
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        try {
            PeerMessage message = read(bytes, random, new int[1]);
            if (message.isComplete()) {
                EndpointFacts.read(VERB, message.facts());
            }
        } catch (VerbsException e) {
            assertThat(e.errno()).isEqualTo(Errno.EPROTO);
            assertThat(e.getMessage().chars()).as("harmless on a terminal").noneMatch(c -> c < ' ' || c == 0x7F);
        }
    }
}
