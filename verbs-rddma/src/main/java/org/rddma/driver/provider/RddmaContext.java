package org.rddma.driver.provider;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.rddma.driver.Command;
import org.rddma.driver.Commands;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.GidEntry;
import org.rddma.verbs.GidType;
import org.rddma.verbs.PortAttributes;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.ThreadDomain;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.spi.AbstractContext;
import org.rddma.verbs.spi.CompletionQueueRules;
import org.rddma.verbs.spi.DeliveryVector;
import org.rddma.verbs.spi.DeviceClock;
import org.rddma.verbs.spi.PathRules;
import org.rddma.verbs.spi.QueuePairStateRecord;
import org.rddma.verbs.spi.ThreadedRetryTimer;

/**
 * An open RDDMA device: one open file of the driver, and one thread that takes its replies.
 *
 * <p>How long the driver may take for one command says the system property {@code rddma.timeout}, in milliseconds
 * (10000 by default): a set-up command that takes longer fails with ETIMEDOUT, a work request completes with
 * RETRY_EXC_ERR. When the driver goes away, the context is as one whose device was unplugged: DEVICE_FATAL, then EIO.
 */
public final class RddmaContext extends AbstractContext {
    private static final int TRIES = 64;
    private static final long DEFAULT_TIMEOUT_MILLIS = 10_000;
    private static final String OPEN = "open";

    private final RddmaDevice device;
    private final DriverSession session;
    private final SharedBuffers buffers;
    private final ThreadedRetryTimer timer;
    private final DeviceClock clock = DeviceClock.system();
    private final AtomicInteger domains = new AtomicInteger();
    private final Set<QueuePairEngine> queuePairs = ConcurrentHashMap.newKeySet();
    private final long timeoutNanos;
    private int number;
    private RegionDirectory regions;

    private RddmaContext(RddmaDevice device, DriverFile file, String label) {
        super(label, device, device.attributes().capabilities(), vectors());
        this.device = device;
        timeoutNanos =
                TimeUnit.MILLISECONDS.toNanos(Math.max(1, Long.getLong("rddma.timeout", DEFAULT_TIMEOUT_MILLIS)));
        timer = new ThreadedRetryTimer(label + " retry timer");
        session = new DriverSession(file, label + " dispatcher", timeoutNanos, this::checkTime, this::driverLost);
        buffers = new SharedBuffers(session);
    }

