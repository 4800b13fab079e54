package org.rddma.verbs.app;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.VerbsException;

/**
 * What two programs tell each other out of band, over TCP, before their queue pairs are connected and whenever they want
 * to wait for each other. Both ends do the same steps in the same order: each step is a message of text from either
 * side, and is over when both have arrived. For one thread at a time, but for {@link #close()}, which is for any.
 *
 * <pre>{@code
 * try (PeerExchange peer = PeerExchange.connect(new InetSocketAddress(host, 18515), PeerExchangeOptions.DEFAULT)) {
 *     Map<String, String> its = peer.exchange(Map.of("size", "4096"));
 *     ...
 *     peer.barrier("done");
 * }
 * }</pre>
 *
 * <p>The peer is not trusted: it may say at most 65536 bytes a step, in lines of at most 4096, at most 1024 facts, and
 * has the timeout of the options for all of it. There is no encryption, and nobody proves who it is: that is what the
 * network between the two programs is trusted with, as it is with the traffic itself.
 *
 * <p>Every step can fail with these, and then the connection is closed, which the peer notices: EPROTO when the peer
 * says something else than it must, ECONNRESET when it ends the connection, ETIMEDOUT when the timeout has passed, EINTR
 * when the thread is interrupted, and stays so, ECANCELED when another thread closes this. EBADF says that it is closed,
 * EBUSY that another thread is in a step; EINVAL is an argument that is refused before anything is sent.
 */
public final class PeerExchange implements AutoCloseable {
    private static final int CHUNK = 8192;

    private final SocketChannel channel;
    private final PeerWait wait;
    private final PeerExchangeOptions options;
    private final InetSocketAddress peer;

    /** What has come and was not taken: a peer that has finished a step may be in the next already. */
    private final ByteBuffer received = ByteBuffer.allocate(CHUNK).flip();

    PeerExchange(SocketChannel channel, PeerExchangeOptions options) throws IOException {
        this.channel = channel;
        this.options = options;
        wait = new PeerWait("this exchange", channel);
        try {
            channel.socket().setTcpNoDelay(true); // each message is one that the peer waits for
            channel.socket().setKeepAlive(true);
            peer = (InetSocketAddress) channel.getRemoteAddress();
        } catch (SocketException e) {
            wait.close();
            throw e;
        }
    }

    /**
     * Waits for peers on an address.
     *
     * @param address where; with port 0 the system chooses one, see {@link Listener#address()}
     * @param options for the peers that come
     * @return a listener, to be closed
     * @throws VerbsException EINVAL when an argument is null or the address's name is not known; EADDRINUSE when
     *     another program listens there; EADDRNOTAVAIL when the host does not have the address; EACCES when the port is
     *     reserved; EMFILE when the process has no descriptor left
     */
    public static Listener listen(InetSocketAddress address, PeerExchangeOptions options) {
        return new Listener(address, options);
    }

    /**
     * Connects to a peer that listens. While nobody does, tries again until the timeout has passed: either program may
     * be started first.
     *
     * @param address of the peer
     * @param options how long to try, and for the steps after
     * @return the connection, to be closed
     * @throws VerbsException EINVAL when an argument is null or the host's name is not known; ECONNREFUSED when nobody
     *     listened there until the timeout; ETIMEDOUT when the host did not answer; EHOSTUNREACH or ENETUNREACH when
     *     there is no way to it; EINTR when interrupted, and the interrupt stays set
     */
    public static PeerExchange connect(InetSocketAddress address, PeerExchangeOptions options) {
        return PeerConnector.connect(address, options);
    }

    /**
     * Tells the peer facts, and learns its facts: both call this.
     *
     * @param own up to 1024; keys of 1 to 64 letters, digits, dots, underlines and dashes, values of one line; read,
     *     not kept
     * @return what the peer said, unmodifiable, in its order
     * @throws VerbsException EINVAL when a key or value is null or cannot be sent; otherwise as every step (see above)
     */
    public Map<String, String> exchange(Map<String, String> own) {
        String verb = "PeerExchange.exchange";
        if (own == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the facts are null");
        }
        return step(verb, PeerMessage.FACTS, own);
    }

