package org.rddma.verbs.spi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a {@link VerbsProvider} says about itself before it is instantiated. It stands on the provider's class, and
 * without it a provider is refused: {@link org.rddma.verbs.Verbs} decides by it whether to make an instance at all.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface ProviderInfo {
    /**
     * Its name, by which the allow-list ({@code verbs.providers}) knows it.
     *
     * @return lower-case letters, digits and hyphens
     */
    String name();

    /**
     * The major version of this interface that it was compiled against. Another one than {@link
     * VerbsProvider#SPI_MAJOR} is refused.
     *
     * @return {@link VerbsProvider#SPI_MAJOR}, which the compiler turns into the number of that day
     */
    int major();

    /**
     * The minor version of this interface that it was compiled against. Both an older and a newer one are used.
     *
     * @return {@link VerbsProvider#SPI_MINOR}, which the compiler turns into the number of that day
     */
    int minor();

    /**
     * Where its devices stand among those of other providers, so that a program which takes the first device gets a
     * sensible one. Providers of the same priority stand in the order of their names. An allow-list has an order of
     * its own.
     *
     * @return 1 to 100, smaller first; any other is behind all of these
     */
    int priority() default 50;
}
