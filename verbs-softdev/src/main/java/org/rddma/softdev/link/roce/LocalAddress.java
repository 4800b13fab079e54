package org.rddma.softdev.link.roce;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Collections;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.UdpSocket;

/**
 * An address of this host, and the interface that it belongs to.
 *
 * @param text of the address, for sentences
 * @param gid of the address
 * @param scope number of the interface for an address that means something else on each; 0 otherwise
 * @param interfaceNumber of the interface
 * @param interfaceMtu bytes of the longest Internet packet
 */
record LocalAddress(String text, Gid gid, int scope, int interfaceNumber, int interfaceMtu) {
    private static final long MAPPED = 0xFFFFL << 32;
    private static final int BROADCAST = 0xFFFFFFFF;

    /** Of a packet, all headers but Ethernet's at their longest, and the check sum. */
    private static final int HEADER_BYTES = 80;

    static LocalAddress of(InetAddress address, String verb) {
        String text = address.getHostAddress();
        Gid gid = gidOf(address);
        try {
            if (address.isAnyLocalAddress() || address.isMulticastAddress() || isBroadcast(address, gid)) {
                throw new VerbsException(
                        verb,
                        Errno.EINVAL,
                        "a port has one address of one host, which " + text + " is not: name another");
            }
            NetworkInterface owner = NetworkInterface.getByInetAddress(address);
            int scope = scopeOf(address, owner);
            if (owner == null && address.isLinkLocalAddress()) {
                throw notHere(text, verb, null);
            }
            if (owner == null) { // one of those that are not listed, such as 127.0.0.2
                UdpSocket.open(gid.high(), gid.low(), scope, 0, false, verb).close();
                owner = loopback();
            }
            int mtu = owner == null ? Mtu.MTU_1024.bytes() + HEADER_BYTES : owner.getMTU();
            return new LocalAddress(text, gid, scope, owner == null ? 0 : owner.getIndex(), mtu);
        } catch (VerbsException e) {
            throw e.errno() == UdpSocket.EADDRNOTAVAIL ? notHere(text, verb, e) : e;
        } catch (SocketException e) {
            throw notHere(text, verb, e);
        }
    }

    private static VerbsException notHere(String text, String verb, Exception cause) {
        return new VerbsException(
                verb,
                UdpSocket.EADDRNOTAVAIL,
                text + " is not an address of this host: name one that 'ip address' shows here",
                cause);
    }

    private static NetworkInterface loopback() throws SocketException {
        for (NetworkInterface candidate : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            if (candidate.isLoopback()) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean isBroadcast(InetAddress address, Gid gid) throws SocketException {
        return isVersion4(gid)
                && ((int) gid.low() == BROADCAST
                        || NetworkInterface.networkInterfaces()
                                .flatMap(candidate -> candidate.getInterfaceAddresses().stream())
                                .anyMatch(each -> address.equals(each.getBroadcast())
                                        && !address.equals(each.getAddress()))); // as a net of one address has it
    }

    /** The interface, for an address of one link; where none is named, the one that has it. */
    private static int scopeOf(InetAddress address, NetworkInterface owner) {
        if (!(address instanceof Inet6Address version6) || !address.isLinkLocalAddress()) {
            return 0;
        }
        return version6.getScopeId() == 0 && owner != null ? owner.getIndex() : version6.getScopeId();
    }

    private static Gid gidOf(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.capacity() == Integer.BYTES
                ? new Gid(0, MAPPED | Integer.toUnsignedLong(bytes.getInt(0)))
                : new Gid(bytes.getLong(0), bytes.getLong(Long.BYTES));
    }

    private static boolean isVersion4(Gid gid) {
        return Icrc.isVersion4(gid.high(), gid.low());
    }

    boolean isVersion4() {
        return isVersion4(gid);
    }

    /** The largest MTU whose packets fit the interface. */
    Mtu mtu(String verb) {
        Mtu fitting = null;
        for (Mtu candidate : Mtu.values()) {
            if (candidate.bytes() <= interfaceMtu - HEADER_BYTES) {
                fitting = candidate;
            }
        }
        if (fitting == null) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "the interface of " + text + " has an MTU of " + interfaceMtu + ": raise it to "
                            + (Mtu.MTU_256.bytes() + HEADER_BYTES) + " or more");
        }
        return fitting;
    }
}
