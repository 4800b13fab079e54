package org.rddma.verbs.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.FlushPlacement;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkRequestOpcode;

/** What may be posted: verbs-semantics §2.2, §2.3. */
final class WorkRequestRulesTest {
    private static final int ELEMENTS = 4;
    private static final int INLINE = 64;
    private static final Set<WorkRequestOpcode> SENDS =
            EnumSet.of(WorkRequestOpcode.SEND, WorkRequestOpcode.SEND_WITH_IMM);
    private static final Set<WorkRequestOpcode> SENDS_AND_WRITES = EnumSet.of(
            WorkRequestOpcode.SEND,
            WorkRequestOpcode.SEND_WITH_IMM,
            WorkRequestOpcode.RDMA_WRITE,
            WorkRequestOpcode.RDMA_WRITE_WITH_IMM);
    private static final Set<WorkRequestOpcode> KNOWN = EnumSet.of(
            WorkRequestOpcode.SEND,
            WorkRequestOpcode.SEND_WITH_IMM,
            WorkRequestOpcode.RDMA_WRITE,
            WorkRequestOpcode.RDMA_WRITE_WITH_IMM,
            WorkRequestOpcode.RDMA_READ,
            WorkRequestOpcode.ATOMIC_CMP_AND_SWP,
            WorkRequestOpcode.ATOMIC_FETCH_AND_ADD,
            WorkRequestOpcode.SEND_WITH_INV,
            WorkRequestOpcode.LOCAL_INV,
            WorkRequestOpcode.BIND_MW,
            WorkRequestOpcode.FLUSH,
            WorkRequestOpcode.ATOMIC_WRITE);
    private static final Set<WorkRequestOpcode> OF_UC = EnumSet.of(
            WorkRequestOpcode.SEND,
            WorkRequestOpcode.SEND_WITH_IMM,
            WorkRequestOpcode.RDMA_WRITE,
            WorkRequestOpcode.RDMA_WRITE_WITH_IMM,
            WorkRequestOpcode.LOCAL_INV,
            WorkRequestOpcode.BIND_MW);
    private static final Set<WorkRequestOpcode> DATALESS =
            EnumSet.of(WorkRequestOpcode.LOCAL_INV, WorkRequestOpcode.BIND_MW, WorkRequestOpcode.FLUSH);

    /** A window that only has its type. */
    private static final MemoryWindow WINDOW = new MemoryWindow() {
        @Override
        public ProtectionDomain protectionDomain() {
            return null;
        }

        @Override
        public MemoryWindowType type() {
            return MemoryWindowType.TYPE_2;
        }

        @Override
        public int rkey() {
            return 1;
        }

        @Override
        public void close() {}
    };

    /** One that may be posted: 8 bytes of data, where it has data. */
    private static SendRequest requestOf(WorkRequestOpcode opcode) {
        SendRequest request = new SendRequest();
        if (opcode == WorkRequestOpcode.BIND_MW) {
            return request.bindMemoryWindow(WINDOW, 1, new MemoryWindowBind());
        }
        if (opcode == WorkRequestOpcode.FLUSH) {
            return request.flush(4096, 1, 8, FlushPlacement.GLOBAL, FlushLevel.RANGE);
        }
        return DATALESS.contains(opcode)
                ? request.opcode(opcode)
                : request.opcode(opcode).sge(piece(8));
    }

    private static ScatterGatherElement piece(int length) {
        return new ScatterGatherElement().set(4096, length, 1);
    }

    private static int allowed(QueuePairType type) {
        return WorkRequestRules.allowed(type, EnumSet.allOf(Capability.class));
    }

    private static long check(SendRequest request) {
        return WorkRequestRules.checkSend(request, QueuePairType.RC, allowed(QueuePairType.RC), ELEMENTS, INLINE);
    }

    private static void refused(int errno, QueuePairType type, SendRequest request) {
        VerbsException refusal = catchThrowableOfType(
                VerbsException.class, () -> WorkRequestRules.checkSend(request, type, allowed(type), ELEMENTS, INLINE));
        assertThat(refusal).as("%s on %s", request, type).isNotNull();
        assertThat(refusal.errno()).isEqualTo(errno);
        assertThat(refusal.verb()).isEqualTo("postSend");
        assertThat(refusal.badRequest()).containsSame(request);
    }

    private static void refused(SendRequest request) {
        refused(Errno.EINVAL, QueuePairType.RC, request);
    }

