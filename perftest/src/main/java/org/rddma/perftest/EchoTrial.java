package org.rddma.perftest;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Context;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.VerbsException;

/**
 * One service of one style, from its creation to its end, with the clients at work in between. Only one is there at a time:
 * a service that polls would take the processor from the others.
 */
final class EchoTrial {
    private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final String device;
    private final EchoPlan plan;
    private final long patienceNanos;

    /** Trials that fail when nothing happens for so long. */
    EchoTrial(String device, EchoPlan plan, long patienceNanos) {
        this.device = device;
        this.plan = plan;
        this.patienceNanos = patienceNanos;
    }

    /**
     * What one trial measured.
     *
     * @param messagesPerSecond echoes of all clients together, their windows being full
     * @param roundTrips of one message at a time
     */
    record Result(double messagesPerSecond, Samples roundTrips) {}

    /** Measures throughput and round trips for so long each. */
    Result run(EchoStyle style, long nanos) {
        try (Context serviceContext = Verbs.open(device);
                Context clientContext = Verbs.open(device)) {
            EchoService service = style.create(plan, serviceContext);
            EchoClient client;
            Result result;
            try {
                client = new EchoClient(plan, clientContext, service::failure, patienceNanos);
                result = measure(service, client, nanos);
            } catch (RuntimeException | Error e) {
                closeAfter(e, service);
                throw e;
            }
            close(service);
            client.checkNothingIsLeft();
            if (service.failure() != null) {
                throw new RunFailedException("the service failed: " + service.failure());
            }
            return result;
        } catch (VerbsException | RunFailedException e) {
            throw new RunFailedException(style.title() + ": " + e.getMessage());
        }
    }

    private static Result measure(EchoService service, EchoClient client, long nanos) {
        client.connect(service.queuePairs());
        service.start();
        client.throughput(WARM_UP_NANOS);
        double messagesPerSecond = client.throughput(nanos);
        Samples samples = new Samples();
        client.roundTrips(WARM_UP_NANOS, samples);
        samples.clear();
        client.roundTrips(nanos, samples);
        return new Result(messagesPerSecond, samples);
    }

    private void closeAfter(Throwable failure, EchoService service) {
        try {
            close(service);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /** Closes a service in a thread of its own: one that does not end must not hold up the report of that. */
    private void close(EchoService service) {
        Throwable[] failure = new Throwable[1];
        Thread closer = new Thread(() -> closeInto(service, failure), "perftest-echo-close");
        closer.setDaemon(true);
        closer.start();
        try {
            closer.join(TimeUnit.NANOSECONDS.toMillis(patienceNanos) + 1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunFailedException("interrupted");
        }
        if (closer.isAlive()) {
            closer.interrupt();
            throw new RunFailedException("the service does not close");
        }
        if (failure[0] != null) {
            throw new RunFailedException("the service does not close: " + failure[0]);
        }
    }

    @SuppressWarnings("CatchingUnchecked") // whatever it is, it is reported
    private static void closeInto(EchoService service, Throwable[] failure) {
        try {
            service.close();
        } catch (Throwable e) {
            failure[0] = e;
        }
    }
}
