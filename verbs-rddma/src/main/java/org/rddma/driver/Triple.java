package org.rddma.driver;

import java.util.Objects;

/**
 * {@code transfer/destination=source}: one copy of a transfer. Immutable.
 *
 * @param transfer whose copy it is
 * @param destination where to
 * @param source where from; its options are also those of the whole command
 */
public record Triple(Descriptor transfer, Descriptor destination, Descriptor source) implements Subject {
    /**
     * All three.
     *
     * @throws NullPointerException when one is null
     */
    public Triple {
        Objects.requireNonNull(transfer, "transfer");
        Objects.requireNonNull(destination, "destination");
        Objects.requireNonNull(source, "source");
    }

    @Override
    public Descriptor last() {
        return source;
    }

    @Override
    public Subject withLast(Descriptor last) {
        return new Triple(transfer, destination, last);
    }

    @Override
    public String spec() {
        return transfer.spec() + "/" + destination.spec() + "=" + source.spec();
    }

    /** The text as the language writes it. */
    @Override
    public String toString() {
        return transfer + "/" + destination + "=" + source;
    }
}
