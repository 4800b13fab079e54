package org.rddma.verbs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Numbers that go over wires, into files and into C programs must be libibverbs' own: verbs-semantics §8. */
final class NumericValuesTest {
    private static <E extends Enum<E>> void same(Class<E> type, ToIntFunction<E> value, String expected) {
        Map<String, Integer> table = new TreeMap<>();
        for (String entry : expected.strip().split(",\\s*", -1)) {
            String[] nameAndNumber = entry.strip().split(" ", -1);
            table.put(nameAndNumber[0], Integer.decode(nameAndNumber[1]));
        }
        Map<String, Integer> actual = new TreeMap<>();
        for (E constant : type.getEnumConstants()) {
            actual.put(constant.name(), value.applyAsInt(constant));
        }
        assertThat(actual).isEqualTo(table);
    }

    @Test
    @DisplayName("§8 wc_status, both ways")
    void statuses() {
        same(WorkCompletionStatus.class, WorkCompletionStatus::value, """
                SUCCESS 0, LOC_LEN_ERR 1, LOC_QP_OP_ERR 2, LOC_EEC_OP_ERR 3, LOC_PROT_ERR 4, WR_FLUSH_ERR 5, MW_BIND_ERR 6,
                BAD_RESP_ERR 7, LOC_ACCESS_ERR 8, REM_INV_REQ_ERR 9, REM_ACCESS_ERR 10, REM_OP_ERR 11, RETRY_EXC_ERR 12,
                RNR_RETRY_EXC_ERR 13, LOC_RDD_VIOL_ERR 14, REM_INV_RD_REQ_ERR 15, REM_ABORT_ERR 16, INV_EECN_ERR 17,
                INV_EEC_STATE_ERR 18, FATAL_ERR 19, RESP_TIMEOUT_ERR 20, GENERAL_ERR 21, TM_ERR 22, TM_RNDV_INCOMPLETE 23
                """);
        for (WorkCompletionStatus status : WorkCompletionStatus.values()) {
            assertThat(WorkCompletionStatus.of(status.value())).isSameAs(status);
        }
        assertThat(WorkCompletionStatus.of(-1)).isNull();
        assertThat(WorkCompletionStatus.of(24)).isNull();
    }

    @Test
    @DisplayName("§8 wc_status_str")
    void statusTexts() {
        assertThat(WorkCompletionStatus.values())
                .extracting(WorkCompletionStatus::text)
                .containsExactly(
                        "success",
                        "local length error",
                        "local QP operation error",
                        "local EE context operation error",
                        "local protection error",
                        "Work Request Flushed Error",
                        "memory management operation error",
                        "bad response error",
                        "local access error",
                        "remote invalid request error",
                        "remote access error",
                        "remote operation error",
                        "transport retry counter exceeded",
                        "RNR retry counter exceeded",
                        "local RDD violation error",
                        "remote invalid RD request",
                        "aborted error",
                        "invalid EE context number",
                        "invalid EE context state",
                        "fatal error",
                        "response timeout error",
                        "general error",
                        "TM error",
                        "TM software rendezvous");
    }

    @Test
    @DisplayName("§8 wc_opcode, both ways; those of receives have bit 7")
    void completionOpcodes() {
        same(WorkCompletionOpcode.class, WorkCompletionOpcode::value, """
                SEND 0, RDMA_WRITE 1, RDMA_READ 2, COMP_SWAP 3, FETCH_ADD 4, BIND_MW 5, LOCAL_INV 6, TSO 7, FLUSH 8,
                ATOMIC_WRITE 9, RECV 128, RECV_RDMA_WITH_IMM 129, TM_ADD 130, TM_DEL 131, TM_SYNC 132, TM_RECV 133,
                TM_NO_TAG 134, DRIVER1 135, DRIVER2 136, DRIVER3 137
                """);
        for (WorkCompletionOpcode opcode : WorkCompletionOpcode.values()) {
            assertThat(WorkCompletionOpcode.of(opcode.value())).isSameAs(opcode);
        }
        assertThat(WorkCompletionOpcode.of(10)).isNull();
        assertThat(WorkCompletionOpcode.of(127)).isNull();
        assertThat(WorkCompletionOpcode.of(-1)).isNull();
        assertThat(WorkCompletionOpcode.of(Integer.MAX_VALUE)).isNull();
    }

