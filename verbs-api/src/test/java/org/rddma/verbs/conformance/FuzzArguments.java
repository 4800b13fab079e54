package org.rddma.verbs.conformance;

import java.nio.ByteBuffer;
import java.util.Random;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Context;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkRequestOpcode;

/** Arguments for verbs: legal ones, corner cases and nonsense. */
final class FuzzArguments {
    private static final int[] CORNERS = {0, 1, -1, 2, 7, 8, 64, 4096, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 24};

    private final FuzzWorld world;
    private final Random random;

    FuzzArguments(FuzzWorld world, Random random) {
        this.world = world;
        this.random = random;
    }

    int number() {
        return switch (random.nextInt(4)) {
            case 0 -> CORNERS[random.nextInt(CORNERS.length)];
            case 1 -> random.nextInt();
            default -> random.nextInt(64);
        };
    }

    /** Small where it is legal, so that memory lasts. */
    int size() {
        return random.nextInt(8) == 0 ? CORNERS[random.nextInt(CORNERS.length)] : 1 + random.nextInt(200);
    }

    <E extends Enum<E>> E any(E[] values) {
        return random.nextInt(40) == 0 ? null : values[random.nextInt(values.length)];
    }

    int flags(int known) {
        return random.nextInt(10) == 0 ? number() : random.nextInt() & known;
    }

    Gid gid() {
        Context context = world.contexts.any(random);
        return context == null || random.nextInt(10) == 0
                ? new Gid(random.nextLong(), random.nextInt(3))
                : Wiring.gidOf(context);
    }

    AddressVector vector() {
        return random.nextInt(4) == 0
                ? new AddressVector(gid(), number(), number(), number(), number(), number(), number())
                : AddressVector.to(gid());
    }

    MemoryRegion regionOf(QueuePair pair) {
        return world.regions.suiting(random, region -> region.protectionDomain() == pair.protectionDomain());
    }

    ScatterGatherElement element(QueuePair pair) {
        MemoryRegion region = regionOf(pair);
        if (region == null || random.nextInt(20) == 0) {
            return random.nextBoolean() ? null : new ScatterGatherElement().set(random.nextLong(), number(), number());
        }
        return random.nextInt(10) == 0
                ? new ScatterGatherElement(region, number(), number())
                : new ScatterGatherElement(region, 0, random.nextInt(region.length() + 1));
    }

    ScatterGatherElement[] elements(QueuePair pair) {
        ScatterGatherElement[] elements = new ScatterGatherElement[random.nextInt(4)];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = element(pair);
        }
        return elements;
    }

    SendRequest send(QueuePair pair, int behind) {
        MemoryRegion target = regionOf(pair);
        QueuePair peer = world.pairs.any(random);
        SendRequest request = new SendRequest()
                .wrId(random.nextLong())
                .sges(elements(pair))
                .datagram(world.handles.any(random), peer == null ? number() : peer.number(), number());
        long address = target == null ? random.nextLong() : target.address() + (random.nextInt(5) == 0 ? number() : 0);
        int key = target == null ? number() : target.rkey();
        request.compareAndSwap(address, key, random.nextLong(), random.nextLong());
        if (random.nextInt(10) == 0) {
            request.inlineData(ByteBuffer.allocate(random.nextInt(100)));
        }
        return request.opcode(WorkRequestOpcode.of(random.nextInt(random.nextInt(10) == 0 ? 16 : 7)))
                .flags(flags(7) | (random.nextInt(8) == 0 ? SendFlags.INLINE : 0))
                .next(behind == 0 ? null : send(pair, behind - 1));
    }

    ReceiveRequest receive(QueuePair pair, int behind) {
        return new ReceiveRequest()
                .wrId(random.nextLong())
                .sges(elements(pair))
                .next(behind == 0 ? null : receive(pair, behind - 1));
    }
}
