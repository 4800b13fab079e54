package org.rddma.driver.example;

import java.util.concurrent.TimeUnit;
import org.rddma.driver.Command;
import org.rddma.driver.Commands;
import org.rddma.driver.RddmaConnection;
import org.rddma.driver.Reply;
import org.rddma.driver.SynchronousFrame;

/** Blocking ordered: do the command, get the reply. Then the same in the frame for it. */
public final class BlockingOrdered {
    private BlockingOrdered() {}

    /** Makes a buffer, and prints what the driver says. */
    public static void main(String[] arguments) {
        System.out.println(run(arguments.length > 0 ? arguments[0] : null, "ordered"));
    }

    /** Makes a location with a buffer, and finds it. */
    public static Reply run(String path, String location) {
        try (RddmaConnection connection = RddmaConnection.open(path, 10, TimeUnit.SECONDS)) {
            Reply made = connection.call(Command.parse("location_create://" + location + "?default_ops(private)"));
            if (made == null || !made.succeeded()) {
                throw new IllegalStateException("no location: " + made);
            }
        }
        try (SynchronousFrame frame = SynchronousFrame.open(path, 10, TimeUnit.SECONDS)) {
            Reply unused = frame.require(Commands.smbCreate("buf", location, 0, 0x1000));
            return frame.require(Commands.smbFind("buf", location));
        }
    }
}
