package org.rddma.driver.example;

import java.util.concurrent.TimeUnit;
import org.rddma.driver.Command;
import org.rddma.driver.RddmaConnection;
import org.rddma.driver.Reply;

/** Non-blocking ordered: invoke the command, work, get the reply; then the next. */
public final class NonBlockingOrdered {
    private NonBlockingOrdered() {}

    /** Makes buffers, and prints the sum of the work done meanwhile. */
    public static void main(String[] arguments) {
        System.out.println(run(arguments.length > 0 ? arguments[0] : null, "busy"));
    }

    /** Makes a location with ten buffers and computes while the driver does so: a number that the work gives. */
    public static long run(String path, String location) {
        long work = 0;
        try (RddmaConnection connection = RddmaConnection.open(path, 10, TimeUnit.SECONDS)) {
            for (int i = 0; i <= 10; i++) {
                String text = i == 0
                        ? "location_create://" + location + "?default_ops(private)"
                        : "smb_create://buf" + i + "." + location + ":1000";
                if (!connection.invoke(Command.parse(text))) {
                    throw new IllegalStateException("the driver takes no commands");
                }
                for (int step = 0; step < 1000; step++) {
                    work += step;
                }
                Reply reply = connection.result();
                if (reply == null || !reply.succeeded()) {
                    throw new IllegalStateException("not made: " + reply);
                }
            }
        }
        return work;
    }
}
