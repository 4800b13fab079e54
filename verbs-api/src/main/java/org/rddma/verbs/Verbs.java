package org.rddma.verbs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import org.rddma.verbs.layer.Layers;
import org.rddma.verbs.spi.NumaNodes;
import org.rddma.verbs.spi.VerbsProvider;

/**
 * Where a program begins: the devices of all providers on the class path or module path. Choosing happens here and only
 * here: what {@link #open} returns are the provider's own objects, with nothing between them and the caller, unless {@link
 * org.rddma.verbs.layer.Layers} are asked for. Safe for use by several threads.
 */
public final class Verbs {
    private Verbs() {}

    /**
     * All devices ({@code ibv_get_device_list}), in the order of the providers' priorities, then of their names, and
     * within a provider in its own.
     * Providers that cannot work on this machine offer none.
     *
     * @return a list of its own, perhaps empty
     */
    public static List<Device> devices() {
        List<VerbsProvider> providers = new ArrayList<>();
        ServiceLoader.load(VerbsProvider.class, VerbsProvider.class.getClassLoader())
                .forEach(providers::add);
        if (providers.isEmpty()) { // an application server may keep providers in a loader of its own
            ServiceLoader.load(VerbsProvider.class).forEach(providers::add);
        }
        providers.sort(Comparator.comparingInt(VerbsProvider::priority).thenComparing(VerbsProvider::name));
        List<Device> devices = new ArrayList<>();
        for (VerbsProvider provider : providers) {
            if (provider.unavailabilityCause() == null) {
                provider.devices().forEach(device -> devices.add(Layers.apply(device)));
            }
        }
        return devices;
    }

    /**
     * Opens a device by its name ({@code ibv_open_device}).
     *
     * @param name such as {@code soft0}
     * @return a context of its own
     * @throws VerbsException EINVAL when the name is null; ENODEV when no provider has a device of that name; the
     *     message lists those there are
     */
    public static Context open(String name) {
        if (name == null) {
            throw new VerbsException("open", Errno.EINVAL, "the device name is null: give one of " + names());
        }
        for (Device device : devices()) {
            if (device.name().equals(name)) {
                return device.open();
            }
        }
        throw new VerbsException("open", Errno.ENODEV, "there is no device '" + name + "': give one of " + names());
    }

    /**
     * Chooses a device by what it can do, as WrapDrive chooses queues: the devices that have what is asked for are
     * ranked by the distance of their memory node, their priority, their free queue pairs, and their name ({@link
     * Candidate#ORDER}).
     *
     * @param requirements what a device must have
     * @return the choice, to be opened, with the full ranking; when no device will do it says so
     * @throws VerbsException EINVAL when the requirements are null
     */
    public static Selection select(Requirements requirements) {
        return Selection.among(Verbs::devices, NumaNodes.ofThisMachine(), requirements);
    }

    private static List<String> names() {
        return devices().stream().map(Device::name).toList();
    }
}
