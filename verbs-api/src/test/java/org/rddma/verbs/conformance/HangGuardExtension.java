package org.rddma.verbs.conformance;

import java.lang.reflect.Method;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Runs tests and what prepares and ends them under a {@link Deadline}. */
final class HangGuardExtension implements InvocationInterceptor {
    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        guard(invocation, method, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        guard(invocation, method, context);
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        guard(invocation, method, context);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        guard(invocation, method, context);
    }

    private static void guard(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        HangGuard guard = AnnotationSupport.findAnnotation(method.getExecutable(), HangGuard.class)
                .or(() -> AnnotationSupport.findAnnotation(context.getRequiredTestClass(), HangGuard.class))
                .orElseThrow();
        String name = context.getDisplayName() + ", " + method.getExecutable().getName();
        Deadline.run(name, Duration.ofSeconds(guard.seconds()), invocation::proceed);
    }
}
