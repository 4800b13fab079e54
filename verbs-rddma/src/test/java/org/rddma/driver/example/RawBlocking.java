package org.rddma.driver.example;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.rddma.driver.DriverFile;

/** Close to the metal: a blocking descriptor, whose write returns when the command is done; then its reply is there. */
public final class RawBlocking {
    private RawBlocking() {}

    /** Makes a buffer, and prints what the driver says. */
    public static void main(String[] arguments) {
        System.out.println(run(arguments.length > 0 ? arguments[0] : null, "raw"));
    }

    /** Makes a location with a buffer, all in writes first, and reads the replies in the order of the commands. */
    public static String run(String path, String location) {
        ByteBuffer line = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY);
        StringBuilder said = new StringBuilder();
        try (DriverFile file = DriverFile.open(path, false)) {
            String[] commands = {
                "location_create://" + location + "?default_ops(private)\n", "smb_create://buf." + location + ":1000\n",
            };
            for (String command : commands) {
                byte[] bytes = command.getBytes(StandardCharsets.US_ASCII);
                int unused = file.write(line.put(0, bytes), 0, bytes.length);
            }
            for (int i = 0; i < commands.length; i++) {
                byte[] reply = new byte[file.read(line, 0, line.capacity())];
                line.get(0, reply);
                said.append(new String(reply, StandardCharsets.US_ASCII));
            }
        }
        return said.toString();
    }
}
