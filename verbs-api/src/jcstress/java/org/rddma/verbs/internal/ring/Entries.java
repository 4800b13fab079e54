package org.rddma.verbs.internal.ring;

import org.rddma.verbs.WorkCompletion;

/** Entries called A, B and so on, of which it can be told whether they are whole: every field follows from the name. */
final class Entries {
    static final String NONE = "none";

    private Entries() {}

    /** A ring that holds some entries. */
    static CompletionRing ring(int capacity, String names) {
        CompletionRing ring = new CompletionRing(capacity);
        for (int i = 0; i < names.length(); i++) {
            append(ring, names.charAt(i));
        }
        return ring;
    }

    static void append(CompletionRing ring, char name) {
        int n = name - 'A' + 1;
        long position =
                ring.write(n | (long) n << 32, n, n, n, n << 16, n << 20, n << 24, n << 8, n << 12, n << 3, n << 4);
        if (position >= 0) {
            ring.publish(position);
        }
    }

    static String poll(CompletionRing ring) {
        WorkCompletion completion = new WorkCompletion();
        return ring.poll(completion) ? nameOf(completion) : NONE;
    }

    static String poll(CompletionRing ring, int most) {
        WorkCompletion[] completions = WorkCompletion.array(most);
        int count = ring.poll(completions);
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < count; i++) {
            names.append(nameOf(completions[i]));
        }
        return count == 0 ? NONE : names.toString();
    }

    /** As the cursor does it: the words first, the fields later. */
    static String pollWords(CompletionRing ring) {
        Cursor cursor = new Cursor(ring);
        return cursor.next() ? nameOf(cursor) : NONE;
    }

    private static String nameOf(WorkCompletion completion) {
        int n = (int) completion.wrId();
        boolean whole = completion.wrId() == (n | (long) n << 32)
                && completion.status().value() == n
                && completion.opcode().value() == n
                && completion.flags() == n
                && completion.vendorError() == n << 16
                && completion.byteLength() == n << 20
                && completion.immediate() == n << 24
                && completion.queuePairNumber() == n << 8
                && completion.sourceQueuePair() == n << 12
                && completion.pkeyIndex() == n << 3
                && completion.serviceLevel() == n << 4;
        return whole ? String.valueOf((char) ('A' + n - 1)) : "torn";
    }

    private static String nameOf(Cursor cursor) {
        int n = (int) cursor.wrId();
        boolean whole = cursor.wrId() == (n | (long) n << 32)
                && cursor.status().value() == n
                && cursor.flags() == n
                && cursor.vendorError() == n << 16
                && cursor.byteLength() == n << 20
                && cursor.immediate() == n << 24
                && cursor.queuePairNumber() == n << 8
                && cursor.pkeyIndex() == n << 3;
        return whole ? String.valueOf((char) ('A' + n - 1)) : "torn";
    }

    private static final class Cursor extends RingCursor {
        Cursor(CompletionRing ring) {
            super(ring);
        }

        @Override
        public boolean next() {
            return advance();
        }
    }
}
