package org.rddma.verbs.conformance;

import java.lang.reflect.Method;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.rddma.verbs.Capability;
import org.rddma.verbs.QueuePairType;

/** Replaces a test that {@link Needs} what the device does not declare by one that it is refused. */
final class NeedsExtension implements InvocationInterceptor {
    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        runOrRefuse(invocation, method.getArguments(), context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        runOrRefuse(invocation, method.getArguments(), context);
    }

    /** A suite's own preparations may need what is not there; the common ones open the context. */
    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        boolean common = method.getExecutable().getDeclaringClass() == DeviceConformance.class;
        if (common || missing(List.of(), context).isEmpty()) {
            Void unused = invocation.proceed();
        } else {
            invocation.skip();
        }
    }

    private static void runOrRefuse(Invocation<Void> invocation, List<Object> arguments, ExtensionContext context)
            throws Throwable {
        Set<Capability> missing = missing(arguments, context);
        if (missing.isEmpty()) {
            Void unused = invocation.proceed();
        } else {
            invocation.skip();
            missing.forEach(capability -> Missing.isRefused(device(context).context, capability));
        }
    }

    private static Set<Capability> missing(List<Object> arguments, ExtensionContext context) {
        Set<Capability> needed = EnumSet.noneOf(Capability.class);
        AnnotationSupport.findAnnotation(context.getRequiredTestClass(), Needs.class)
                .ifPresent(needs -> needed.addAll(List.of(needs.value())));
        AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), Needs.class)
                .ifPresent(needs -> needed.addAll(List.of(needs.value())));
        if (arguments.contains(QueuePairType.UC)) {
            needed.add(Capability.UNRELIABLE_CONNECTION);
        }
        if (arguments.contains(QueuePairType.UD)) {
            needed.add(Capability.DATAGRAM);
        }
        needed.removeIf(device(context)::has);
        return needed;
    }

    private static DeviceConformance device(ExtensionContext context) {
        return (DeviceConformance) context.getRequiredTestInstance();
    }
}
