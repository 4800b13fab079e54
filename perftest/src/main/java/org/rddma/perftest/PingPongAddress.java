package org.rddma.perftest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rddma.verbs.Gid;

/**
 * What one end of a ping-pong tells the other of a queue pair: 52 bytes of text, {@code lid:qpn:psn:gid} in hexadecimal
 * and a NUL.
 */
record PingPongAddress(int lid, int queuePair, int psn, Gid gid) {
    /** Stands where there is no queue pair. */
    static final PingPongAddress NONE = new PingPongAddress(0, 0, 0, Gid.ZERO);

    static final int BYTES = 52;

    private static final Pattern FORM =
            Pattern.compile("([0-9a-fA-F]{1,4}):([0-9a-fA-F]{1,6}):([0-9a-fA-F]{1,6}):([0-9a-fA-F]{32})");

    byte[] encode() {
        String text =
                String.format(Locale.ROOT, "%04x:%06x:%06x:%016x%016x", lid, queuePair, psn, gid.high(), gid.low());
        return Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), BYTES);
    }

    /** Reads what a peer sent: text up to a NUL, or nothing but NULs for no queue pair. */
    static PingPongAddress decode(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        String text = new String(bytes, 0, end, StandardCharsets.US_ASCII);
        if (text.isEmpty()) {
            return NONE;
        }
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new RunFailedException("the peer sent no address, but '" + text.replaceAll("[^ -~]", "?")
                    + "': is it a ping-pong of the same kind?");
        }
        return new PingPongAddress(
                Integer.parseInt(matcher.group(1), 16),
                Integer.parseInt(matcher.group(2), 16),
                Integer.parseInt(matcher.group(3), 16),
                new Gid(
                        Long.parseUnsignedLong(matcher.group(4).substring(0, 16), 16),
                        Long.parseUnsignedLong(matcher.group(4).substring(16), 16)));
    }

    /** In the words of the C tools. */
    String text(String which, String beforeGid) {
        return String.format(
                Locale.ROOT,
                "  %s address: %sLID 0x%04x, QPN 0x%06x, PSN 0x%06x%s GID %s\n",
                which,
                which.equals("local") ? " " : "",
                lid,
                queuePair,
                psn,
                beforeGid,
                InetText.of(gid));
    }
}