    @Test
    @DisplayName("§2.3 opcode by queue pair type, all of them")
    void opcodes() {
        for (QueuePairType type : new QueuePairType[] {QueuePairType.RC, QueuePairType.UC, QueuePairType.UD}) {
            Set<WorkRequestOpcode> legal = switch (type) {
                case RC -> KNOWN;
                case UC -> OF_UC;
                default -> SENDS;
            };
            for (WorkRequestOpcode opcode : WorkRequestOpcode.values()) {
                SendRequest request = requestOf(opcode);
                if (legal.contains(opcode)) {
                    assertThat(WorkRequestRules.checkSend(request, type, allowed(type), ELEMENTS, INLINE))
                            .isEqualTo(DATALESS.contains(opcode) ? 0 : 8);
                } else {
                    refused(KNOWN.contains(opcode) ? Errno.EINVAL : Errno.EOPNOTSUPP, type, request);
                }
            }
        }
        refused(new SendRequest().opcode(null));
    }

    private static void unsupported(QueuePairType type, Set<Capability> capabilities, SendRequest request) {
        VerbsException refusal = catchThrowableOfType(
                VerbsException.class,
                () -> WorkRequestRules.checkSend(
                        request, type, WorkRequestRules.allowed(type, capabilities), ELEMENTS, INLINE));
        assertThat(refusal).as("%s on %s", request, type).isNotNull();
        assertThat(refusal.errno()).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(refusal.badRequest()).containsSame(request);
    }

    @Test
    @DisplayName("§3 what the device does not have: EOPNOTSUPP; what it has, the type decides")
    void capabilities() {
        SendRequest read = new SendRequest().sge(piece(8)).read(4096, 1);
        SendRequest add = new SendRequest().sge(piece(8)).fetchAndAdd(4096, 1, 1);
        SendRequest inline = new SendRequest().flags(SendFlags.INLINE);
        for (SendRequest request : new SendRequest[] {read, add, inline}) {
            unsupported(QueuePairType.RC, Set.of(), request);
        }
        unsupported(QueuePairType.RC, EnumSet.complementOf(EnumSet.of(Capability.RDMA_READ)), read);
        unsupported(QueuePairType.RC, EnumSet.complementOf(EnumSet.of(Capability.ATOMICS)), add);
        unsupported(QueuePairType.UD, EnumSet.complementOf(EnumSet.of(Capability.INLINE)), inline);
        refused(Errno.EINVAL, QueuePairType.UC, read);
        int bare = WorkRequestRules.allowed(QueuePairType.RC, Set.of());
        assertThat(WorkRequestRules.checkSend(
                        new SendRequest().sge(piece(8)), QueuePairType.RC, bare, ELEMENTS, INLINE))
                .isEqualTo(8);
    }

    @Test
    @DisplayName("§2.3 inline: sends and writes only, no longer than the queue pair was made for")
    void inline() {
        for (WorkRequestOpcode opcode : KNOWN) {
            SendRequest request =
                    new SendRequest().opcode(opcode).flags(SendFlags.INLINE).sge(piece(INLINE));
            if (SENDS_AND_WRITES.contains(opcode) || opcode == WorkRequestOpcode.SEND_WITH_INV) {
                assertThat(check(request)).isEqualTo(INLINE);
                refused(request.sges(piece(INLINE), piece(1)));
                ByteBuffer data = ByteBuffer.allocate(INLINE + 1);
                refused(request.inlineData(data));
                assertThat(check(request.inlineData(data.position(1)))).isEqualTo(INLINE);
                assertThat(check(request.inlineData(data.limit(1)))).isZero();
            } else {
                refused(request);
            }
        }
    }

    @Test
    @DisplayName("§2.6 atomic writes: 8 bytes, inline even where the queue pair was made for less, aligned")
    void atomicWrites() {
        assertThat(check(new SendRequest().atomicWrite(4096, 1).sges(piece(3), piece(5))))
                .isEqualTo(8);
        refused(new SendRequest().atomicWrite(4096, 1).sge(piece(7)));
        refused(new SendRequest().atomicWrite(4096, 1).sge(piece(9)));
        refused(new SendRequest().atomicWrite(4097, 1).sge(piece(8)));
        SendRequest inline =
                new SendRequest().atomicWrite(4096, 1).flags(SendFlags.INLINE).inlineData(ByteBuffer.allocate(8));
        assertThat(WorkRequestRules.checkSend(inline, QueuePairType.RC, allowed(QueuePairType.RC), ELEMENTS, 0))
                .isEqualTo(8);
        refused(inline.inlineData(ByteBuffer.allocate(9)));
    }