    @Test
    @DisplayName("§8 wr_opcode, both ways, and wr_opcode_str")
    void requestOpcodes() {
        same(WorkRequestOpcode.class, WorkRequestOpcode::value, """
                RDMA_WRITE 0, RDMA_WRITE_WITH_IMM 1, SEND 2, SEND_WITH_IMM 3, RDMA_READ 4, ATOMIC_CMP_AND_SWP 5,
                ATOMIC_FETCH_AND_ADD 6, LOCAL_INV 7, BIND_MW 8, SEND_WITH_INV 9, TSO 10, DRIVER1 11, FLUSH 14,
                ATOMIC_WRITE 15
                """);
        assertThat(WorkRequestOpcode.values())
                .extracting(WorkRequestOpcode::text)
                .containsExactly(
                        "rdma-write",
                        "rdma-write-with-imm",
                        "send",
                        "send-with-imm",
                        "rdma-read",
                        "atomic-cmp-and-swp",
                        "atomic-fetch-and-add",
                        "local-inv",
                        "bind-mw",
                        "send-with-inv",
                        "tso",
                        "driver1",
                        "flush",
                        "atomic-write");
        for (WorkRequestOpcode opcode : WorkRequestOpcode.values()) {
            assertThat(WorkRequestOpcode.of(opcode.value())).isSameAs(opcode);
        }
        assertThat(WorkRequestOpcode.of(12)).isNull();
        assertThat(WorkRequestOpcode.of(16)).isNull();
    }

    @Test
    @DisplayName("§8 send_flags, wc_flags, access flags")
    void flags() {
        assertThat(new int[] {
                    SendFlags.FENCE, SendFlags.SIGNALED, SendFlags.SOLICITED, SendFlags.INLINE, SendFlags.IP_CSUM
                })
                .containsExactly(1, 2, 4, 8, 16);
        assertThat(WorkCompletionFlags.GRH).isEqualTo(1);
        assertThat(WorkCompletionFlags.WITH_IMM).isEqualTo(2);
        assertThat(new int[] {
                    AccessFlags.LOCAL_WRITE,
                    AccessFlags.REMOTE_WRITE,
                    AccessFlags.REMOTE_READ,
                    AccessFlags.REMOTE_ATOMIC,
                    AccessFlags.MW_BIND,
                    AccessFlags.ZERO_BASED,
                    AccessFlags.ON_DEMAND,
                    AccessFlags.HUGETLB,
                    AccessFlags.FLUSH_GLOBAL,
                    AccessFlags.FLUSH_PERSISTENT,
                    AccessFlags.RELAXED_ORDERING
                })
                .containsExactly(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1 << 20);
        assertThat(AccessFlags.OPTIONAL_RANGE).isEqualTo(0x3FF00000);
    }

    @Test
    @DisplayName("§8 queue pair types and states")
    void queuePairs() {
        same(
                QueuePairType.class,
                QueuePairType::value,
                "RC 2, UC 3, UD 4, RAW_PACKET 8, XRC_SEND 9, XRC_RECV 10, DRIVER 255");
        same(QueuePairState.class, QueuePairState::value, "RESET 0, INIT 1, RTR 2, RTS 3, SQD 4, SQE 5, ERR 6");
        assertThat(QueuePairType.of(255)).isSameAs(QueuePairType.DRIVER);
        assertThat(QueuePairType.of(5)).isNull();
        assertThat(QueuePairState.of(7)).isNull();
    }

