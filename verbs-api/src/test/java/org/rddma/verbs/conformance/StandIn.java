package org.rddma.verbs.conformance;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** Objects of the device with one method that does something else: what happens once in a million runs otherwise. */
final class StandIn {
    /** The answer that leaves a call to the object itself. */
    static final Object REAL = new Object();

    private StandIn() {}

    /** What is done instead. */
    @FunctionalInterface
    interface Answer {
        /** What the call returns; {@link #REAL} to make it after all. */
        Object to(Object[] arguments) throws Throwable;
    }

    /** As the object, but for the methods of this name. */
    static <T> T of(Class<T> type, T real, String name, Answer answer) {
        Object made =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object instead = method.getName().equals(name) ? answer.to(arguments) : REAL;
                    if (instead != REAL) {
                        return instead;
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return type.cast(made);
    }
}
