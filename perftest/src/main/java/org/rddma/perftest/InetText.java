package org.rddma.perftest;

import org.rddma.verbs.Gid;

/**
 * A GID as inet_ntop(3) of glibc writes it: the longest run of two or more zero groups, and of equally long ones the
 * first, as two colons; the last four bytes in dots where those before are zero, or zero and ffff.
 */
final class InetText {
    private static final int GROUPS = 8;

    private InetText() {}

    static String of(Gid gid) {
        int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (int) ((i < 4 ? gid.high() : gid.low()) >>> 48 - i % 4 * 16) & 0xFFFF;
        }
        int start = -1;
        int length = 1; // one alone is written
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        boolean dotted = start == 0 && (length == 6 || length == 5 && groups[5] == 0xFFFF);
        StringBuilder text = new StringBuilder();
        int count = dotted ? 6 : GROUPS;
        int i = 0;
        while (i < count) {
            if (i == start) {
                text.append("::");
                i += length;
            } else {
                text.append(i == 0 || i == start + length && start >= 0 ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
                i++;
            }
        }
        if (dotted) {
            text.append(length == 6 ? "" : ":");
            text.append(groups[6] >> 8).append('.').append(groups[6] & 255).append('.');
            text.append(groups[7] >> 8).append('.').append(groups[7] & 255);
        }
        return text.toString();
    }
}
