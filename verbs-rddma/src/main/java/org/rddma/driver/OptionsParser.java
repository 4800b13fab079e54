package org.rddma.driver;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the options of one term strictly. Each stands whole between two commas; each name stands once; the values that
 * the driver understands are what it understands; and for every key that a driver looks for, searching as the driver
 * does finds the option of that name or nothing.
 */
final class OptionsParser {
    /** What drivers look for. */
    static final List<String> KEYS = List.of(
            "request",
            "default_ops",
            "fabric",
            "dma_name",
            "netdev",
            "event_name",
            "event_id",
            "map_address",
            "map_extent",
            "mytid",
            "discontig",
            "result",
            "reply",
            "mmap_offset");

    private static final int LONGEST_TAG = 8;
    private static final int LONGEST_NAME = 31;

    private final String text;
    private final List<Option> list = new ArrayList<>();
    private final List<Integer> starts = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    OptionsParser(String text, int from, int end) {
        this.text = text;
        int second = text.indexOf('?', from);
        if (second >= 0 && second < end) {
            throw new RddmaSyntaxException("the driver swallows what is behind a second '?': write a comma", second);
        }
        int at = from;
        while (at <= end) {
            int comma = text.indexOf(',', at);
            int to = comma < 0 || comma > end ? end : comma;
            option(at, to, to < end);
            at = to + 1;
        }
        lookUpAll();
    }

    Options options() {
        return Options.of(list);
    }

    private void option(int from, int to, boolean more) {
        int open = text.indexOf('(', from);
        int nameEnd = open < 0 || open > to ? to : open;
        String name = text.substring(from, nameEnd);
        if (name.isEmpty()) {
            throw new RddmaSyntaxException("an option's name is missing", from);
        }
        for (int at = from; at < nameEnd; at++) {
            if (text.charAt(at) == ')' || text.charAt(at) == '=') {
                throw new RddmaSyntaxException(
                        "an option is written name(value): a value holds no comma, a name no ')' and no '='", at);
            }
        }
        String value = nameEnd < to ? value(nameEnd + 1, to, more) : null;
        if (!names.add(name)) {
            throw new RddmaSyntaxException("the driver never sees the second " + name, from);
        }
        String fault = fault(name, value);
        if (fault != null) {
            throw new RddmaSyntaxException(fault, value == null ? from : nameEnd + 1);
        }
        list.add(new Option(name, value));
        starts.add(from);
    }

    private String value(int from, int to, boolean more) {
        int close = text.indexOf(')', from);
        if (close < 0 || close >= to) {
            throw new RddmaSyntaxException(
                    more
                            ? "a comma inside an option's value would end it: use another letter"
                            : "the ')' of an option is missing",
                    to);
        }
        if (close < to - 1) {
            throw new RddmaSyntaxException("the driver drops what is behind the ')' of an option", close + 1);
        }
        return text.substring(from, close);
    }

    private static String fault(String name, String value) {
        return switch (name) {
            case "request" ->
                isTag(value)
                        ? null
                        : "a driver that does not know the command would change this tag: use lower-case hexadecimal"
                                + " of at most 8 digits, without 0x and without leading zeros";
            case "default_ops" ->
                "private".equals(value) || "public".equals(value) ? null : "default_ops is private or public";
            case "fabric", "dma_name" ->
                value != null && !value.isEmpty() && value.length() <= LONGEST_NAME
                        ? null
                        : name + " has 1 to " + LONGEST_NAME + " letters";
            case "netdev" -> value != null && !value.isEmpty() ? null : "netdev names an interface";
            case "event_name" ->
                isName(value) ? null : "event_name names an event: letters other than . # : / = ( and blanks";
            case "event_id", "mytid" -> isNumber(value, 10) ? null : name + " is a decimal number of at most 10 digits";
            case "map_address", "map_extent" ->
                isNumber(value, 16) ? null : name + " is a hexadecimal number of at most 16 digits";
            case "discontig" -> value == null ? null : "discontig has no value";
            case "result", "reply", "mmap_offset" -> name + " belongs to replies";
            default -> null;
        };
    }

    private static boolean isTag(String value) {
        return value != null
                && value.length() <= LONGEST_TAG
                && isNumber(value, 16)
                && value.equals(Long.toHexString(Long.parseLong(value, 16)));
    }

    /** At most 10 digits of base 10, or 16 of base 16: no sign, no prefix. */
    private static boolean isNumber(String value, int base) {
        return value != null
                && !value.isEmpty()
                && value.length() <= base
                && value.chars().allMatch(letter -> {
                    int digit = HexDigits.digit(letter);
                    return digit >= 0 && digit < base;
                });
    }

    private static boolean isName(String value) {
        return value != null && !value.isEmpty() && value.chars().noneMatch(letter -> ".#:/=( ".indexOf(letter) >= 0);
    }

    private void lookUpAll() {
        Options options = options();
        for (String key : KEYS) {
            String found = options.lookup(key, true);
            String meant = options.lookup(key, false);
            if (found == null || found.equals(meant)) {
                continue;
            }
            int culprit = 0;
            while (!list.get(culprit).kept().contains(key)) {
                culprit++;
            }
            throw new RddmaSyntaxException(
                    "the driver would take this for " + key + "(" + found + "): use another word, or write " + key
                            + " before it",
                    starts.get(culprit));
        }
    }
}
