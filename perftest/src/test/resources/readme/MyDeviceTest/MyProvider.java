package mine;

import java.util.List;
import org.rddma.softdev.SoftDevice;
import org.rddma.softdev.SoftDeviceOptions;
import org.rddma.softdev.SoftFabric;
import org.rddma.verbs.spi.ProviderInfo;
import org.rddma.verbs.spi.VerbsProvider;

/** The reader's provider: two devices on one fabric, which are the software device's under other names. */
@ProviderInfo(name = "mine", major = VerbsProvider.SPI_MAJOR, minor = VerbsProvider.SPI_MINOR)
public final class MyProvider implements VerbsProvider {
    private static final SoftFabric FABRIC = new SoftFabric();

    static {
        FABRIC.addDevice("mine0", SoftDeviceOptions.DEFAULT);
        FABRIC.addDevice("mine1", SoftDeviceOptions.DEFAULT);
    }

    @Override
    public Throwable unavailabilityCause() {
        return null;
    }

    @Override
    public List<SoftDevice> devices() {
        return FABRIC.devices();
    }
}
