package org.rddma.softdev;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;

/**
 * The other process of {@link RoceProcessesTest}: sends back what it receives, and on request says the check sum of its
 * memory. Its answers are lines on the standard output; it ends with its standard input.
 */
final class RocePeerProgram {
    static final int SLOTS = 4;
    static final int SLOT_BYTES = RoceStation.PART / SLOTS;

    private RocePeerProgram() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (RoceStation station = new RoceStation(SoftDevice.open(arguments[0]))) {
            System.out.println(station.facts());
            station.connect(in.readLine());
            for (QueuePairType type : RoceStation.TYPES) {
                post(station, type);
            }
            System.out.println("ready");
            AtomicBoolean ended = new AtomicBoolean();
            Thread echo = new Thread(() -> echo(station, ended), "echo");
            echo.start();
            String line;
            while ((line = in.readLine()) != null) {
                System.out.println(station.sum(2 * RoceStation.PART, Integer.parseInt(line)));
            }
            ended.set(true);
            echo.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One receive of each type at a time: they share the memory. */
    private static void post(RoceStation station, QueuePairType type) {
        station.receive(type, RoceStation.TYPES.indexOf(type), SLOT_BYTES);
    }

    private static void echo(RoceStation station, AtomicBoolean ended) {
        WorkCompletion completion = new WorkCompletion();
        while (!ended.get()) {
            if (!station.queue.poll(completion)) {
                Thread.onSpinWait();
            } else if (!completion.isSuccess()) {
                System.out.println("failed: " + completion);
                return;
            } else if (completion.opcode() != WorkCompletionOpcode.SEND) {
                answer(station, completion);
            } else { // its memory is free again
                post(station, RoceStation.TYPES.get((int) completion.wrId()));
            }
        }
    }

    private static void answer(RoceStation station, WorkCompletion received) {
        int slot = (int) received.wrId();
        QueuePairType type = RoceStation.TYPES.get(slot);
        int header = type == QueuePairType.UD ? RoceStation.HEADER : 0;
        boolean wasWritten = received.opcode() == WorkCompletionOpcode.RECV_RDMA_WITH_IMM;
        int length = wasWritten ? 0 : (int) received.byteLength() - header;
        SendRequest back = new SendRequest()
                .wrId(slot)
                .flags(SendFlags.SIGNALED)
                .sge(new ScatterGatherElement(station.memory, RoceStation.PART + slot * SLOT_BYTES + header, length));
        if ((received.flags() & WorkCompletionFlags.WITH_IMM) != 0) {
            back.sendWithImmediate(received.immediate() + 1);
        } else {
            back.send();
        }
        if (type == QueuePairType.UD) {
            back.datagram(station.wayToPeer(), received.sourceQueuePair(), RoceStation.QKEY);
        }
        if (station.pair(type).postSend(back) != null) {
            throw new IllegalStateException("no room for an answer");
        }
    }
}