    /**
     * Waits until the peer is at the same place.
     *
     * @param name of the place, one line of at most 256 bytes; the peer must give the same
     * @throws VerbsException EINVAL when the name is null or not one line; EPROTO when the peer is at another place;
     *     otherwise as every step (see above)
     */
    public void barrier(String name) {
        String verb = "PeerExchange.barrier";
        PeerMessage.checkText(verb, "the name", name, 256);
        step(verb, PeerMessage.BARRIER + name, Map.of());
    }

    /**
     * Tells the peer of a queue pair and memory, and learns of its: both call this.
     *
     * @param own see {@link RemoteEndpoint#of}
     * @return what the peer said
     * @throws VerbsException EINVAL when it is null, or offers more than 338 pieces of memory; EPROTO also when the peer
     *     exchanges something else; otherwise as every step (see above)
     */
    public RemoteEndpoint exchange(RemoteEndpoint own) {
        String verb = "PeerExchange.exchange";
        if (own == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the endpoint is null");
        }
        return exchange(verb, own);
    }

    /**
     * Connects a queue pair to the one with which the peer calls this: tells the peer of it and of the memory offered,
     * takes it through INIT and RTR to RTS with the smaller MTU and no more reads than the other end serves, otherwise
     * as {@link Endpoint#connect(QueuePair)}, and waits until the peer's can receive as well. A datagram queue pair
     * is made ready with {@link Endpoint#QKEY}; its messages are addressed to what is returned.
     *
     * <p>When this returns, the peer may send. Who has to have receives posted by then takes the queue pair to INIT and
     * posts them before.
     *
     * @param queuePair in state RESET, or in INIT
     * @param offered what the peer may use of the own memory, by the rights of the regions; up to 338
     * @return the peer's queue pair and memory
     * @throws VerbsException EINVAL when something is null or the queue pair is in another state: nothing has been sent
     *     then; EPROTO also when the peer connects another type of queue pair; otherwise as every step (see above), and as
     *     {@link QueuePair#modify}: then the queue pair is between RESET and RTS, and {@link #close()} tells the peer
     */
    public RemoteEndpoint connect(QueuePair queuePair, MemoryRegion... offered) {
        String verb = "PeerExchange.connect";
        RemoteEndpoint own = RemoteEndpoint.of(queuePair, options, offered);
        QueuePairState state = queuePair.state();
        if (state != QueuePairState.RESET && state != QueuePairState.INIT) {
            throw new VerbsException(
                    verb, Errno.EINVAL, "the queue pair is in state " + state + ": connect it in RESET or INIT");
        }
        RemoteEndpoint remote = exchange(verb, own);
        if (!own.fits(remote)) {
            close();
            throw new VerbsException(
                    verb,
                    Errno.EPROTO,
                    "the peer connects a queue pair of type " + remote.type() + ", this end one of type " + own.type()
                            + ": both must be of one type, or XRC_SEND and XRC_RECV");
        }
        int psn = own.endpoint().psn();
        if (own.type() == QueuePairType.UD) {
            Endpoint.activate(queuePair, psn, options.devicePort());
        } else {
            remote.endpoint().connect(queuePair, psn, own.termsWith(remote, options));
        }
        step(verb, PeerMessage.BARRIER + "connected", Map.of());
        return remote;
    }

    private RemoteEndpoint exchange(String verb, RemoteEndpoint own) {
        Map<String, String> facts = step(verb, PeerMessage.FACTS, EndpointFacts.of(own));
        try {
            return EndpointFacts.read(verb, facts);
        } catch (VerbsException e) {
            close();
            throw e;
        }
    }

    /**
     * Where the peer is.
     *
     * @return its TCP address
     */
    public InetSocketAddress peerAddress() {
        return peer;
    }

    /** Whether some thread is in a step. */
    boolean isBusy() {
        return wait.isBusy();
    }

    /** Ends the connection, and a step in which another thread is. Closing again does nothing. */
    @Override
    public void close() {
        wait.close();
    }

    /** Sends one message and takes one, both at once: neither end may have to wait for the other's buffers. */
    private Map<String, String> step(String verb, String step, Map<String, String> facts) {
        ByteBuffer out = ByteBuffer.wrap(PeerMessage.encode(verb, step, facts));
        PeerMessage in = new PeerMessage(verb);
        wait.enter(verb, options.timeout());
        boolean over = false;
        try {
            swap(verb, out, in, step);
            if (!in.step().equals(step)) {
                throw in.wrong("is at " + PeerMessage.quoted(in.step()) + ", this end at '" + step
                        + "': both programs must do the same steps in the same order");
            }
            over = true;
            return in.facts();
        } finally {
            if (!over) {
                wait.abandon();
            }
            wait.leave();
        }
    }

