package org.rddma.verbs.layer;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** One object as the program sees it: it hands every call to its layer, but for what makes an object an object. */
final class Wrapper implements InvocationHandler {
    final Layer layer;
    final Class<?> type;
    final Object target;

    /** What the layer knows about the object; its own affair. */
    final Object notes;

    Wrapper(Layer layer, Class<?> type, Object target, Object notes) {
        this.layer = layer;
        this.type = type;
        this.target = target;
        this.notes = notes;
    }

    /**
     * The wrapper behind an object.
     *
     * @return null when the object is not behind any layer
     */
    static Wrapper of(Object object) {
        if (object == null || !Proxy.isProxyClass(object.getClass())) {
            return null;
        }
        return Proxy.getInvocationHandler(object) instanceof Wrapper wrapper ? wrapper : null;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> target.toString();
            };
        }
        return layer.interceptor().intercept(new Call(this, proxy, method, arguments));
    }
}
