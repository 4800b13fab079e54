package org.rddma.verbs.layer;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;

/** A call of the program to a wrapped object. */
final class Call {
    final Wrapper wrapper;
    final Object proxy;
    final Object[] arguments;
    private final Method method;

    Call(Wrapper wrapper, Object proxy, Method method, Object[] arguments) {
        this.wrapper = wrapper;
        this.proxy = proxy;
        this.method = method;
        this.arguments = arguments == null ? new Object[0] : arguments;
    }

    String verb() {
        return method.getName();
    }

    boolean hasResult() {
        return method.getReturnType() != void.class;
    }

    /** The object below, on which other verbs may be called without anybody noticing. */
    <T> T target(Class<T> type) {
        return type.cast(wrapper.target);
    }

    <T> T notes(Class<T> type) {
        return type.cast(wrapper.notes);
    }

    /**
     * Does it: with the objects below in place of the wrappers, on the way down, and the other way round on the way up.
     *
     * @return as the program is to see it
     * @throws Throwable what the verb throws
     */
    Object proceed() throws Throwable {
        Passing passing = new Passing(wrapper.layer);
        Object[] passed = passing.down(arguments);
        try {
            Object result = passing.up(method.invoke(wrapper.target, passed));
            if (verb().equals("close")) {
                closed();
            }
            return wrapped(result);
        } catch (InvocationTargetException e) {
            throw passing.up(e.getCause());
        }
    }

    /** The object was closed. */
    void closed() {
        wrapper.layer.closed(wrapper.type, proxy);
    }

    /** What the verb has returned, as the program is to see it. */
    Object wrapped(Object result) {
        Class<?> type = method.getReturnType();
        if (result == null) {
            return null;
        }
        if (result == wrapper.target) {
            return proxy; // of builders
        }
        if (!Layer.wraps(type)) {
            return result;
        }
        boolean opened = wrapper.type == Device.class && type == Context.class;
        return wrapAs(type, opened ? wrapper.layer.another() : wrapper.layer, result);
    }

    private static <T> T wrapAs(Class<T> type, Layer layer, Object result) {
        return layer.wrap(type, type.cast(result));
    }
}
