package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionFlags;
import org.rddma.verbs.WorkCompletionOpcode;

/** The way back to who sent a datagram: verbs-semantics §2.8. */
@Needs(Capability.DATAGRAM)
public abstract class AddressHandleFromCompletionConformance extends DeviceConformance {
    private static final int GRH = 40;

    private End near;
    private End far;

    @BeforeEach
    final void activate() {
        near = new End(context, new EndSpec().type(QueuePairType.UD));
        far = new End(openOtherDevice(), new EndSpec().type(QueuePairType.UD));
        new Wiring().activate(near.pair);
        new Wiring().activate(far.pair);
    }

    /** Far sends to near; the header is then at the beginning of near's memory. */
    private WorkCompletion received(int serviceLevel, int trafficClass, int flowLabel) {
        AddressHandle way = far.domain.createAddressHandle(
                new AddressVector(Wiring.gidOf(context), 0, 64, trafficClass, flowLabel, serviceLevel, 1));
        near.receive(1, 0, 200);
        far.post(far.request(2, 0, 8).datagram(way, near.pair.number(), Wiring.QKEY));
        Completions.success(far.sends, 2, WorkCompletionOpcode.SEND);
        return Completions.success(near.receives, 1, WorkCompletionOpcode.RECV);
    }

    private ByteBuffer header() {
        return near.memory.buffer().position(0).limit(GRH);
    }

    private void answers(AddressHandle back, WorkCompletion completion) {
        far.receive(3, 0, 200);
        near.post(near.request(4, 512, 8).datagram(back, completion.sourceQueuePair(), Wiring.QKEY));
        Completions.success(near.sends, 4, WorkCompletionOpcode.SEND);
        WorkCompletion answer = Completions.success(far.receives, 3, WorkCompletionOpcode.RECV);
        assertThat(answer.sourceQueuePair()).isEqualTo(near.pair.number());
    }

    @Test
    @DisplayName("§2.8 the answer arrives, by both ways to make the handle")
    final void answer() {
        WorkCompletion completion = received(0, 0, 0);
        answers(near.domain.createAddressHandle(1, completion, header()), completion);
        AddressVector vector = context.addressVector(1, completion, header());
        answers(near.domain.createAddressHandle(vector), completion);
    }

    @Test
    @DisplayName("§2.8 the vector: the sender's GID, the own one's index, class, label, service level and port")
    final void vector() {
        WorkCompletion completion = received(5, 0xAB, 0xC1234);
        AddressVector vector = context.addressVector(1, completion, header());
        assertThat(vector.destination()).isEqualTo(Wiring.gidOf(far.context));
        assertThat(context.queryGid(1, vector.sourceGidIndex())).isEqualTo(Wiring.gidOf(context));
        assertThat(vector.trafficClass()).isEqualTo(0xAB);
        assertThat(vector.flowLabel()).isEqualTo(keepsFlowAndLevel() ? 0xC1234 : 0);
        assertThat(vector.serviceLevel()).isEqualTo(keepsFlowAndLevel() ? 5 : 0);
        assertThat(vector.port()).isEqualTo(1);
        assertThat(vector.hopLimit()).isBetween(1, 255);
    }

    @Test
    @DisplayName("§2.8 the header is read from the buffer's position on, in any buffer, which does not change")
    final void buffers() {
        WorkCompletion completion = received(1, 2, 3);
        AddressVector expected = context.addressVector(1, completion, header());
        byte[] bytes = near.bytes(0, GRH);
        ByteBuffer shifted =
                ByteBuffer.allocate(100).position(17).put(bytes).position(17).limit(17 + GRH);
        ByteBuffer direct = ByteBuffer.allocateDirect(GRH).put(bytes).flip();
        for (ByteBuffer buffer : new ByteBuffer[] {shifted, shifted.asReadOnlyBuffer(), direct, shifted.slice()}) {
            int position = buffer.position();
            int limit = buffer.limit();
            java.nio.ByteOrder order = buffer.order();
            assertThat(context.addressVector(1, completion, buffer)).isEqualTo(expected);
            assertThat(buffer.position()).isEqualTo(position);
            assertThat(buffer.limit()).isEqualTo(limit);
            assertThat(buffer.order()).isEqualTo(order);
            buffer.order(java.nio.ByteOrder.LITTLE_ENDIAN);
            assertThat(context.addressVector(1, completion, buffer)).isEqualTo(expected);
        }
    }

