package org.rddma.softdev;

import java.util.List;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.spi.ProviderInfo;
import org.rddma.verbs.spi.VerbsProvider;

/** Offers the devices of the {@linkplain SoftFabric#shared() shared fabric}. */
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
        return SoftFabric.shared().devices();
    }
}
