package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;

/** The bytes that arrive are the bytes sent, for any list of elements on either side: verbs-semantics §2.4 (13), (15). */
public abstract class ScatterGatherConformance implements DeviceUnderTest {
    private static final int MOST_TRIES = 400;
    private static final int MOST = 8;
    private static final int MEMORY = 64 * 1024;
    private static final int REMOTE = 48 * 1024;

    /** A list of pieces, each with a gap before it. */
    record Pieces(List<Integer> gaps, List<Integer> lengths) {
        int total() {
            return lengths.stream().mapToInt(Integer::intValue).sum();
        }

        /** The same pieces, with one more, shorter or longer ones, so that they hold exactly so many bytes. */
        Pieces holding(int bytes) {
            List<Integer> newGaps = new ArrayList<>();
            List<Integer> newLengths = new ArrayList<>();
            int left = bytes;
            for (int i = 0; i < lengths.size() && i < MOST - 1; i++) {
                int length = Math.min(left, lengths.get(i));
                newGaps.add(gaps.get(i));
                newLengths.add(length);
                left -= length;
            }
            newGaps.add(3);
            newLengths.add(left);
            return new Pieces(newGaps, newLengths);
        }

        ScatterGatherElement[] elements(End end) {
            ScatterGatherElement[] elements = new ScatterGatherElement[lengths.size()];
            int at = 0;
            for (int i = 0; i < elements.length; i++) {
                at += gaps.get(i);
                elements[i] = end.piece(at, lengths.get(i));
                at += lengths.get(i);
            }
            return elements;
        }

        byte[] gather(byte[] memory) {
            byte[] gathered = new byte[total()];
            int at = 0;
            int done = 0;
            for (int i = 0; i < lengths.size(); i++) {
                at += gaps.get(i);
                System.arraycopy(memory, at, gathered, done, lengths.get(i));
                at += lengths.get(i);
                done += lengths.get(i);
            }
            return gathered;
        }

        void scatter(byte[] bytes, byte[] memory) {
            int at = 0;
            int done = 0;
            for (int i = 0; i < lengths.size() && done < bytes.length; i++) {
                at += gaps.get(i);
                int length = Math.min(lengths.get(i), bytes.length - done);
                System.arraycopy(bytes, done, memory, at, length);
                at += lengths.get(i);
                done += length;
            }
        }
    }

    @Provide
    Arbitrary<Pieces> pieces() {
        Arbitrary<Integer> lengths = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(2, Arbitraries.just(0)),
                net.jqwik.api.Tuple.of(4, Arbitraries.integers().between(1, 20)),
                net.jqwik.api.Tuple.of(2, Arbitraries.integers().between(60, 70)),
                net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(250, 1030)));
        return lengths.list()
                .ofMaxSize(MOST)
                .flatMap(all -> Combinators.combine(
                                Arbitraries.integers().between(0, 17).list().ofSize(all.size()), Arbitraries.just(all))
                        .as(Pieces::new));
    }

    /** A pair of ends with known bytes, and the model's copy of both memories. */
    private static final class Run {
        final End a;
        final End b;
        final byte[] ofA;
        final byte[] ofB;

        Run(Context near, Context far) {
            EndSpec spec = new EndSpec()
                    .elements(MOST)
                    .inline(512)
                    .memory(MEMORY)
                    .depth(4)
                    .queueEntries(8);
            a = new End(near, spec);
            b = new End(far, spec);
            new Wiring().mtu(Mtu.MTU_256).connect(a, b);
            ofA = a.fill(0, MEMORY, 1);
            ofB = b.fill(0, MEMORY, 2);
        }

        void done(SendRequest request) {
            a.post(request.wrId(1).flags(request.flags() | SendFlags.SIGNALED));
            WorkCompletion completion = Completions.next(a.sends);
            assertThat(completion.isSuccess()).as("%s", completion).isTrue();
        }

        void compare() {
            assertThat(Arrays.mismatch(b.bytes(0, MEMORY), ofB))
                    .as("first byte that is wrong at the peer")
                    .isEqualTo(-1);
            assertThat(Arrays.mismatch(a.bytes(0, MEMORY), ofA))
                    .as("first byte that is wrong here")
                    .isEqualTo(-1);
        }
    }

    private int tried;

    @FunctionalInterface
    private interface Body {
        void run(Run run);
    }

    private void with(Body body) {
        if (tried++ >= tries(MOST_TRIES)) {
            return;
        }
        Deadline.check("a transfer", Duration.ofSeconds(20), () -> {
            Wiring.usual(this);
            try (Context near = open();
                    Context other = pairsAcrossDevices() ? openOther() : null) {
                Run run = new Run(near, other == null ? near : other);
                body.run(run);
                run.compare();
            }
        });
    }

    /**
     * Any list of the sender into any list of the receiver that is long enough, also inline.
     *
     * <p>Would catch: bytes at the wrong place where a piece ends on one side only; a piece of length 0 that stops or shifts
     * the rest; a byte too many or too few at the end of a piece; bytes beside the pieces.
     */
    @Property(tries = MOST_TRIES)
    void sends(
            @ForAll("pieces") Pieces from,
            @ForAll("pieces") Pieces into,
            @ForAll @IntRange(max = 20) int slack,
            @ForAll boolean inline) {
        with(run -> {
            byte[] message = from.gather(run.ofA);
            Pieces target = into.holding(message.length + slack);
            run.b.receive(new ReceiveRequest().wrId(7).sges(target.elements(run.b)));
            boolean fits = run.a.context.device().attributes().has(Capability.INLINE)
                    && message.length <= run.a.pair.capabilities().maxInlineData();
            run.done(new SendRequest().sges(from.elements(run.a)).flags(inline && fits ? SendFlags.INLINE : 0));
            target.scatter(message, run.ofB);
            WorkCompletion receive = Completions.next(run.b.receives);
            assertThat(receive.isSuccess()).isTrue();
            assertThat(receive.byteLength()).isEqualTo(message.length);
        });
    }

    /** Any list of the writer into one place of any alignment: would catch what {@link #sends} does, in writes. */
    @Property(tries = MOST_TRIES)
    void writes(@ForAll("pieces") Pieces from, @ForAll @IntRange(max = 9) int shift, @ForAll boolean immediate) {
        with(run -> {
            byte[] message = from.gather(run.ofA);
            SendRequest request = new SendRequest().sges(from.elements(run.a));
            if (immediate) {
                run.b.receive(new ReceiveRequest().wrId(7));
                run.done(request.writeWithImmediate(run.b.address(REMOTE + shift), run.b.memory.rkey(), 5));
                assertThat(Completions.next(run.b.receives).byteLength()).isEqualTo(message.length);
            } else {
                run.done(request.write(run.b.address(REMOTE + shift), run.b.memory.rkey()));
            }
            System.arraycopy(message, 0, run.ofB, REMOTE + shift, message.length);
        });
    }

    /** One place of any alignment into any list of the reader: would catch what {@link #sends} does, in reads. */
    @Property(tries = MOST_TRIES)
    void reads(@ForAll("pieces") Pieces into, @ForAll @IntRange(max = 9) int shift) {
        with(run -> {
            if (!run.a.context.device().attributes().has(Capability.RDMA_READ)) {
                Missing.isRefused(run.a.context, Capability.RDMA_READ);
                return;
            }
            int bytes = into.total();
            run.done(new SendRequest()
                    .sges(into.elements(run.a))
                    .read(run.b.address(REMOTE + shift), run.b.memory.rkey()));
            into.scatter(Arrays.copyOfRange(run.ofB, REMOTE + shift, REMOTE + shift + bytes), run.ofA);
        });
    }
}
