package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is changed in a message is noticed. */
class EchoContentTest {
    @ParameterizedTest
    @ValueSource(ints = {8, 9, 15, 16, 17, 64, 255})
    void everyByteCounts(int size) {
        EchoContent content = new EchoContent(size);
        for (long number = 0; number < 20; number++) {
            ByteBuffer buffer = ByteBuffer.allocate(size + 3);
            int length = content.length(number);
            content.fill(buffer, 3, 1, number);
            content.check(buffer, 3, 1, number, length);
            for (int at = 3; at < 3 + length; at++) {
                buffer.put(at, (byte) (buffer.get(at) ^ 0x10));
                assertThatThrownBy(checking(content, buffer, 1, number, length))
                        .as("byte %d of %d", at, length)
                        .isInstanceOf(RunFailedException.class)
                        .hasMessageContaining("echo " + number + " of client 1");
                buffer.put(at, (byte) (buffer.get(at) ^ 0x10));
            }
            assertThatCode(checking(content, buffer, 1, number, length)).doesNotThrowAnyException();
            assertThatThrownBy(checking(content, buffer, 1, number, length - 1)).hasMessageContaining("bytes, but");
            assertThatThrownBy(checking(content, buffer, 2, number, length)).hasMessageContaining("client 2");
            long next = number + 1;
            assertThatThrownBy(checking(content, buffer, 1, next, content.length(next)))
                    .hasMessageContaining("is not what was sent");
        }
    }

    @Test
    void noTwoMessagesAreAlikeEvenTheSmallest() {
        EchoContent content = new EchoContent(EchoContent.SMALLEST);
        ByteBuffer buffer = ByteBuffer.allocate(EchoContent.SMALLEST);
        Set<Long> seen = new HashSet<>();
        for (int client = 0; client < 16; client++) {
            for (long number = 0; number < 1000; number++) {
                content.fill(buffer, 0, client, number);
                assertThat(seen.add(buffer.getLong(0))).isTrue();
            }
        }
    }

    @Test
    void lengthsChangeButAreNeverTooSmallOrTooLarge() {
        for (int size = EchoContent.SMALLEST; size < 40; size++) {
            EchoContent content = new EchoContent(size);
            for (long number = 0; number < 50; number++) {
                assertThat(content.length(number)).isBetween(EchoContent.SMALLEST, size);
            }
            assertThat(content.length(0)).isEqualTo(size);
        }
        assertThat(new EchoContent(9).length(1)).isEqualTo(8);
    }

    private static org.assertj.core.api.ThrowableAssert.ThrowingCallable checking(
            EchoContent content, ByteBuffer buffer, int client, long number, long received) {
        return () -> content.check(buffer, 3, client, number, received);
    }
}
