package org.rddma.driver.example;

import java.util.concurrent.TimeUnit;
import org.rddma.driver.AioCompletion;
import org.rddma.driver.AioConnection;
import org.rddma.driver.Command;
import org.rddma.driver.SignalAioConnection;

/** Asynchronous I/O announced by a signal to this thread. */
public final class AnnouncedBySignal {
    private AnnouncedBySignal() {}

    /** Makes buffers, and prints the sum of their numbers. */
    public static void main(String[] arguments) {
        System.out.println(run(arguments.length > 0 ? arguments[0] : null, "signal"));
    }

    /** Makes a location, and then sixteen buffers at once: the sum of the cookies of those that were made. */
    public static long run(String path, String location) {
        long sum = 0;
        try (SignalAioConnection connection = SignalAioConnection.open(path, 16)) {
            AioCompletion[] done = new AioCompletion[16];
            submit(connection, "location_create://" + location + "?default_ops(private)", 0);
            int unused = connection.completions(done);
            for (int i = 1; i <= 16; i++) {
                submit(connection, "smb_create://buf" + i + "." + location + ":1000", i);
            }
            for (int left = 16; left > 0; ) {
                int count = connection.completions(done, 10, TimeUnit.SECONDS);
                for (int i = 0; i < count; i++) {
                    sum += done[i].reply().succeeded() ? done[i].cookie() : 0;
                }
                left -= count;
            }
        }
        return sum;
    }

    private static void submit(SignalAioConnection connection, String command, long cookie) {
        if (!connection.submit(Command.parse(command), AioConnection.replyBuffer(), cookie)) {
            throw new IllegalStateException("too many commands");
        }
    }
}
