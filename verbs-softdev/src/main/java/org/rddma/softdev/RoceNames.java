package org.rddma.softdev;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.VerbsException;

/**
 * Names, GIDs and GUIDs of devices on the wire: all of them say the same address. In a name it is written in one way only,
 * that of RFC 5952, so that a device has one name. Names of hosts are not looked up: a name server's answer may change.
 */
final class RoceNames {
    static final String PREFIX = "roce:";

    private static final String BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%[\\w.-]+)?");
    private static final long IPV4_MAPPED = 0xFFFF_0000_0000L;
    private static final int GROUPS = 8;

    /** Locally administered: the address is in the places of an Ethernet address. */
    private static final long GUID_BASE = 0x0200_00FF_FE00_0000L;

    private static final long MIXER = 0x9E37_79B9_7F4A_7C15L;

    private RoceNames() {}

    static boolean isOne(String name) {
        return name != null && name.startsWith(PREFIX);
    }

    /**
     * The address of a name.
     *
     * @throws VerbsException ENODEV when it is none
     */
    static InetAddress parse(String name) {
        String text = isOne(name) ? name.substring(PREFIX.length()) : name;
        if (IPV4.matcher(text).matches() || IPV6.matcher(text).matches()) {
            try {
                return InetAddress.getByName(text);
            } catch (UnknownHostException e) { // such as 1::2::3, or a scope that is no interface
                throw wrong(name);
            }
        }
        throw wrong(name);
    }

    private static VerbsException wrong(String name) {
        return new VerbsException(
                "open",
                Errno.ENODEV,
                "there is no address in '" + name + "': give an IPv4 or IPv6 address of this host, such as " + PREFIX
                        + "10.9.0.2");
    }

    static String of(InetAddress address) {
        return PREFIX + (address instanceof Inet6Address six ? text(six) : address.getHostAddress());
    }

    /** The longest run of zeros, the first of them if there are two, is left out unless it is a single one. */
    private static String text(Inet6Address address) {
        String[] whole = address.getHostAddress().split("%", 2);
        String[] groups = whole[0].split(":", GROUPS);
        int begin = 0;
        int length = 1;
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && groups[end].equals("0")) {
                end++;
            }
            if (end - i > length) {
                begin = i;
                length = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (length > 1 && i == begin) {
                text.append("::");
                i += length - 1;
            } else {
                text.append(i == 0 || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(groups[i]);
            }
        }
        return whole.length == 1 ? text.toString() : text + "%" + address.getScopeId();
    }

    /** IPv4 addresses are mapped into IPv6, as RoCE version 2 does. */
    static Gid gid(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address instanceof Inet6Address ? Gid.of(bytes) : new Gid(0, IPV4_MAPPED | ipv4(bytes));
    }

    static long guid(InetAddress address) {
        if (address instanceof Inet6Address) {
            Gid gid = Gid.of(address.getAddress());
            return (gid.high() * MIXER ^ gid.low() * MIXER >>> 1) & ~(3L << 56) | 2L << 56;
        }
        long bits = ipv4(address.getAddress());
        return GUID_BASE | (bits & 0xFF00_0000L) << 16 | bits & 0xFF_FFFF;
    }

    private static long ipv4(byte[] bytes) {
        long bits = 0;
        for (byte part : bytes) {
            bits = bits << 8 | part & 0xFF;
        }
        return bits;
    }
}
