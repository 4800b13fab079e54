package org.rddma.perftest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;

/** Reads, writes and counts in its peer's memory, and lets the peer do the same here: the steps of .ci/rxe_peer.py. */
final class KernelPeer implements AutoCloseable {
    private static final int BYTES = 1 << 17;
    private static final int[] SIZES = {1, 7, 64, 1023, 1024, 1025, 4096, 4097, 65536};
    private static final int PSN = 0xFFFFF0; // so that the numbers begin anew soon
    private static final int IMMEDIATE = 0x01020304;
    private static final int RIGHTS =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;

    private final BufferedReader in;
    private final Writer out;
    private final Context context;
    private final CompletionQueue queue;
    private final MemoryRegion memory;
    private final MemoryRegion local;
    private final QueuePair pair;
    private final long address;
    private final int key;

    KernelPeer(String device, Mtu mtu, Socket stream) throws IOException {
        in = new BufferedReader(new InputStreamReader(stream.getInputStream(), StandardCharsets.US_ASCII));
        out = new java.io.OutputStreamWriter(stream.getOutputStream(), StandardCharsets.US_ASCII);
        context = Verbs.open(device);
        ProtectionDomain domain = context.allocateProtectionDomain();
        queue = context.createCompletionQueue(64);
        memory = domain.allocateMemory(BYTES, RIGHTS);
        local = domain.allocateMemory(BYTES, RIGHTS);
        pair = domain.createQueuePair(new QueuePairInitAttributes()
                .type(QueuePairType.RC)
                .completionQueue(queue)
                .maxSendRequests(16)
                .maxReceiveRequests(16)
                .signalAll(true));
        say(pair.number() + " " + PSN + " "
                + HexFormat.of().formatHex(context.queryGid(1, 0).toBytes()) + " " + memory.address() + " "
                + Integer.toUnsignedString(memory.rkey()));
        String[] peer = hear().split(" ", -1);
        address = Long.parseUnsignedLong(peer[3]);
        key = Integer.parseUnsignedInt(peer[4]);
        pair.modify(new QueuePairAttributes()
                .state(QueuePairState.INIT)
                .pkeyIndex(0)
                .port(1)
                .accessFlags(RIGHTS));
        pair.modify(new QueuePairAttributes()
                .state(QueuePairState.RTR)
                .addressVector(AddressVector.to(Gid.of(HexFormat.of().parseHex(peer[2]))))
                .pathMtu(mtu)
                .destinationQueuePair(Integer.parseInt(peer[0]))
                .rqPsn(Integer.parseInt(peer[1]))
                .maxDestReadAtomic(4)
                .minRnrTimer(12));
        pair.modify(new QueuePairAttributes()
                .state(QueuePairState.RTS)
                .timeout(14)
                .retryCount(7)
                .rnrRetry(7)
                .sqPsn(PSN)
                .maxReadAtomic(4));
        say("ready");
        expect("ready");
    }

    private static byte pattern(int index, int seed) {
        return (byte) (index * 31 + (index >> 8) + seed);
    }

    private static void fill(MemoryRegion region, int size, int seed) {
        ByteBuffer bytes = region.buffer();
        for (int i = 0; i < size; i++) {
            bytes.put(i, pattern(i, seed));
        }
    }

    private static void check(MemoryRegion region, int size, int seed, String what) {
        ByteBuffer bytes = region.buffer();
        for (int i = 0; i < size; i++) {
            check(bytes.get(i) == pattern(i, seed), what + ", " + size + " bytes, at " + i);
        }
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError("wrong: " + what);
        }
    }

    private static long word(MemoryRegion region) {
        return region.buffer().order(ByteOrder.nativeOrder()).getLong(0);
    }

    private void say(String line) throws IOException {
        out.write(line + "\n");
        out.flush();
    }

    private String hear() throws IOException {
        String line = in.readLine();
        check(line != null, "the peer has gone");
        return line;
    }

    private void expect(String line) throws IOException {
        String heard = hear();
        check(heard.equals(line), "'" + line + "' was expected, and '" + heard + "' came");
    }

    private WorkCompletion completion() {
        WorkCompletion completion = new WorkCompletion();
        long start = System.nanoTime();
        while (!queue.poll(completion)) {
            check(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(60), "no completion");
            Thread.yield();
        }
        check(completion.isSuccess(), completion.toString());
        return completion;
    }

    private ScatterGatherElement piece(int size) {
        return new ScatterGatherElement(local, 0, size);
    }

    private void post(SendRequest request, int size) {
        check(pair.postSend(request.sge(piece(size))) == null, "no room");
        WorkCompletion unused = completion();
    }

    void initiate() throws IOException {
        expect("filled");
        for (int size : SIZES) {
            fill(local, size, 0);
            post(new SendRequest().read(address, key), size);
            check(local, size, 3, "what was read");
        }
        for (int size : SIZES) {
            fill(local, size, size);
            post(new SendRequest().write(address, key), size);
            say("written " + size);
            expect("ok");
        }
        say("immediate");
        expect("posted");
        fill(local, 5000, 9);
        post(new SendRequest().writeWithImmediate(address, key, IMMEDIATE), 5000);
        expect("ok");
        say("atomics");
        expect("posted");
        post(new SendRequest().fetchAndAdd(address, key, 5), 8);
        check(word(local) == 1000, "what a fetch-and-add found: " + word(local));
        post(new SendRequest().compareAndSwap(address, key, 1005, 77), 8);
        check(word(local) == 1005, "what a compare-and-swap found: " + word(local));
        post(new SendRequest().compareAndSwap(address, key, 1, 2), 8);
        check(word(local) == 77, "what a second compare-and-swap found: " + word(local));
        say("counted");
        expect("ok");
    }

    void serve() throws IOException {
        fill(memory, BYTES, 3);
        say("filled");
        for (int size : SIZES) {
            expect("written " + size);
            check(memory, size, size, "what was written");
            say("ok");
        }
        expect("immediate");
        check(pair.postReceive(new ReceiveRequest(1, piece(64))) == null, "no room");
        say("posted");
        WorkCompletion completion = completion();
        check(
                completion.opcode() == WorkCompletionOpcode.RECV_RDMA_WITH_IMM && completion.immediate() == IMMEDIATE,
                "immediate data: " + completion);
        check(memory, 5000, 9, "what was written with immediate data");
        say("ok");
        expect("atomics");
        memory.buffer().order(ByteOrder.nativeOrder()).putLong(0, 1000);
        say("posted");
        expect("counted");
        check(word(memory) == 77, "what atomics left: " + word(memory));
        say("ok");
    }

    @Override
    public void close() {
        context.close();
    }
}
