package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Two ends, of which the second shows parts of its memory to the first through windows. */
abstract class WindowSuite extends DeviceConformance {
    static final int RIGHTS = AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ;

    End guest;
    End host;

    @BeforeEach
    final void connectGuestAndHost() {
        connectAgain();
    }

    /** Two new ends, after a failure. */
    final void connectAgain() {
        Pair pair = pair(new EndSpec().access(End.ALL_RIGHTS | AccessFlags.MW_BIND));
        guest = pair.a();
        host = pair.b();
    }

    final MemoryWindowBind showing(int offset, int length, int access) {
        return showing(host.memory, offset, length, access);
    }

    static MemoryWindowBind showing(MemoryRegion region, int offset, int length, int access) {
        return new MemoryWindowBind()
                .wrId(77)
                .flags(SendFlags.SIGNALED)
                .show(region, region.address() + offset, length, access);
    }

    /** A window of type 2 is bound by the host's queue pair, with the key after its own. */
    final int bind(MemoryWindow window, MemoryWindowBind bind) {
        int rkey = MemoryWindow.incrementRkey(window.rkey());
        host.post(new SendRequest().wrId(78).flags(SendFlags.SIGNALED).bindMemoryWindow(window, rkey, bind));
        Completions.success(host.sends, 78, WorkCompletionOpcode.BIND_MW);
        assertThat(window.rkey()).isEqualTo(rkey);
        return rkey;
    }

    /** The guest writes through a key, which works. */
    final void writes(int rkey, int offset, int length) {
        writesTo(rkey, host.address(offset), offset, length);
    }

    final void writesTo(int rkey, long address, int offset, int length) {
        byte[] sent = guest.fill(0, length, offset);
        guest.post(guest.request(1, 0, length).write(address, rkey));
        Completions.success(guest.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
        assertThat(host.bytes(offset, length)).isEqualTo(sent);
    }

    /** What the guest asks for is refused with REM_ACCESS_ERR, and nothing has changed; there are new ends then. */
    final void isDenied(SendRequest request) {
        fails(guest, request, WorkCompletionStatus.REM_ACCESS_ERR);
    }

    final void isDeniedWrite(int rkey, int offset, int length) {
        isDenied(guest.request(2, 0, length).write(host.address(offset), rkey));
    }

    final void fails(End end, SendRequest request, WorkCompletionStatus status) {
        byte[] before = host.bytes(0, host.memory.length());
        end.post(request);
        Completions.failure(end.sends, request.wrId(), status);
        end.awaitState(QueuePairState.ERR);
        assertThat(host.bytes(0, before.length)).isEqualTo(before);
        reconnect();
    }

    /** Takes both queue pairs from ERR, or wherever they are, to RTS again: windows of type 1 do not care. */
    final void reconnect() {
        guest.pair.modify(to(QueuePairState.RESET));
        host.pair.modify(to(QueuePairState.RESET));
        WorkCompletion rest = new WorkCompletion();
        for (CompletionQueue queue : new CompletionQueue[] {guest.sends, guest.receives, host.sends, host.receives}) {
            while (queue.poll(rest)) {
                assertThat(rest.isSuccess()).as("%s", rest).isFalse();
            }
        }
        new Wiring().connect(guest, host);
    }
}
