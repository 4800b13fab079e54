package org.rddma.verbs.conformance.remote;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which object of this process has which number, and what stands here for the objects of the other process. */
final class References {
    private final List<Object> mine = new ArrayList<>();
    private final IdentityHashMap<Object, Integer> numbers = new IdentityHashMap<>();
    private final Map<Integer, Object> theirs = new HashMap<>();
    private final Calls calls;

    /** How a stand-in reaches the object that it stands for. */
    interface Calls {
        Object call(int number, Method method, Object[] arguments) throws Throwable;
    }

    References(Calls calls) {
        this.calls = calls;
    }

    /** The number of an object of this process. */
    synchronized int numberOf(Object object) {
        return numbers.computeIfAbsent(object, added -> {
            mine.add(added);
            return mine.size() - 1;
        });
    }

    synchronized Object mine(int number) {
        return mine.get(number);
    }

    /** The interfaces of the library that an object has, by which the other process can call it. */
    static List<String> interfacesOf(Object object) {
        Set<String> names = new LinkedHashSet<>();
        for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
            collect(type, names);
        }
        return List.copyOf(names);
    }

    private static void collect(Class<?> type, Set<String> names) {
        for (Class<?> implemented : type.getInterfaces()) {
            if (implemented.getName().startsWith("org.rddma.") && Modifier.isPublic(implemented.getModifiers())) {
                names.add(implemented.getName());
            }
            collect(implemented, names);
        }
    }

    /** What stands here for an object of the other process: always the same. */
    synchronized Object theirs(int number, List<String> interfaces) {
        return theirs.computeIfAbsent(number, added -> standIn(added, interfaces));
    }

    private Object standIn(int number, List<String> interfaces) {
        Class<?>[] types = interfaces.stream().map(References::named).toArray(Class<?>[]::new);
        return Proxy.newProxyInstance(References.class.getClassLoader(), types, new StandIn(this, number));
    }

    static Class<?> named(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("both processes have the same classes", e);
        }
    }

    /**
     * The number in the other process of what an object stands for.
     *
     * @return negative when it stands for nothing there
     */
    int numberBehind(Object object) {
        return Proxy.isProxyClass(object.getClass())
                        && Proxy.getInvocationHandler(object) instanceof StandIn standIn
                        && standIn.references == this
                ? standIn.number
                : -1;
    }

    private record StandIn(References references, int number) implements InvocationHandler {
        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
            if (method.getName().equals("equals") && method.getDeclaringClass() == Object.class) {
                return proxy == arguments[0];
            } else if (method.getName().equals("hashCode")) {
                return System.identityHashCode(proxy);
            }
            return references.calls.call(number, method, arguments == null ? new Object[0] : arguments);
        }
    }
}