    @Test
    @DisplayName("§8 bits of qp_attr_mask")
    void attributeMask() {
        assertThat(new int[] {
                    QueuePairAttributes.STATE,
                    QueuePairAttributes.CURRENT_STATE,
                    QueuePairAttributes.SQD_ASYNC_NOTIFY,
                    QueuePairAttributes.ACCESS_FLAGS,
                    QueuePairAttributes.PKEY_INDEX,
                    QueuePairAttributes.PORT,
                    QueuePairAttributes.QKEY,
                    QueuePairAttributes.ADDRESS_VECTOR,
                    QueuePairAttributes.PATH_MTU,
                    QueuePairAttributes.TIMEOUT,
                    QueuePairAttributes.RETRY_COUNT,
                    QueuePairAttributes.RNR_RETRY,
                    QueuePairAttributes.RQ_PSN,
                    QueuePairAttributes.MAX_READ_ATOMIC,
                    QueuePairAttributes.MIN_RNR_TIMER,
                    QueuePairAttributes.SQ_PSN,
                    QueuePairAttributes.MAX_DEST_READ_ATOMIC,
                    QueuePairAttributes.DESTINATION_QUEUE_PAIR
                })
                .containsExactly(
                        1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11,
                        1 << 12, 1 << 13, 1 << 15, 1 << 16, 1 << 17, 1 << 20);
    }

    @Test
    @DisplayName("§8 ports and devices")
    void portsAndDevices() {
        same(Mtu.class, Mtu::value, "MTU_256 1, MTU_512 2, MTU_1024 3, MTU_2048 4, MTU_4096 5");
        same(PortState.class, PortState::value, "NOP 0, DOWN 1, INIT 2, ARMED 3, ACTIVE 4, ACTIVE_DEFER 5");
        assertThat(PortState.values())
                .extracting(PortState::text)
                .containsExactly("no state change (NOP)", "down", "init", "armed", "active", "active defer");
        same(LinkLayer.class, LinkLayer::value, "UNSPECIFIED 0, INFINIBAND 1, ETHERNET 2");
        same(NodeType.class, NodeType::value, "CA 1, SWITCH 2, ROUTER 3, RNIC 4, USNIC 5, USNIC_UDP 6, UNSPECIFIED 7");
        same(GidType.class, GidType::value, "IB 0, ROCE_V1 1, ROCE_V2 2");
        same(AtomicCapability.class, AtomicCapability::value, "NONE 0, HCA 1, GLOB 2");
    }

    @Test
    @DisplayName("an MTU and its bytes")
    void mtuBytes() {
        assertThat(Mtu.values()).extracting(Mtu::bytes).containsExactly(256, 512, 1024, 2048, 4096);
        for (Mtu mtu : Mtu.values()) {
            assertThat(Mtu.ofBytes(mtu.bytes())).isSameAs(mtu);
            assertThat(Mtu.of(mtu.value())).isSameAs(mtu);
        }
        assertThat(Mtu.ofBytes(1500)).isNull();
        assertThat(Mtu.ofBytes(0)).isNull();
        assertThat(Mtu.of(0)).isNull();
        assertThat(Mtu.of(6)).isNull();
    }

    @Test
    @DisplayName("errno values are those of Linux, and have names")
    void errnos() {
        assertThat(new int[] {
                    Errno.EPERM,
                    Errno.ENOENT,
                    Errno.EINTR,
                    Errno.EIO,
                    Errno.EBADF,
                    Errno.EAGAIN,
                    Errno.ENOMEM,
                    Errno.EACCES,
                    Errno.EFAULT,
                    Errno.EBUSY,
                    Errno.ENODEV,
                    Errno.EINVAL,
                    Errno.EMFILE,
                    Errno.ENOSPC,
                    Errno.ENOSYS,
                    Errno.ENODATA,
                    Errno.EPROTO,
                    Errno.EOVERFLOW,
                    Errno.EOPNOTSUPP,
                    Errno.EADDRINUSE,
                    Errno.EADDRNOTAVAIL,
                    Errno.ENETUNREACH,
                    Errno.ECONNRESET,
                    Errno.ETIMEDOUT,
                    Errno.ECONNREFUSED,
                    Errno.EHOSTUNREACH,
                    Errno.ECANCELED
                })
                .containsExactly(
                        1, 2, 4, 5, 9, 11, 12, 13, 14, 16, 19, 22, 24, 28, 38, 61, 71, 75, 95, 98, 99, 101, 104, 110,
                        111, 113, 125);
        assertThat(Errno.nameOf(75)).isEqualTo("EOVERFLOW");
        assertThat(Errno.nameOf(16)).isEqualTo("EBUSY");
        assertThat(Errno.nameOf(7777)).isEqualTo("errno 7777");
    }
}
