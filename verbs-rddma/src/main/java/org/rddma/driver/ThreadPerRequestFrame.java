package org.rddma.driver;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * A ready-made frame for a program that serves each request in a thread: a thread does its commands one after the
 * other, many threads do so at once, and all share one descriptor.
 *
 * <p>This is the style of the multi-threaded application whose threads are synchronous each, of the document on
 * RDDMA's interface ({@code rddma-api.txt}), on the out-of-order mode ({@link AsyncConnection}). It holds on a real
 * device as over the emulator.
 *
 * <p>Safe for use by any number of threads.
 */
public final class ThreadPerRequestFrame implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final AsyncConnection connection;
    private final ExecutorService threads;

    /**
     * What serves a request.
     *
     * @param <T> what comes of it
     */
    @FunctionalInterface
    public interface Service<T> {
        /**
         * Serves it, in a thread of the frame.
         *
         * @param handle this request's own, closed when it has been served
         * @return what comes of it
         * @throws Exception what the request then fails with
         */
        T serve(AsyncHandle handle) throws Exception;
    }

    /**
     * On a connection, which is closed with the frame, and whose dispatcher the frame starts.
     *
     * @param connection without a dispatcher
     * @param threads how many requests are served at once; more wait for their turn
     */
    public ThreadPerRequestFrame(AsyncConnection connection, int threads) {
        requireThreads(threads);
        this.connection = connection;
        int number = NUMBERS.incrementAndGet();
        this.threads = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "rddma request " + number);
            thread.setDaemon(true);
            return thread;
        });
        connection.startDispatcher();
    }

    /**
     * On a connection of its own.
     *
     * @param path as for {@link AsyncConnection#open}
     * @param threads how many requests are served at once; more wait for their turn
     * @return the frame
     */
    public static ThreadPerRequestFrame open(String path, int threads) {
        requireThreads(threads);
        return new ThreadPerRequestFrame(AsyncConnection.open(path), threads);
    }

    private static void requireThreads(int threads) {
        if (threads < 1) {
            throw new VerbsException("open", Errno.EINVAL, "1 thread or more serve requests, not " + threads);
        }
    }

    /**
     * Serves a request.
     *
     * @param <T> what comes of it
     * @param service what is done, in a thread of the frame
     * @return completed with what it returns or throws; cancelled when the frame is closed before it began
     * @throws VerbsException EBADF when the frame is closed
     */
    public <T> CompletableFuture<T> submit(Service<T> service) {
        Objects.requireNonNull(service, "service");
        Request<T> request = new Request<>(service);
        try {
            threads.execute(request);
        } catch (RejectedExecutionException e) {
            throw new VerbsException("submit", Errno.EBADF, "the frame is closed", e);
        }
        return request.result;
    }

    private final class Request<T> implements Runnable {
        private final Service<T> service;
        private final CompletableFuture<T> result = new CompletableFuture<>();

        Request(Service<T> service) {
            this.service = service;
        }

        @Override
        public void run() {
            try (AsyncHandle handle = connection.handle()) {
                result.complete(service.serve(handle));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                result.completeExceptionally(e);
            } catch (Exception | Error e) { // whatever it is, it belongs to the one who asked
                result.completeExceptionally(e);
            }
        }

        void cancel() {
            result.completeExceptionally(new CancellationException("the frame is closed"));
        }
    }

    /**
     * What became of the replies.
     *
     * @return a snapshot
     */
    public ReplyCounters counters() {
        return connection.counters();
    }

    /**
     * Closes it and its connection, once: those that are served are interrupted, and their commands end with EBADF;
     * those that wait for their turn are cancelled. Does not wait for services that go on.
     */
    @Override
    public void close() {
        for (Runnable waiting : threads.shutdownNow()) {
            ((Request<?>) waiting).cancel();
        }
        connection.close();
    }

    /**
     * Waits until all threads have ended after a close.
     *
     * @param timeout how long
     * @param unit of the timeout
     * @return false after the time
     * @throws InterruptedException when the thread is interrupted
     */
    public boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
        return threads.awaitTermination(timeout, unit);
    }
}
