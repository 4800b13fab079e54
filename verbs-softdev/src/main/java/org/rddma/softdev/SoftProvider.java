package org.rddma.softdev;

import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.Device;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.spi.ProviderInfo;
import org.rddma.verbs.spi.VerbsProvider;

/**
 * Offers the devices of the {@linkplain SoftFabric#shared() shared fabric}, then those on the wire: one for each address
 * that the property {@code softdev.roce}, or else the environment variable {@code SOFTDEV_ROCE}, lists; and by its name,
 * such as {@code roce:10.9.0.2}, one for any other address of this host.
 */
@ProviderInfo(name = SoftProvider.NAME, major = VerbsProvider.SPI_MAJOR, minor = VerbsProvider.SPI_MINOR)
public final class SoftProvider implements VerbsProvider {
    /** The name of this provider. */
    static final String NAME = "softdev";

    /** Made by the service loader. */
    public SoftProvider() {}

    @Override
    public Throwable unavailabilityCause() {
        return Os.unavailabilityCause();
    }

    @Override
    public List<SoftDevice> devices() {
        List<SoftDevice> devices = new ArrayList<>(SoftFabric.shared().devices());
        devices.addAll(RoceDevices.listed());
        return devices;
    }

    @Override
    public Device find(String name) {
        return RoceDevices.find(name);
    }
}
