package mine;

import java.util.List;
import org.rddma.softdev.SoftDevice;
import org.rddma.softdev.SoftDeviceOptions;
import org.rddma.softdev.SoftFabric;
import org.rddma.verbs.spi.VerbsProvider;

/** The reader's provider: two devices on one fabric, which are the software device's under other names. */
public final class MyProvider implements VerbsProvider {
    private static final SoftFabric FABRIC = new SoftFabric();

    static {
        FABRIC.addDevice("mine0", SoftDeviceOptions.DEFAULT);
        FABRIC.addDevice("mine1", SoftDeviceOptions.DEFAULT);
    }

    @Override
    public String name() {
        return "mine";
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
