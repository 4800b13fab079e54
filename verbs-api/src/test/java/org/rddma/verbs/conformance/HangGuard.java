package org.rddma.verbs.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Every test of the class, or the one method, must end in time. If it does not, it fails with the stacks of all threads and
 * its own thread is interrupted; the tests behind it run on. A method's guard replaces that of its class.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(HangGuardExtension.class)
public @interface HangGuard {
    /** How long a test may take. */
    int seconds() default 30;
}
