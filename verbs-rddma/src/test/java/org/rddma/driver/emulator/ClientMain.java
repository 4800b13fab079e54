package org.rddma.driver.emulator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.internal.os.Os;

/** What a {@link ClientProcess} runs: reads orders and prints an answer to each. */
final class ClientMain {
    private final Path path;
    private final ArrayDeque<DriverFile> files = new ArrayDeque<>();
    private final ByteBuffer text = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY);
    private ByteBuffer memory = ByteBuffer.allocateDirect(0);

    private ClientMain(Path path) {
        this.path = path;
    }

    /** The other process. */
    public static void main(String[] args) throws IOException {
        Path path = Path.of(args[0]);
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, US_ASCII));
        ClientMain client = new ClientMain(path);
        try (DriverEmulator driver =
                args[1].equals("driver") ? DriverEmulator.start(EmulatorOptions.defaults()) : null) {
            if (driver != null) {
                driver.listen(path);
            }
            for (String line = orders.readLine(); line != null; line = orders.readLine()) {
                String[] words = line.split(" ", 2);
                System.out.println(client.obey(words[0], words.length > 1 ? words[1] : ""));
            }
        }
    }

    private String obey(String order, String rest) {
        String[] numbers = rest.split(" ", -1);
        switch (order) {
            case "open" -> files.add(DriverEmulator.connect(path, true));
            case "close" -> files.remove().close();
            case "send" -> write(rest);
            case "ask" -> {
                write(rest);
                return read();
            }
            case "reply" -> {
                return read();
            }
            case "map" -> memory = files.peek().map(Long.parseLong(numbers[0], 16), Long.parseLong(numbers[1], 16));
            case "allocate" -> {
                memory = ByteBuffer.allocateDirect(Integer.parseInt(rest, 16));
                return Long.toHexString(Os.addressOf(memory));
            }
            case "put" -> memory.put(Integer.parseInt(numbers[0]), Byte.parseByte(numbers[1]));
            case "get" -> {
                return Byte.toString(memory.get(Integer.parseInt(numbers[0])));
            }
            default -> throw new IllegalArgumentException(order);
        }
        return "done";
    }

    private void write(String command) {
        byte[] bytes = command.getBytes(US_ASCII);
        int written = files.peek().write(text.put(0, bytes), 0, bytes.length);
        if (written != bytes.length) {
            throw new IllegalStateException("a write gives " + written);
        }
    }

    private String read() {
        boolean unused = files.peek().await(-1);
        byte[] reply = new byte[files.peek().read(text, 0, text.capacity()) - 1]; // without the line feed
        text.get(0, reply);
        return new String(reply, US_ASCII);
    }
}
