package org.rddma.softdev;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** How often a {@link SoftSchedule} makes use of each {@link Freedom}. Immutable. */
public final class Freedoms {
    private static final Freedoms NONE = new Freedoms(new EnumMap<>(Freedom.class));
    private static final Freedoms ALL = usual();

    private final EnumMap<Freedom, Integer> percents;

    private Freedoms(EnumMap<Freedom, Integer> percents) {
        this.percents = percents;
    }

    private static Freedoms usual() {
        EnumMap<Freedom, Integer> percents = new EnumMap<>(Freedom.class);
        for (Freedom freedom : Freedom.values()) {
            percents.put(freedom, freedom.usualPercent());
        }
        return new Freedoms(percents);
    }

    /**
     * No freedom: the steps happen in the order in which an ordinary device would do them.
     *
     * @return the same object every time
     */
    public static Freedoms none() {
        return NONE;
    }

    /**
     * Every freedom, each as often as makes histories that differ a lot and yet get on.
     *
     * @return the same object every time
     */
    public static Freedoms all() {
        return ALL;
    }

    /**
     * Those that lose nothing and need no retry: everything is late and in any order, but all that was sent arrives.
     *
     * @return {@link #all()} without losses, refusals and discarded completions
     */
    public static Freedoms lossless() {
        return ALL.without(
                Freedom.REFUSALS,
                Freedom.LOST_REQUESTS,
                Freedom.LOST_ANSWERS,
                Freedom.LOST_DATAGRAMS,
                Freedom.LOST_MESSAGES,
                Freedom.DISCARDED_COMPLETIONS);
    }

    /**
     * The same with one that is used more or less often.
     *
     * @param freedom which
     * @param percent 0 for never, to 100 for always; of what, is said at each
     * @return a copy
     * @throws IllegalArgumentException when the percentage is out of range or the freedom is null
     */
    public Freedoms with(Freedom freedom, int percent) {
        if (freedom == null || percent < 0 || percent > 100) {
            throw new IllegalArgumentException("give a freedom, and 0 to 100 percent (not " + percent + ")");
        }
        EnumMap<Freedom, Integer> copy = new EnumMap<>(percents);
        copy.put(freedom, percent);
        return new Freedoms(copy);
    }

    /**
     * The same without some.
     *
     * @param others never used
     * @return a copy
     * @throws IllegalArgumentException when one is null
     */
    public Freedoms without(Freedom... others) {
        if (others == null || Arrays.asList(others).contains(null)) {
            throw new IllegalArgumentException("a freedom is null");
        }
        EnumMap<Freedom, Integer> copy = new EnumMap<>(percents);
        Arrays.asList(others).forEach(copy::remove);
        return new Freedoms(copy);
    }

    /**
     * How often a freedom is used.
     *
     * @param freedom which
     * @return 0 to 100
     */
    public int percent(Freedom freedom) {
        return percents.getOrDefault(freedom, 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Freedoms freedoms && freedoms.nonZero().equals(nonZero());
    }

    @Override
    public int hashCode() {
        return nonZero().hashCode();
    }

    private Map<Freedom, Integer> nonZero() {
        EnumMap<Freedom, Integer> copy = new EnumMap<>(percents);
        copy.values().removeIf(percent -> percent == 0);
        return copy;
    }

    @Override
    public String toString() {
        return nonZero().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue() + "%")
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
