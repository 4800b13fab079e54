package org.rddma.verbs.conformance;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a provider can be linked directly: its classes are public and final, and what their methods return has the
 * provider's own class wherever the provider has one, so that a program which begins with one of them never meets an
 * interface of the verbs.
 */
public final class DirectLinking {
    private DirectLinking() {}

    /**
     * Looks at the classes that a program meets.
     *
     * @param classes of the provider, those of its objects
     * @return a sentence for everything that keeps them from being linked directly; empty when nothing does
     */
    public static List<String> obstacles(List<Class<?>> classes) {
        List<String> obstacles = new ArrayList<>();
        for (Class<?> type : classes) {
            if (!Modifier.isPublic(type.getModifiers()) || !Modifier.isFinal(type.getModifiers())) {
                obstacles.add(type.getName() + " is not public and final");
            }
            for (Method method : type.getMethods()) {
                for (Class<?> own : classes) {
                    if (isWider(method, own) && !isNarrowed(method, type)) {
                        obstacles.add(type.getSimpleName() + "." + method.getName() + " returns "
                                + method.getReturnType().getSimpleName() + ", not " + own.getSimpleName());
                    }
                }
            }
        }
        return obstacles;
    }

    /** Whether it returns a type of the verbs' that this class is a kind of, the only one of the provider. */
    private static boolean isWider(Method method, Class<?> own) {
        Class<?> returned = method.getReturnType();
        return returned != own
                && returned.isAssignableFrom(own)
                && returned.isInterface()
                && returned.getPackageName().startsWith("org.rddma.verbs")
                && !Modifier.isStatic(method.getModifiers());
    }

    /** Whether the compiler chooses another method with the same parameters, which returns less. */
    private static boolean isNarrowed(Method method, Class<?> type) {
        for (Method other : type.getMethods()) {
            if (!other.equals(method)
                    && other.getName().equals(method.getName())
                    && List.of(other.getParameterTypes()).equals(List.of(method.getParameterTypes()))
                    && other.getReturnType() != method.getReturnType()
                    && method.getReturnType().isAssignableFrom(other.getReturnType())) {
                return true;
            }
        }
        return false;
    }
}
