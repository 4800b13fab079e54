package org.rddma.perftest.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.rddma.perftest.WriteLoop;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;

/** The calls of a program that knows the interfaces. Word for word as {@link DirectBenchmark}, but for the types. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class InterfaceBenchmark {
    /** How it comes to its objects. */
    @Param({"ONE", "FOUR", "TRACED", "VALIDATED"})
    public Through through;

    private Context context;
    private CompletionQueue queue;
    private QueuePair pair;
    private final WorkCompletion[] completions = WorkCompletion.array(WriteLoop.DEPTH);
    private final WorkCompletion completion = new WorkCompletion();
    private SendRequest write;
    private SendRequest chain;

    /** Opens the device. */
    @Setup
    public void open() {
        context = through.open();
        WriteLoop loop = new WriteLoop(context);
        queue = loop.queue;
        pair = loop.pair;
        write = loop.write();
        chain = loop.chain();
    }

    /** Closes it. */
    @TearDown
    public void close() {
        context.close();
    }

    /** Polls a queue that is empty. */
    @Benchmark
    public int emptyPoll() {
        return queue.poll(completions);
    }

    /** Posts a write, polls its completion. */
    @Benchmark
    public long postAndPoll() {
        Check.that(pair.postSend(write) == null);
        Check.that(queue.poll(completion));
        return completion.wrId();
    }

    /** Posts writes one by one, polls all completions at once. */
    @Benchmark
    @OperationsPerInvocation(WriteLoop.DEPTH)
    public int pollBatch() {
        for (int i = 0; i < WriteLoop.DEPTH; i++) {
            Check.that(pair.postSend(write) == null);
        }
        int count = queue.poll(completions);
        Check.that(count == WriteLoop.DEPTH);
        return count;
    }

    /** Posts a list of writes, of which the last makes a completion, and polls it. */
    @Benchmark
    @OperationsPerInvocation(WriteLoop.DEPTH)
    public boolean postList() {
        Check.that(pair.postSend(chain) == null);
        boolean done = queue.poll(completion);
        Check.that(done);
        return done;
    }

    /** Arms the queue; there is no completion. */
    @Benchmark
    public boolean arm() {
        return queue.requestNotify(NotificationType.ANY);
    }
}
