package org.rddma.verbs.app;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Locale;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** The sockets of {@link PeerExchange}, and what it means when the system refuses one. */
final class PeerConnector {
    /** Between two tries to connect: short for a person who starts two programs, long for a processor. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private PeerConnector() {}

    static PeerExchange connect(InetSocketAddress address, PeerExchangeOptions options) {
        String verb = "PeerExchange.connect";
        check(verb, address, options);
        long deadline = System.nanoTime() + options.timeout().toNanos();
        while (true) {
            try {
                SocketChannel channel = tryConnect(verb, address, deadline);
                if (channel != null) {
                    return new PeerExchange(channel, options);
                }
            } catch (ConnectException e) {
                if (!isRefused(e) || deadline - System.nanoTime() < PAUSE.toNanos()) {
                    throw failed(verb, address, e);
                }
            } catch (IOException e) {
                throw failed(verb, address, e);
            }
            pause(verb);
        }
    }

    /** Returns null when the socket was connected to itself, which happens where nobody listens on a port that the
     * system gives out. */
    private static SocketChannel tryConnect(String verb, InetSocketAddress address, long deadline) throws IOException {
        SocketChannel channel = SocketChannel.open();
        boolean connected = false;
        try {
            PeerWait wait = new PeerWait("connecting to " + address, channel);
            // the last try is one, too: it has time to hear that it is refused
            wait.enter(verb, Duration.ofNanos(Math.max(PAUSE.toNanos(), deadline - System.nanoTime())));
            try {
                connected = channel.connect(address);
                while (!connected) {
                    wait.await(SelectionKey.OP_CONNECT, "the answer of " + address);
                    connected = channel.finishConnect();
                }
                connected = !address.equals(channel.getLocalAddress());
            } finally {
                wait.leave();
                wait.release();
            }
        } finally {
            if (!connected) {
                channel.close();
            }
        }
        return connected ? channel : null;
    }

    static ServerSocketChannel bind(InetSocketAddress address, PeerExchangeOptions options) {
        String verb = "PeerExchange.listen";
        check(verb, address, options);
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            try {
                channel.bind(address);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
            return channel;
        } catch (IOException e) {
            throw failed(verb, address, e);
        }
    }

    private static void check(String verb, InetSocketAddress address, PeerExchangeOptions options) {
        if (address == null || options == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the address or the options are null");
        }
        if (address.isUnresolved()) {
            throw new VerbsException(
                    verb, Errno.EINVAL, "the host name '" + address.getHostString() + "' is not known here");
        }
    }

    private static void pause(String verb) {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VerbsException(verb, Errno.EINTR, "interrupted while nobody listened yet", e);
        }
    }

    private static boolean isRefused(ConnectException e) {
        return text(e).contains("refused");
    }

    /** Java tells only by the text of the system which error it was. */
    static VerbsException failed(String verb, InetSocketAddress address, IOException e) {
        String text = text(e);
        if (e instanceof BindException && text.contains("in use")) {
            return because(verb, Errno.EADDRINUSE, "another program listens on " + address + ": give another port", e);
        }
        if (e instanceof BindException && text.contains("permission")) {
            return because(verb, Errno.EACCES, "this user may not listen on " + address + ": give a port over 1023", e);
        }
        if (e instanceof BindException) {
            return because(
                    verb, Errno.EADDRNOTAVAIL, "this host does not have the address " + address + ": give its own", e);
        }
        if (e instanceof ConnectException refusal && isRefused(refusal)) {
            return because(verb, Errno.ECONNREFUSED, "nobody listens on " + address + ": start the peer", e);
        }
        if (e instanceof ConnectException && text.contains("timed out")) {
            return because(verb, Errno.ETIMEDOUT, "the host of " + address + " does not answer", e);
        }
        if (e instanceof NoRouteToHostException) {
            return because(verb, Errno.EHOSTUNREACH, "there is no way to the host of " + address, e);
        }
        if (text.contains("unreachable")) {
            return because(verb, Errno.ENETUNREACH, "there is no way to the network of " + address, e);
        }
        if (text.contains("too many open files")) {
            return because(verb, Errno.EMFILE, "the process has no file descriptor left", e);
        }
        return because(verb, Errno.EIO, address + ": " + e.getMessage(), e);
    }

    private static String text(IOException e) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    }

    private static VerbsException because(String verb, int errno, String sentence, IOException e) {
        return new VerbsException(verb, errno, sentence, e);
    }
}
