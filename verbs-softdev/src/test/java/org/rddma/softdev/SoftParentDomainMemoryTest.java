package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.End;
import org.rddma.verbs.conformance.HangGuard;

/** What a software device does for parent domains behind the verbs. */
@HangGuard
final class SoftParentDomainMemoryTest {
    @Test
    @DisplayName(
            "a closed region is let go by queue pairs of another domain over the same one, though a copy was under way")
    void closeStopsCopies() throws Throwable {
        int bytes = 1 << 27;
        try (SoftContext context = SoftDevice.open("soft0")) {
            SoftProtectionDomain domain = context.allocateProtectionDomain();
            SoftMemoryRegion from = domain.allocateMemory(bytes, 0);
            SoftMemoryRegion to = context.allocateParentDomain(domain, null).allocateMemory(bytes, End.ALL_RIGHTS);
            ByteBuffer target = to.buffer();
            from.buffer().put(0, (byte) 1).put(bytes - 1, (byte) 1);
            SoftQueuePair pair = context.allocateParentDomain(domain, null)
                    .createQueuePair(new QueuePairInitAttributes().completionQueue(context.createCompletionQueue(4)));
            Endpoint.connect(pair, pair);
            SendRequest write =
                    new SendRequest().write(to.address(), to.rkey()).sge(new ScatterGatherElement(from, 0, bytes));
            Deadline.Running writer = Deadline.start("writes", () -> pair.postSend(write));
            while (target.get(0) == 0 && writer.isAlive()) {
                Thread.onSpinWait();
            }
            to.close();
            byte atClose = target.get(bytes - 1);
            writer.join();
            assertThat(target.get(bytes - 1)).isEqualTo(atClose);
        }
    }
}
