package org.rddma.perftest;

import java.nio.ByteBuffer;
import org.rddma.driver.DriverFile;
import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.driver.emulator.EmulatorOptions;

/** The shortest command of an RDDMA driver in this process, from before its write until its reply has been read. */
final class DriverLimit implements Limit {
    private final Samples samples = new Samples();
    private final Duo duo;

    DriverLimit(Duo duo) {
        this.duo = duo;
    }

    @Override
    public String title() {
        return "RDDMA command, round trip";
    }

    @Override
    public Samples run(long nanos) {
        samples.clear();
        try (DriverEmulator driver = DriverEmulator.start(EmulatorOptions.defaults());
                DriverFile file = driver.open(true)) {
            duo.run(() -> ask(file, nanos), () -> {});
        }
        return samples;
    }

    @Override
    public double divisor() {
        return 1;
    }

    private void ask(DriverFile file, long nanos) {
        ByteBuffer text = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY).put(0, SocketLimit.COMMAND);
        ByteBuffer answer = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY);
        long start = System.nanoTime();
        do {
            long begin = System.nanoTime();
            int sent = file.write(text, 0, SocketLimit.COMMAND.length);
            boolean replied = file.await(-1);
            int read = replied ? file.read(answer, 0, answer.capacity()) : 0;
            samples.record(System.nanoTime() - begin);
            if (sent < 0 || read <= 0) {
                throw new IllegalStateException("a command got no reply");
            }
        } while (System.nanoTime() - start < nanos || samples.count() < Limit.LEAST_SAMPLES);
    }
}
