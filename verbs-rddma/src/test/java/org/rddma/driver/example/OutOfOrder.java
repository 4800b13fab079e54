package org.rddma.driver.example;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.rddma.driver.AsyncConnection;
import org.rddma.driver.AsyncHandle;
import org.rddma.driver.Command;
import org.rddma.driver.Commands;
import org.rddma.driver.EventLoopFrame;
import org.rddma.driver.Reply;
import org.rddma.driver.ThreadPerRequestFrame;

/** Non-blocking out of order: handles; then in the frames for threads and for an event loop. */
public final class OutOfOrder {
    private OutOfOrder() {}

    /** Makes buffers in three ways, and prints what the driver says. */
    public static void main(String[] arguments) {
        run(arguments.length > 0 ? arguments[0] : null, "mixed").forEach(System.out::println);
    }

    /** Makes a location with buffers. */
    public static List<Reply> run(String path, String location) {
        List<Reply> replies = new ArrayList<>();
        handles(path, location, replies);
        threads(path, location, replies);
        loop(path, location, replies);
        return replies;
    }

    /** The first waits at a barrier until the second has come, which overtakes it. */
    private static void handles(String path, String location, List<Reply> replies) {
        try (AsyncConnection connection = AsyncConnection.open(path)) {
            connection.startDispatcher();
            try (AsyncHandle first = connection.handle();
                    AsyncHandle second = connection.handle()) {
                for (String command : new String[] {
                    "location_create://" + location + "?default_ops(private)", "sync_create://both." + location + "#2"
                }) {
                    replies.add(first.call(Command.parse(command), 10, TimeUnit.SECONDS));
                }
                first.invoke(Command.parse("sync_wait://both." + location));
                second.invoke(Command.parse("sync_send://both." + location));
                replies.add(second.await(10, TimeUnit.SECONDS));
                replies.add(first.await(10, TimeUnit.SECONDS));
            }
        }
    }

    private static void threads(String path, String location, List<Reply> replies) {
        try (ThreadPerRequestFrame frame = ThreadPerRequestFrame.open(path, 4)) {
            List<CompletableFuture<Reply>> requests = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String name = "t" + i;
                requests.add(frame.submit(handle -> {
                    Reply unused = handle.call(Commands.smbCreate(name, location, 0, 64), 10, TimeUnit.SECONDS);
                    return handle.call(Commands.smbFind(name, location), 10, TimeUnit.SECONDS);
                }));
            }
            requests.forEach(request -> replies.add(request.join()));
        }
    }

    private static void loop(String path, String location, List<Reply> replies) {
        try (EventLoopFrame frame = EventLoopFrame.open(path)) {
            int[] left = {20};
            for (int i = 0; i < 20; i++) {
                frame.submit(Commands.smbCreate("l" + i, location, 0, 64), reply -> {
                    replies.add(reply);
                    left[0]--;
                    if (left[0] == 0) {
                        frame.stop();
                    }
                    return false;
                });
            }
            boolean unused = frame.run();
        }
    }
}