    @Test
    @DisplayName("§2.8 no such port, nothing given, no header, too few bytes: refused (EINVAL)")
    final void refusals() {
        WorkCompletion completion = received(0, 0, 0);
        String verb = "addressVector";
        for (int port : new int[] {0, -1, 2, Integer.MAX_VALUE}) {
            refused(verb, Errno.EINVAL, () -> context.addressVector(port, completion, header()));
        }
        refused(verb, Errno.EINVAL, () -> context.addressVector(1, null, header()));
        refused(verb, Errno.EINVAL, () -> context.addressVector(1, completion, null));
        refused(verb, Errno.EINVAL, () -> context.addressVector(1, completion, header().limit(GRH - 1)));
        refused(verb, Errno.EINVAL, () -> context.addressVector(1, completion, header().position(1)));
        WorkCompletion headless = new WorkCompletion()
                .set(1, 0, 128, completion.flags() & ~WorkCompletionFlags.GRH, 0, 48, 0, 16, 17, 0, 0, 0, 0);
        refused(verb, Errno.EINVAL, () -> context.addressVector(1, headless, header()));
        refused(verb, Errno.EINVAL, () -> near.domain.createAddressHandle(1, headless, header()));
    }

    @Test
    @DisplayName("§2.8 a header that was meant for another port: ENOENT")
    final void otherDestination() {
        WorkCompletion completion = received(0, 0, 0);
        ByteBuffer header = ByteBuffer.allocate(GRH).put(header()).flip();
        header.put(39, (byte) (header.get(39) ^ 1));
        refused("addressVector", Errno.ENOENT, () -> context.addressVector(1, completion, header));
        assertThat(context.queryGid(1, 0)).isNotEqualTo(Wiring.gidOf(far.context));
        refused("addressVector", Errno.ENOENT, () -> far.context.addressVector(1, completion, header()));
    }

    @Test
    @DisplayName("§2.8 an IPv4 header in the second half is known by its version and checksum; its address is not ours")
    final void ipv4() {
        WorkCompletion completion = received(0, 0, 0);
        ByteBuffer header = ByteBuffer.allocate(GRH);
        byte[] ip = {
            0x45, 0, 0, 48, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
        };
        int sum = 0;
        for (int i = 0; i < ip.length; i += 2) {
            sum += (ip[i] & 0xFF) << 8 | ip[i + 1] & 0xFF;
        }
        sum = (sum & 0xFFFF) + (sum >>> 16);
        ip[10] = (byte) (~sum >>> 8);
        ip[11] = (byte) ~sum;
        header.put(20, ip);
        boolean ours = context.queryGidTable().stream()
                .anyMatch(entry -> entry.gid().equals(new Gid(0, 0x0000_FFFF_0A00_0002L)));
        if (!ours) {
            refused("addressVector", Errno.ENOENT, () -> context.addressVector(1, completion, header));
        }
    }

    @Test
    @DisplayName("a closed context and a closed domain make nothing (EBADF)")
    final void closed() {
        WorkCompletion completion = received(0, 0, 0);
        ByteBuffer header = ByteBuffer.allocate(GRH).put(header()).flip();
        near.pair.close();
        near.memory.close();
        near.domain.close();
        refused("createAddressHandle", Errno.EBADF, () -> near.domain.createAddressHandle(1, completion, header));
        context.close();
        refused("addressVector", Errno.EBADF, () -> context.addressVector(1, completion, header));
    }
}
