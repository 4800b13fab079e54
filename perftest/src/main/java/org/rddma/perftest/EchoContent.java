package org.rddma.perftest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What is in the messages of an echo run: bytes that follow from the client and the number of the message, so that no two
 * are alike, and lengths that change from one to the next, so that one of the wrong length is noticed.
 */
final class EchoContent {
    /** A number fits, so that no two messages of a client are alike. */
    static final int SMALLEST = 8;

    private static final long STEP = 0x9E3779B97F4A7C15L;
    private static final int LENGTHS = 8;

    private final int size;

    /** Messages of this size at most. */
    EchoContent(int size) {
        this.size = size;
    }

    /** How long a message is: not much less than the largest. */
    int length(long number) {
        return size - (int) (number % Math.min(LENGTHS, size - SMALLEST + 1));
    }

    /** Writes a message; the buffer has big-endian order. */
    void fill(ByteBuffer buffer, int offset, int client, long number) {
        long state = seed(client, number);
        int length = length(number);
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            state += STEP;
            buffer.putLong(offset + at, mix(state));
        }
        long last = mix(state + STEP);
        for (; at < length; at++) {
            buffer.put(offset + at, (byte) last);
            last >>>= Byte.SIZE;
        }
    }

    /** Reads a message and fails where it is not as it was written. */
    void check(ByteBuffer buffer, int offset, int client, long number, long received) {
        int length = length(number);
        if (received != length) {
            throw new RunFailedException("echo " + number + " of client " + client + " has " + received + " bytes, but "
                    + length + " were sent");
        }
        long state = seed(client, number);
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            state += STEP;
            if (buffer.getLong(offset + at) != mix(state)) {
                throw differs(client, number, at);
            }
        }
        long last = mix(state + STEP);
        for (; at < length; at++) {
            if (buffer.get(offset + at) != (byte) last) {
                throw differs(client, number, at);
            }
            last >>>= Byte.SIZE;
        }
    }

    /** A view that these methods can use. */
    static ByteBuffer view(ByteBuffer buffer) {
        return buffer.duplicate().order(ByteOrder.BIG_ENDIAN);
    }

    private static RunFailedException differs(int client, long number, int at) {
        return new RunFailedException("echo " + number + " of client " + client
                + " is not what was sent: it differs in the 8 bytes from byte " + at);
    }

    private static long seed(int client, long number) {
        return mix((long) client << Integer.SIZE ^ number * STEP);
    }

    /** The finalizer of SplitMix64: a bijection, so that different numbers give different first words. */
    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }
}
