package org.rddma.verbs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.rddma.verbs.spi.ProviderInfo;
import org.rddma.verbs.spi.VerbsProvider;

/** Providers good and bad. There is one instance of each in a process, so those that a test counts are that test's alone. */
public final class TestProviders {
    /** The classes of those of which there is an instance, or was to be one. */
    static final List<Class<?>> MADE = new ArrayList<>();

    private TestProviders() {}

    /** A device that says when it is opened. */
    record Named(String name, String provider) implements Device {
        @Override
        public long nodeGuid() {
            return 1;
        }

        @Override
        public DeviceAttributes attributes() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Context open() {
            throw new IllegalStateException("opened " + name);
        }
    }

    /** What all have. */
    abstract static class Base implements VerbsProvider {
        private final List<Device> devices = new ArrayList<>();

        Base(String... names) {
            MADE.add(getClass());
            for (String name : names) {
                devices.add(new Named(name, "test"));
            }
        }

        @Override
        public Throwable unavailabilityCause() {
            return null;
        }

        @Override
        public List<? extends Device> devices() {
            return devices;
        }
    }

    @ProviderInfo(name = "apple", major = 1, minor = 0)
    public static final class Apple extends Base {
        public Apple() {
            super("apple0", "apple1");
        }
    }

    /** Lists nothing; there is a device of every digit behind "any:". */
    @ProviderInfo(name = "finder", major = 1, minor = 1, priority = 2)
    public static final class Finder extends Base {
        public Finder() {}

        @Override
        public Device find(String name) {
            if (name.equals("any:broken")) {
                throw new IllegalStateException("it broke");
            }
            if (!name.startsWith("any:")) {
                return null;
            }
            if (name.length() != 5 || !Character.isDigit(name.charAt(4))) {
                throw new VerbsException("open", Errno.EINVAL, "there is no digit in '" + name + "': give a digit");
            }
            return new Named(name, "finder");
        }
    }

    @ProviderInfo(name = "lister", major = 1, minor = 0)
    public static final class Lister extends Base {
        public Lister() {
            super("any:listed");
        }
    }

    @ProviderInfo(name = "banana", major = 1, minor = 0)
    public static final class Banana extends Base {
        public Banana() {
            super("banana0", "apple1");
        }
    }

    @ProviderInfo(name = "eager", major = 1, minor = 0, priority = 1)
    public static final class Eager extends Base {
        public Eager() {
            super("eager0");
        }
    }

    @ProviderInfo(name = "modest", major = 1, minor = 0, priority = 100)
    public static final class Modest extends Base {
        public Modest() {
            super("modest0");
        }
    }

    @ProviderInfo(name = "absent-minded", major = 1, minor = 0, priority = 0)
    public static final class NoPriority extends Base {
        public NoPriority() {
            super("nopriority0");
        }
    }

    @ProviderInfo(name = "not-needed", major = 1, minor = 0, priority = 90)
    public static final class NotNeeded extends Base {
        public NotNeeded() {
            super("notneeded0");
        }
    }

    @ProviderInfo(name = "not-listed", major = 1, minor = 0)
    public static final class NotListed extends Base {
        public NotListed() {
            super("notlisted0");
        }
    }

    @ProviderInfo(name = "next-major", major = 2, minor = 0)
    public static final class NextMajor extends Base {
        public NextMajor() {
            super("major0");
        }
    }

    @ProviderInfo(name = "newer-minor", major = 1, minor = 99)
    public static final class NewerMinor extends Base {
        public NewerMinor() {
            super("minor0");
        }
    }

    public static final class NoInfo extends Base {
        public NoInfo() {
            super("noinfo0");
        }
    }

    @ProviderInfo(name = "two,names", major = 1, minor = 0)
    public static final class BadName extends Base {
        public BadName() {
            super("badname0");
        }
    }

    @ProviderInfo(name = "thrower", major = 1, minor = 0)
    public static final class ThrowsInConstructor extends Base {
        public ThrowsInConstructor() {
            super("thrower0");
            throw new IllegalStateException("the card is not plugged in");
        }
    }

    @ProviderInfo(name = "static-thrower", major = 1, minor = 0)
    public static final class ThrowsInInitializer extends Base {
        private static final int ZERO = Integer.parseInt("no number");

        public ThrowsInInitializer() {
            super("thrower" + ZERO);
        }
    }

    @ProviderInfo(name = "recursive", major = 1, minor = 0)
    public static final class AsksInConstructor extends Base {
        static final AtomicInteger FOUND = new AtomicInteger(-1);

        public AsksInConstructor() {
            super("recursive0");
            FOUND.set(Verbs.devices().size());
        }
    }

    @ProviderInfo(name = "unavailable", major = 1, minor = 0)
    public static final class Unavailable extends Base {
        static final String CAUSE = "there is no such hardware";

        public Unavailable() {
            super("unavailable0");
        }

        @Override
        public Throwable unavailabilityCause() {
            return new UnsupportedOperationException(CAUSE);
        }

        @Override
        public List<? extends Device> devices() {
            throw new AssertionError("asked although it cannot work");
        }
    }

    @ProviderInfo(name = "mute", major = 1, minor = 0)
    public static final class ThrowsForAvailability extends Base {
        public ThrowsForAvailability() {}

        @Override
        public Throwable unavailabilityCause() {
            throw new NoSuchMethodError("void org.rddma.verbs.Future.method()");
        }
    }

    /** Its devices are what a test says. */
    @ProviderInfo(name = "changing", major = 1, minor = 0)
    public static final class Changing extends Base {
        static Supplier<List<? extends Device>> answer = List::of;

        public Changing() {}

        @Override
        public List<? extends Device> devices() {
            return answer.get();
        }
    }

    /** No provider at all. */
    public static final class NoProvider {
        public NoProvider() {}
    }

    /** Nobody can make one. */
    @ProviderInfo(name = "private", major = 1, minor = 0)
    public static final class NoConstructor extends Base {
        private NoConstructor() {}
    }
}
