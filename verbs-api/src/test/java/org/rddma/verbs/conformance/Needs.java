package org.rddma.verbs.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.rddma.verbs.Capability;

/**
 * What the device must have for the tests of a class, or for one method. Where it does not declare one of them, each of
 * these tests shows instead that the verbs behind it fail with EOPNOTSUPP: see {@link Missing}. A test with a parameter
 * that is a type of queue pair needs that type without saying so.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
public @interface Needs {
    /** All of these. */
    Capability[] value();
}
