import java.util.List;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.model.Interleaving;
import org.rddma.verbs.model.SteppedDevice;

/** The reader's protocol: one side sends one message, the other gets it. */
class PingProperties extends MyProtocolProperties {
    @Override
    MyProtocol start(SteppedDevice device) {
        return new Ping(device.open());
    }

    private static final class Ping implements MyProtocol {
        private final Context context;
        private final CompletionQueue sends;
        private final CompletionQueue receives;
        private final QueuePair sender;
        private final MemoryRegion memory;
        private final WorkCompletion[] done = WorkCompletion.array(1);
        private boolean posted;
        private int sent;
        private int received;

        Ping(Context context) {
            this.context = context;
            ProtectionDomain domain = context.allocateProtectionDomain();
            sends = context.createCompletionQueue(new CompletionQueueAttributes().entries(4));
            receives = context.createCompletionQueue(new CompletionQueueAttributes().entries(4));
            memory = domain.allocateMemory(64, AccessFlags.LOCAL_WRITE);
            sender = domain.createQueuePair(new QueuePairInitAttributes().completionQueue(sends));
            QueuePair receiver = domain.createQueuePair(new QueuePairInitAttributes().completionQueue(receives));
            Endpoint.connect(sender, receiver);
            receiver.postReceive(new ReceiveRequest(1, new ScatterGatherElement(memory, 32, 32)));
        }

        @Override
        public List<Interleaving.Part> parts() {
            return List.of(
                    () -> {
                        if (!posted) {
                            posted = true;
                            sender.postSend(new SendRequest()
                                    .send()
                                    .flags(SendFlags.SIGNALED)
                                    .sge(new ScatterGatherElement(memory, 0, 32)));
                            return true;
                        }
                        int found = successes(sends);
                        sent += found;
                        return found > 0;
                    },
                    () -> {
                        int found = successes(receives);
                        received += found;
                        return found > 0;
                    });
        }

        private int successes(CompletionQueue queue) {
            int found = queue.poll(done);
            if (found == 1 && done[0].status() != WorkCompletionStatus.SUCCESS) {
                throw new AssertionError(done[0].toString());
            }
            return found;
        }

        @Override
        public void assertDone() {
            if (sent != 1 || received != 1) {
                throw new AssertionError(sent + " sent, " + received + " received");
            }
        }

        @Override
        public void close() {
            context.close();
        }
    }
}
