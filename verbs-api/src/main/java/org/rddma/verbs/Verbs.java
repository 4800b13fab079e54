package org.rddma.verbs;

import java.util.List;
import org.rddma.verbs.layer.Layers;
import org.rddma.verbs.spi.NumaNodes;

/**
 * Where a program begins: the devices of all providers on the class path or module path. Choosing happens here and only
 * here: what {@link #open} returns are the provider's own objects, with nothing between them and the caller, unless {@link
 * org.rddma.verbs.layer.Layers} are asked for. Safe for use by several threads.
 *
 * <p>The system property {@code verbs.providers}, or else the environment variable {@code VERBS_PROVIDERS}, is a list of
 * providers, separated by commas: only these are used, in this order. Where neither is set all are, in the order of their
 * priorities, then of their names. A provider that is not used is not instantiated, and one that cannot work does not
 * keep others from it: {@link #providers} says why.
 */
public final class Verbs {
    private Verbs() {}

    /**
     * All providers, with the reasons why the devices of some cannot be used. Those that are selected are instantiated
     * and asked.
     *
     * @return a list of its own: those that are used, in their order, then those that are not
     */
    public static List<ProviderStatus> providers() {
        return Providers.find().statuses();
    }

    /**
     * All devices ({@code ibv_get_device_list}), in the order of their providers, and within a provider in its own.
     * Providers that cannot work on this machine offer none.
     *
     * @return a list of its own, perhaps empty; {@link #providers} says why
     */
    public static List<Device> devices() {
        List<Device> devices = Providers.find().devices();
        devices.replaceAll(Layers::apply);
        return devices;
    }

    /**
     * A device by its name, not opened, also one that is not listed, such as {@code roce:10.9.0.2}. Providers are asked in
     * their order: where two have a device of the same name it is the first one's, and no provider behind it is
     * instantiated.
     *
     * @param name such as {@code soft0}
     * @return the device
     * @throws VerbsException as {@link #open(String)} does about the name
     */
    public static Device device(String name) {
        Providers providers = Providers.find();
        if (name == null) {
            throw new VerbsException("open", Errno.EINVAL, "the device name is null: " + providers.whatThereIs());
        }
        Device device = providers
                .device(name)
                .orElseThrow(() -> new VerbsException(
                        "open", Errno.ENODEV, "there is no device '" + name + "': " + providers.whatThereIs()));
        return Layers.apply(device);
    }

    /**
     * Opens a device by its name ({@code ibv_open_device}): the one that {@link #device} finds.
     *
     * @param name such as {@code soft0}
     * @return a context of its own
     * @throws VerbsException EINVAL when the name is null, or what a provider says that makes devices of such names; ENODEV when no provider has a device of that name; the
     *     message lists those there are, and the providers that cannot be used, with their reasons
     */
    public static Context open(String name) {
        return device(name).open();
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
}
