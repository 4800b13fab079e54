package org.rddma.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The options behind the {@code ?} of a descriptor, in their order. Immutable.
 *
 * <p>Holds whatever it is given: only a {@link Command} says what the driver would misread.
 */
public final class Options {
    /** No options. */
    public static final Options NONE = new Options(List.of());

    private final List<Option> list;

    private Options(List<Option> list) {
        this.list = list;
    }

    /**
     * These options in this order.
     *
     * @param options any
     * @return them
     */
    public static Options of(List<Option> options) {
        return options.isEmpty() ? NONE : new Options(List.copyOf(options));
    }

    /**
     * One more at the end.
     *
     * @param name of the option
     * @param value of the option
     * @return a new list
     */
    public Options with(String name, String value) {
        return with(new Option(name, value));
    }

    /**
     * One more at the end, without a value.
     *
     * @param name of the option
     * @return a new list
     */
    public Options with(String name) {
        return with(new Option(name, null));
    }

    private Options with(Option option) {
        List<Option> longer = new ArrayList<>(list);
        longer.add(option);
        return of(longer);
    }

    /**
     * All but those of that name.
     *
     * @param name of the options to leave out
     * @return a list without them
     */
    public Options without(String name) {
        return of(list.stream().filter(option -> !option.name().equals(name)).collect(Collectors.toList()));
    }

    /**
     * All of them.
     *
     * @return in their order
     */
    public List<Option> list() {
        return list;
    }

    /**
     * Whether there are none.
     *
     * @return true when nothing is behind the {@code ?}
     */
    public boolean isEmpty() {
        return list.isEmpty();
    }

    /**
     * Whether an option of exactly this name is there.
     *
     * @param name of the option
     * @return true when it is, with or without a value
     */
    public boolean has(String name) {
        return list.stream().anyMatch(option -> option.name().equals(name));
    }

    /**
     * The value of the first option of exactly this name.
     *
     * @param name of the option
     * @return null when there is no such option, or it has no value
     */
    public String value(String name) {
        for (Option option : list) {
            if (option.name().equals(name)) {
                return option.value();
            }
        }
        return null;
    }

    /**
     * What the driver finds under a key. An option without a value answers with its own name.
     *
     * <p>The driver of 2008 looks for the key anywhere in an option's text and takes what follows the next '=', so
     * that {@code fabric_name(x)} is found as {@code fabric}. The first option that answers wins.
     *
     * @param key what to look for
     * @param substringQuirk true to search as that driver does, false for options of exactly this name
     * @return the value; null when nothing is found
     */
    public String lookup(String key, boolean substringQuirk) {
        for (Option option : list) {
            if (!substringQuirk) {
                if (option.name().equals(key)) {
                    return option.value() == null ? option.name() : option.value();
                }
                continue;
            }
            String kept = option.kept();
            int hit = kept.indexOf(key);
            if (hit >= 0) {
                int equals = kept.indexOf('=', hit);
                return equals < 0 ? kept.substring(hit) : kept.substring(equals + 1);
            }
        }
        return null;
    }

    /**
     * Reads options as the driver does: cut at every comma, even inside parentheses.
     *
     * @param text behind the {@code ?}
     * @return what it was taken for; empty ones are left out
     */
    static Options kept(String text) {
        List<Option> list = new ArrayList<>();
        int from = 0;
        while (from <= text.length()) {
            int comma = text.indexOf(',', from);
            int to = comma < 0 ? text.length() : comma;
            if (to > from) {
                list.add(Option.kept(text.substring(from, to)));
            }
            from = to + 1;
        }
        return of(list);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Options options && list.equals(options.list);
    }

    @Override
    public int hashCode() {
        return list.hashCode();
    }

    /** The text behind the {@code ?}, as the language writes it. */
    @Override
    public String toString() {
        return list.stream().map(Option::toString).collect(Collectors.joining(","));
    }
}