    @Test
    @DisplayName("§2.2 what has no data takes no elements; flushes and binds say what they want")
    void dataless() {
        for (WorkRequestOpcode opcode : DATALESS) {
            assertThat(check(requestOf(opcode))).isZero();
            refused(requestOf(opcode).sge(piece(0)));
            refused(requestOf(opcode).flags(SendFlags.INLINE));
        }
        refused(new SendRequest().flush(0, 1, 8, 0, FlushLevel.RANGE));
        refused(new SendRequest().flush(0, 1, 8, 4, FlushLevel.RANGE));
        refused(new SendRequest().flush(0, 1, 8, FlushPlacement.PERSISTENT, null));
        refused(new SendRequest().flush(0, 1, -1, FlushPlacement.PERSISTENT, FlushLevel.RANGE));
        refused(new SendRequest().flush(0, 1, 1L << 32, FlushPlacement.PERSISTENT, FlushLevel.RANGE));
        assertThat(check(new SendRequest().flush(0, 1, -1, FlushPlacement.PERSISTENT, FlushLevel.REGION)))
                .isZero();
        refused(new SendRequest().opcode(WorkRequestOpcode.BIND_MW));
        refused(new SendRequest().bindMemoryWindow(WINDOW, 1, new MemoryWindowBind().show(null, 0, 1, 0)));
        refused(new SendRequest().bindMemoryWindow(WINDOW, 1, new MemoryWindowBind().show(null, 0, -1, 0)));
    }

    @ParameterizedTest
    @EnumSource(names = {"MEMORY_WINDOW_TYPE_1", "MEMORY_WINDOW_TYPE_2"})
    @DisplayName("§2.6 a device that has windows of either type can bind")
    void eitherWindow(Capability windows) {
        int allowed = WorkRequestRules.allowed(QueuePairType.RC, EnumSet.of(windows));
        SendRequest bind = requestOf(WorkRequestOpcode.BIND_MW);
        assertThat(WorkRequestRules.checkSend(bind, QueuePairType.RC, allowed, ELEMENTS, INLINE))
                .isZero();
    }

    @Test
    @DisplayName("§2.3 inline data without the flag is refused, not left out")
    void inlineDataWithoutFlag() {
        refused(new SendRequest().inlineData(ByteBuffer.allocate(4)));
    }

    @Test
    @DisplayName("§2.2 flags that do not exist are refused")
    void flags() {
        for (int bit = 0; bit < 32; bit++) {
            SendRequest request = new SendRequest().flags(1 << bit);
            if (bit < 4) {
                assertThat(check(request)).isZero();
            } else {
                refused(request);
            }
        }
    }

    @Test
    @DisplayName("§2.2 elements: not too many, none null, none negative, 2^31 bytes at most")
    void elements() {
        assertThat(check(new SendRequest())).isZero();
        assertThat(check(new SendRequest().sges(piece(1), piece(0), piece(2), piece(3))))
                .isEqualTo(6);
        refused(new SendRequest().sges(piece(1), piece(1), piece(1), piece(1), piece(1)));
        refused(new SendRequest().sges(piece(1), null));
        refused(new SendRequest().sge(piece(-1)));
        refused(new SendRequest().sge(piece(Integer.MIN_VALUE)));
        assertThat(check(new SendRequest().sges(piece(Integer.MAX_VALUE), piece(1))))
                .isEqualTo(1L << 31);
        refused(new SendRequest().sges(piece(Integer.MAX_VALUE), piece(2)));
        VerbsException refusal = catchThrowableOfType(
                VerbsException.class,
                () -> WorkRequestRules.checkElements("postReceive", new ReceiveRequest().sge(piece(-5)), ELEMENTS));
        assertThat(refusal.verb()).isEqualTo("postReceive");
        assertThat(refusal.errno()).isEqualTo(Errno.EINVAL);
    }

    @Test
    @DisplayName("§2.2 atomics: a remote address that is a multiple of 8, and room for the old value")
    void atomics() {
        for (int shift = 0; shift < 8; shift++) {
            SendRequest add = new SendRequest().sge(piece(8)).fetchAndAdd(4096 + shift, 1, 1);
            SendRequest swap = new SendRequest().sge(piece(8)).compareAndSwap(4096 + shift, 1, 1, 2);
            if (shift == 0) {
                assertThat(check(add)).isEqualTo(8);
                assertThat(check(swap)).isEqualTo(8);
            } else {
                refused(add);
                refused(swap);
            }
        }
        refused(new SendRequest().sge(piece(7)).fetchAndAdd(4096, 1, 1));
        refused(new SendRequest().compareAndSwap(4096, 1, 1, 1));
        assertThat(check(new SendRequest().sges(piece(4), piece(4)).fetchAndAdd(4096, 1, 1)))
                .isEqualTo(8);
        assertThat(WorkRequestRules.isAtomic(WorkRequestOpcode.ATOMIC_CMP_AND_SWP.value()))
                .isTrue();
        assertThat(WorkRequestRules.isAtomic(WorkRequestOpcode.ATOMIC_FETCH_AND_ADD.value()))
                .isTrue();
        assertThat(WorkRequestRules.isAtomic(WorkRequestOpcode.RDMA_READ.value()))
                .isFalse();
    }
}
