package org.rddma.softdev;

import java.util.List;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.spi.VerbsProvider;

/** Offers the devices of the {@linkplain SoftFabric#shared() shared fabric}. */
public final class SoftProvider implements VerbsProvider {
    /** The name of this provider. */
    static final String NAME = "softdev";

    /** Made by the service loader. */
    public SoftProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Throwable unavailabilityCause() {
        return Os.unavailabilityCause();
    }

    @Override
    public List<SoftDevice> devices() {
        return SoftFabric.shared().devices();
    }
}
