package org.rddma.driver;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * {@code name.location#offset:extent?options}: one thing of the driver, and which part of it. Immutable.
 *
 * <p>Holds whatever it is given: only a {@link Command} says what the driver would misread. Numbers are written in
 * lower-case hexadecimal without a prefix; a negative offset stands for the unsigned number of the same 64 bits.
 *
 * @param name of the thing; for a location the name of the leaf
 * @param location from the leaf to the root with dots between, such as {@code me.fabric}; null for none
 * @param offset behind the {@code #}, if that is there; in bytes, for a location the network's number of it
 * @param extent behind the {@code :}, if that is there; in bytes, for a location the number of ourselves
 * @param options behind the {@code ?}
 */
public record Descriptor(String name, String location, OptionalLong offset, OptionalLong extent, Options options)
        implements Subject {
    /**
     * All of it.
     *
     * @throws NullPointerException when something other than the location is null
     */
    public Descriptor {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(offset, "offset");
        Objects.requireNonNull(extent, "extent");
        Objects.requireNonNull(options, "options");
    }

    /**
     * A name at a location.
     *
     * @param name of the thing
     * @param location where it is; null for none
     * @return without offset, extent and options
     */
    public static Descriptor of(String name, String location) {
        return new Descriptor(name, location, OptionalLong.empty(), OptionalLong.empty(), Options.NONE);
    }

    /**
     * The same with an offset and an extent.
     *
     * @param newOffset in bytes
     * @param newExtent in bytes
     * @return a new descriptor
     */
    public Descriptor at(long newOffset, long newExtent) {
        return withOffset(newOffset).withExtent(newExtent);
    }

    /**
     * The same with an offset.
     *
     * @param newOffset in bytes
     * @return a new descriptor
     */
    public Descriptor withOffset(long newOffset) {
        return new Descriptor(name, location, OptionalLong.of(newOffset), extent, options);
    }

    /**
     * The same with an extent.
     *
     * @param newExtent in bytes
     * @return a new descriptor
     */
    public Descriptor withExtent(long newExtent) {
        return new Descriptor(name, location, offset, OptionalLong.of(newExtent), options);
    }

    /**
     * The same with other options.
     *
     * @param newOptions instead of those it has
     * @return a new descriptor
     */
    public Descriptor with(Options newOptions) {
        return new Descriptor(name, location, offset, extent, newOptions);
    }

    /**
     * The same with one option more.
     *
     * @param option name of the option
     * @param value of the option
     * @return a new descriptor
     */
    public Descriptor with(String option, String value) {
        return with(options.with(option, value));
    }

    @Override
    public Descriptor last() {
        return this;
    }

    @Override
    public Subject withLast(Descriptor last) {
        return last;
    }

    @Override
    public String spec() {
        StringBuilder text = new StringBuilder(name);
        if (location != null) {
            text.append('.').append(location);
        }
        offset.ifPresent(number -> text.append('#').append(Long.toHexString(number)));
        extent.ifPresent(number -> text.append(':').append(Long.toHexString(number)));
        return text.toString();
    }

    /** The text as the language writes it. */
    @Override
    public String toString() {
        return options.isEmpty() ? spec() : spec() + "?" + options;
    }
}
