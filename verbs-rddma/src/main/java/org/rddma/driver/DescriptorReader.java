package org.rddma.driver;

import java.util.OptionalLong;

/**
 * Reads one descriptor as the driver does. It cuts at the first '?', then at the first '.' (dots at the start do not
 * count), then what is behind that, or all where there is no location, at the first ':' and at the first '#'. What is
 * behind those two must be a number to its end. It never fails otherwise: names are whatever is left.
 */
final class DescriptorReader {
    /** Of the term, from its first character that is no dot; -1 when all is well. */
    final int error;

    /** Null when there is an error. */
    final Descriptor descriptor;

    DescriptorReader(String term) {
        int start = 0;
        while (start < term.length() && term.charAt(start) == '.') {
            start++;
        }
        int question = term.indexOf('?', start);
        int end = question < 0 ? term.length() : question;
        int dot = before(term, '.', start, end);
        int from = dot < end ? dot + 1 : start;
        int colon = before(term, ':', from, end);
        int hash = before(term, '#', from, end);
        int place = Math.min(colon, hash);
        int offsetEnd = colon > hash ? colon : end;
        int extentEnd = hash > colon ? hash : end;
        int badOffset = bad(term, hash, offsetEnd);
        int badExtent = bad(term, colon, extentEnd);
        int bad = Math.min(badOffset, badExtent);
        error = bad == Integer.MAX_VALUE ? -1 : bad - start;
        descriptor = error >= 0
                ? null
                : new Descriptor(
                        term.substring(start, dot < end ? dot : place),
                        dot < end ? term.substring(from, place) : null,
                        number(term, hash, offsetEnd, -1L),
                        number(term, colon, extentEnd, 0xffff_ffffL),
                        question < 0 ? Options.NONE : Options.kept(term.substring(question + 1)));
    }

    private static int before(String text, char what, int from, int end) {
        int at = text.indexOf(what, from);
        return at < 0 || at > end ? end : at;
    }

    /** Where a number goes wrong; a mark at the end of the text is none. */
    private static int bad(String text, int mark, int to) {
        if (mark >= to) {
            return Integer.MAX_VALUE;
        }
        int end = HexDigits.end(text, mark + 1, to);
        return end < to ? end : Integer.MAX_VALUE;
    }

    private static OptionalLong number(String text, int mark, int to, long mask) {
        return mark >= to ? OptionalLong.empty() : OptionalLong.of(HexDigits.value(text, mark + 1, to) & mask);
    }
}