    private void swap(String verb, ByteBuffer out, PeerMessage in, String step) {
        try {
            in.take(received);
            while (out.hasRemaining() || !in.isComplete()) {
                int wanted =
                        (out.hasRemaining() ? SelectionKey.OP_WRITE : 0) | (in.isComplete() ? 0 : SelectionKey.OP_READ);
                int ready = wait.await(wanted, "the peer's message of the step '" + step + "'");
                if ((ready & SelectionKey.OP_WRITE) != 0) {
                    channel.write(out);
                }
                if ((ready & SelectionKey.OP_READ) != 0) {
                    receive(verb, in);
                }
            }
        } catch (IOException e) {
            throw new VerbsException(
                    verb,
                    Errno.ECONNRESET,
                    "the connection to " + peer + " broke (" + e.getMessage() + "): see why the peer ended",
                    e);
        }
    }

    private void receive(String verb, PeerMessage in) throws IOException {
        received.clear();
        int count;
        try {
            count = channel.read(received);
        } finally {
            received.flip();
        }
        if (count < 0) {
            throw new VerbsException(
                    verb,
                    Errno.ECONNRESET,
                    "the peer " + peer + " ended the connection "
                            + (in.isEmpty() ? "before its message" : "in the middle of its message")
                            + ": see why it ended");
        }
        in.take(received);
    }

    /** Waits for peers; made by {@link PeerExchange#listen}. For one thread at a time, but for {@link #close()}. */
    public static final class Listener implements AutoCloseable {
        private final ServerSocketChannel channel;
        private final PeerExchangeOptions options;
        private final PeerWait wait;
        private final InetSocketAddress address;

        private Listener(InetSocketAddress address, PeerExchangeOptions options) {
            this.options = options;
            channel = PeerConnector.bind(address, options);
            try {
                wait = new PeerWait("this listener", channel);
                this.address = (InetSocketAddress) channel.getLocalAddress();
            } catch (IOException e) {
                throw PeerConnector.failed("PeerExchange.listen", address, e);
            }
        }

        /**
         * Waits for the next peer, as long as it takes.
         *
         * @return the connection to it, to be closed; what the peer is shows the first step
         * @throws VerbsException EINTR when interrupted, and the interrupt stays set; ECANCELED when another thread
         *     closes this; EBADF when it is closed; EBUSY when another thread waits; EMFILE when the process has no
         *     descriptor left
         */
        public PeerExchange accept() {
            return acceptWithin(null);
        }

        /**
         * Waits for the next peer.
         *
         * @param timeout how long at most; the listener stays as it is when it has passed
         * @return the connection to it, to be closed
         * @throws VerbsException ETIMEDOUT when nobody came; EINVAL when the timeout is null; otherwise as {@link
         *     #accept()}
         */
        public PeerExchange accept(Duration timeout) {
            if (timeout == null) {
                throw new VerbsException("PeerExchange.accept", Errno.EINVAL, "the timeout is null");
            }
            return acceptWithin(timeout);
        }

        private PeerExchange acceptWithin(Duration timeout) {
            String verb = "PeerExchange.accept";
            wait.enter(verb, timeout);
            try {
                while (true) {
                    SocketChannel accepted = channel.accept();
                    if (accepted != null) {
                        return new PeerExchange(accepted, options);
                    }
                    wait.await(SelectionKey.OP_ACCEPT, "a peer");
                }
            } catch (IOException e) {
                throw PeerConnector.failed(verb, address, e);
            } finally {
                wait.leave();
            }
        }

        /**
         * Where it listens.
         *
         * @return the address with its real port
         */
        public InetSocketAddress address() {
            return address;
        }

        /** Whether some thread waits for a peer. */
        boolean isBusy() {
            return wait.isBusy();
        }

        /** Ends listening, and wakes a thread that waits. Closing again does nothing. */
        @Override
        public void close() {
            wait.close();
        }
    }
}
