package org.rddma.verbs.layer;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventChannel;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.ThreadDomain;
import org.rddma.verbs.XrcDomain;

/**
 * The wrappers of one context, and which object each stands for: an object below has one wrapper as long as the program
 * or the layer holds it. The layer holds the wrappers of what is open, because it keeps notes with them, and forgets them
 * with the close; the table itself holds neither side, so that what is closed can be collected.
 */
final class Layer {
    private static final Set<Class<?>> WRAPPED = Set.of(
            Device.class,
            Context.class,
            ProtectionDomain.class,
            MemoryRegion.class,
            MemoryWindow.class,
            CompletionQueue.class,
            CompletionChannel.class,
            CompletionCursor.class,
            AsyncEventChannel.class,
            AsyncEvent.class,
            AddressHandle.class,
            QueuePair.class,
            SendBuilder.class,
            SharedReceiveQueue.class,
            ThreadDomain.class,
            XrcDomain.class);

    /** The wrappers of devices outlive contexts: all layers of one origin share them. */
    private final Layer devices;

    private final Supplier<Interceptor> kind;
    private final Class<?> name;
    private final Interceptor interceptor;
    private final Map<Key, WeakReference<Object>> wrappers = new HashMap<>();
    private final ReferenceQueue<Object> collected = new ReferenceQueue<>();
    private final Set<Object> open = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * A layer of its own.
     *
     * @param name of what kind it is; layers of one kind understand each other's wrappers
     * @param kind makes what works in it, once per context
     */
    Layer(Class<?> name, Supplier<Interceptor> kind) {
        this(name, kind, null);
    }

    private Layer(Class<?> name, Supplier<Interceptor> kind, Layer devices) {
        this.name = name;
        this.kind = kind;
        this.devices = devices == null ? this : devices;
        interceptor = kind.get();
    }

    /** The layer of another context, with the same devices. */
    Layer another() {
        return new Layer(name, kind, devices);
    }

    Interceptor interceptor() {
        return interceptor;
    }

    static boolean wraps(Class<?> type) {
        return WRAPPED.contains(type);
    }

    /**
     * The object as the program is to see it.
     *
     * @param type one of the API's interfaces
     * @param target the object below
     * @return the same wrapper every time
     */
    <T> T wrap(Class<T> type, T target) {
        if (type == Device.class && devices != this) {
            return devices.wrap(type, target);
        }
        synchronized (wrappers) {
            for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
                wrappers.remove(gone);
            }
            WeakReference<Object> known = wrappers.get(new Key(target, null));
            Object wrapper = known == null ? null : known.get();
            if (wrapper == null) {
                wrapper = make(type, target);
                wrappers.put(new Key(target, collected), new WeakReference<>(wrapper));
                if (AutoCloseable.class.isAssignableFrom(type)) {
                    open.add(wrapper);
                }
            }
            return type.cast(wrapper);
        }
    }

    private Object make(Class<?> type, Object target) {
        return Proxy.newProxyInstance(
                Layer.class.getClassLoader(),
                new Class<?>[] {type},
                new Wrapper(this, type, target, interceptor.notesFor(type, target)));
    }

    /** The object below, when this is a wrapper of this kind; otherwise what was given. */
    Object unwrap(Object object) {
        Wrapper wrapper = Wrapper.of(object);
        return wrapper != null && wrapper.layer.name == name ? wrapper.target : object;
    }

    boolean isWrapper(Object object) {
        return unwrap(object) != object;
    }

    /** The object was closed: its wrapper lives as long as the program holds it. */
    void closed(Class<?> type, Object wrapper) {
        synchronized (wrappers) {
            if (type == Context.class) {
                open.clear();
            } else {
                open.remove(wrapper);
            }
        }
    }

    /** An object by its identity, held weakly. */
    private static final class Key extends WeakReference<Object> {
        private final int hash;

        Key(Object object, ReferenceQueue<Object> queue) {
            super(object, queue);
            hash = System.identityHashCode(object);
        }

        @Override
        public boolean equals(Object other) {
            return this == other || other instanceof Key key && get() != null && get() == key.get();
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
