package org.rddma.driver.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.spi.ProviderInfo;
import org.rddma.verbs.spi.VerbsProvider;

/**
 * Offers RDDMA drivers as devices {@code rddma0}, {@code rddma1} and so on.
 *
 * <p>The system property {@value #PROPERTY}, or else the environment variable {@value #ENVIRONMENT}, lists them: paths of
 * device files, or of sockets of an emulator, separated by commas. Where neither is set, there are two devices on an
 * emulator inside this process, which runs while one of them is open.
 */
@ProviderInfo(
        name = RddmaProvider.NAME,
        major = VerbsProvider.SPI_MAJOR,
        minor = VerbsProvider.SPI_MINOR,
        priority = 60) // behind devices that need no driver
public final class RddmaProvider implements VerbsProvider {
    /** The name of this provider. */
    static final String NAME = "rddma";

    /** Names the property that lists devices. */
    static final String PROPERTY = DriverFile.PROPERTY;

    private static final String ENVIRONMENT = DriverFile.ENVIRONMENT;
    private static final Map<String, List<RddmaDevice>> KNOWN = new ConcurrentHashMap<>();

    /** Made by the service loader. */
    public RddmaProvider() {}

    @Override
    public Throwable unavailabilityCause() {
        return Os.unavailabilityCause();
    }

    @Override
    public List<RddmaDevice> devices() {
        return devices(System.getProperty(PROPERTY, System.getenv().getOrDefault(ENVIRONMENT, "")));
    }

    /** The same devices every time, so that what they count is counted once. */
    static List<RddmaDevice> devices(String paths) {
        return KNOWN.computeIfAbsent(paths, RddmaProvider::parse);
    }

    private static List<RddmaDevice> parse(String paths) {
        List<RddmaDevice> devices = new ArrayList<>();
        for (String path : paths.split(",", -1)) {
            if (!path.isBlank()) {
                devices.add(RddmaDevice.at("rddma" + devices.size(), path.strip()));
            }
        }
        if (devices.isEmpty()) {
            devices.add(RddmaDevice.embedded("rddma0"));
            devices.add(RddmaDevice.embedded("rddma1"));
        }
        return List.copyOf(devices);
    }
}