    static RddmaContext open(RddmaDevice device, DriverFile file, String label) {
        RddmaContext context;
        try {
            context = new RddmaContext(device, file, label);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
        try {
            context.session.start();
            context.settleDown();
            return context;
        } catch (RuntimeException | Error e) {
            context.close();
            throw e;
        }
    }

    private static List<DeliveryVector> vectors() {
        List<DeliveryVector> vectors = new ArrayList<>();
        for (int i = 0; i < RddmaDevice.vectors(); i++) {
            vectors.add(DeliveryVector.inline(i));
        }
        return vectors;
    }

    /** Finds or makes the location of everything, and a number of its own. */
    private void settleDown() {
        Command find = Commands.locationFind(Names.LOCATION, org.rddma.driver.Options.NONE);
        Command make = Commands.locationCreate(
                Names.LOCATION,
                java.util.OptionalLong.empty(),
                java.util.OptionalLong.empty(),
                Commands.locationOptions(false, "rddma_fabric_rionet", "rddma_rio_dma"));
        if (session.call(OPEN, find).result() != 0 && session.call(OPEN, make).result() != 0) {
            Call unused = session.require(OPEN, find); // another process may have been faster
        }
        for (int i = 0; i < TRIES; i++) {
            int candidate = ThreadLocalRandom.current().nextInt(1, 1 << 24);
            var memory =
                    buffers.create(Names.directory(candidate), RegionDirectory.bytes(RddmaDevice.MOST_REGIONS), OPEN);
            if (memory != null) {
                number = candidate;
                regions = RegionDirectory.create(memory, candidate);
                return;
            }
        }
        throw new VerbsException(OPEN, Errno.ENOMEM, "the driver has no number left for another context");
    }

    @Override
    public RddmaDevice device() {
        return device;
    }

    @Override
    public PortAttributes queryPort(int port) {
        requirePort("queryPort", port);
        return RddmaDevice.portAttributes();
    }

    @Override
    public Gid queryGid(int port, int index) {
        requirePort("queryGid", port);
        PathRules.checkGidIndex("queryGid", index, RddmaDevice.GID_TABLE_LENGTH);
        return index == 0 ? device.gid() : Gid.ZERO;
    }

    @Override
    public List<GidEntry> queryGidTable() {
        requireOpen("queryGidTable");
        return List.of(new GidEntry(1, 0, device.gid(), GidType.ROCE_V2));
    }

    @Override
    public int queryPkey(int port, int index) {
        requirePort("queryPkey", port);
        PathRules.checkPkeyIndex("queryPkey", index);
        return RddmaDevice.DEFAULT_PKEY;
    }

    private void requirePort(String verb, int port) {
        requireOpen(verb);
        PathRules.checkPort(verb, port);
    }

    @Override
    public RddmaProtectionDomain allocateProtectionDomain() {
        String verb = "allocateProtectionDomain";
        return create(
                verb,
                device.protectionDomains,
                () -> new RddmaProtectionDomain(this, label("protection domain"), domains.incrementAndGet()));
    }

    @Override
    public RddmaCompletionChannel createCompletionChannel() {
        String verb = "createCompletionChannel";
        return create(
                verb, device.completionChannels, () -> new RddmaCompletionChannel(this, label("completion channel")));
    }

    @Override
    public RddmaCompletionQueue createCompletionQueue(int entries) {
        return createCompletionQueue(new CompletionQueueAttributes().entries(entries));
    }

    @Override
    public RddmaCompletionQueue createCompletionQueue(CompletionQueueAttributes attributes) {
        String verb = "createCompletionQueue";
        requireOpen(verb);
        if (attributes == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the attributes are null");
        }
        CompletionQueueRules.checkCreate(attributes, device.attributes());
        RddmaCompletionChannel channel = attributes.channel() == null
                ? null
                : own(
                        verb,
                        "channel",
                        attributes.channel(),
                        RddmaCompletionChannel.class,
                        RddmaCompletionChannel::context);
        DeliveryVector vector = vector(verb, attributes.vector());
        return create(
                verb,
                device.completionQueues,
                () -> new RddmaCompletionQueue(this, label("completion queue"), attributes, channel, vector));
    }

    @Override
    public RddmaProtectionDomain allocateParentDomain(ProtectionDomain domain, ThreadDomain threadDomain) {
        throw VerbsException.unsupported("allocateParentDomain", Capability.THREAD_DOMAIN);
    }

    @Override
    public long queryRawClock() {
        requireOpen("queryRawClock");
        return clock.rawTicks();
    }

    /** The dispatcher, and the timer's while something must be tried again. */
    @Override
    public List<Thread> threads() {
        List<Thread> threads = super.threads();
        if (session.thread().isAlive()) {
            threads.add(session.thread());
        }
        threads.addAll(timer.threads());
        return threads;
    }

    @Override
    protected void release() {
        timer.close();
        try {
            if (regions != null) {
                regions.end();
                buffers.delete(Names.directory(number), "close");
            }
        } catch (VerbsException e) {
            // the driver does not answer, or is gone: nothing can be given back to it
        } finally {
            session.close();
        }
    }

    private void driverLost() {
        // not in the dispatcher, which those wait for who close meanwhile
        var unused = timer.schedule(this::disassociate, 0);
    }

    private void checkTime() {
        long now = System.nanoTime();
        queuePairs.forEach(engine -> engine.checkTime(now));
    }

    // ---- for its objects

    DriverSession session() {
        return session;
    }

    SharedBuffers buffers() {
        return buffers;
    }

    RegionDirectory regions() {
        return regions;
    }

    int number() {
        return number;
    }

    ThreadedRetryTimer timer() {
        return timer;
    }

    DeviceClock clock() {
        return clock;
    }

    long timeoutNanos() {
        return timeoutNanos;
    }

    void attach(QueuePairEngine engine) {
        queuePairs.add(engine);
    }

    void detach(QueuePairEngine engine) {
        queuePairs.remove(engine);
    }

    static void failAll(Set<QueuePairEngine> engines) {
        engines.stream()
                .sorted(Comparator.comparingInt(QueuePairEngine::number))
                .forEach(engine -> engine.failFromOutside(QueuePairStateRecord.OVERRUN));
    }
}
