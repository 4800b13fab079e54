package org.rddma.perftest;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number as strtol does with base 0: {@code 4096}, {@code 0x1000}, {@code 010000}. */
final class PingPongNumber implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
        try {
            return Integer.decode(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is no number: give 4096, or 0x1000");
        }
    }
}
