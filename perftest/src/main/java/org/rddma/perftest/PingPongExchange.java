package org.rddma.perftest;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * How the ends of a ping-pong tell each other their addresses, as the C programs do it on TCP: the client sends its, the
 * server connects its queue pairs to them and sends its own, the client says {@code done}, and connects then. All that a
 * peer says must have come when the timeout has passed.
 */
final class PingPongExchange {
    private static final String LATE = "it did not say all in time";
    private static final byte[] DONE = "done\0".getBytes(StandardCharsets.US_ASCII);

    private final PingPongSettings settings;

    PingPongExchange(PingPongSettings settings) {
        this.settings = settings;
    }

    /** Waits for a client as long as it takes; returns its addresses, to which the server is connected then. */
    PingPongAddress[] serve(PingPongAddress[] own, Consumer<PingPongAddress[]> connect) {
        try (Socket socket = accept()) {
            Deadline deadline = new Deadline(socket);
            PingPongAddress[] remote = receive(deadline);
            connect.accept(remote);
            send(socket, own);
            deadline.read(new byte[DONE.length]);
            return remote;
        } catch (IOException e) {
            throw failed("the client ended the exchange of addresses", e);
        }
    }

    /** Returns the addresses of a server, which is connected. */
    PingPongAddress[] ask(PingPongAddress[] own) {
        try (Socket socket = connect()) {
            send(socket, own);
            PingPongAddress[] remote = receive(new Deadline(socket));
            socket.getOutputStream().write(DONE);
            return remote;
        } catch (IOException e) {
            throw failed("the server at " + where() + " ended the exchange of addresses", e);
        }
    }

    /** By a channel, whose sockets an interrupt closes. */
    private Socket accept() {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.bind(new InetSocketAddress(settings.tcpPort), 1);
            return listener.accept().socket();
        } catch (IOException e) {
            throw failed("cannot listen on TCP port " + settings.tcpPort + ", give another with -p", e);
        }
    }

    private Socket connect() {
        IOException why = null;
        try {
            for (InetAddress address : InetAddress.getAllByName(settings.host)) {
                Socket socket = SocketChannel.open().socket();
                try {
                    socket.connect(new InetSocketAddress(address, settings.tcpPort), millis(settings.timeoutNanos));
                    return socket;
                } catch (IOException e) {
                    socket.close();
                    why = e;
                }
            }
        } catch (UnknownHostException e) {
            throw failed("the host '" + settings.host + "' is not known here", e);
        } catch (IOException e) {
            why = e;
        }
        String hint = why instanceof ConnectException ? ", start the server first" : "";
        throw failed("couldn't connect to " + where() + hint, why);
    }

    private String where() {
        return settings.host + ":" + settings.tcpPort;
    }

    /** All at once: the peer answers when it has read the last. */
    private void send(Socket socket, PingPongAddress[] own) throws IOException {
        byte[] all = new byte[settings.kind.addresses() * PingPongAddress.BYTES];
        for (int i = 0; i < settings.kind.addresses(); i++) {
            PingPongAddress address = i < own.length ? own[i] : PingPongAddress.NONE;
            System.arraycopy(address.encode(), 0, all, i * PingPongAddress.BYTES, PingPongAddress.BYTES);
        }
        socket.getOutputStream().write(all);
    }

    private PingPongAddress[] receive(Deadline deadline) throws IOException {
        PingPongAddress[] all = new PingPongAddress[settings.kind.addresses()];
        byte[] bytes = new byte[PingPongAddress.BYTES];
        int there = 0;
        for (int i = 0; i < all.length; i++) {
            deadline.read(bytes);
            all[i] = PingPongAddress.decode(bytes);
            there += all[i].equals(PingPongAddress.NONE) ? 0 : 1;
        }
        if (there != settings.queuePairs) {
            throw new RunFailedException("the peer has " + there + " queue pairs, this end " + settings.queuePairs
                    + ": give both the same -q");
        }
        for (int i = 0; i < settings.queuePairs; i++) {
            if (all[i].gid().low() == 0) {
                throw new RunFailedException("the peer sent no GID: start it with -g and the index of its address");
            }
        }
        return all;
    }

    private static RunFailedException failed(String sentence, IOException why) {
        String reason = why instanceof ClosedByInterruptException ? "interrupted" : why.getMessage();
        return new RunFailedException(sentence + " (" + reason + ")");
    }

    private static int millis(long nanos) {
        return (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
    }

    /** Reads until a time: how often something comes does not prolong it. */
    private final class Deadline {
        private final Socket socket;
        private final InputStream in;
        private final long start = System.nanoTime();

        Deadline(Socket socket) throws IOException {
            this.socket = socket;
            in = socket.getInputStream();
        }

        void read(byte[] bytes) throws IOException {
            int count = 0;
            while (count < bytes.length) {
                int more = readSome(bytes, count);
                if (more < 0) {
                    throw new IOException("it said " + count + " of " + bytes.length + " bytes");
                }
                count += more;
            }
        }

        private int readSome(byte[] bytes, int from) throws IOException {
            if (settings.timeoutNanos > 0) {
                long left = settings.timeoutNanos - (System.nanoTime() - start);
                if (left <= 0) {
                    throw new IOException(LATE); // also when something is there: it must all be
                }
                socket.setSoTimeout(millis(left));
            }
            try {
                return in.read(bytes, from, bytes.length - from);
            } catch (SocketTimeoutException e) {
                throw new IOException(LATE, e);
            }
        }
    }
}
