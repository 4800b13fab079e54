package org.rddma.driver;

import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.rddma.driver.CommandParser.Term;

/**
 * What a command must have beyond the grammar, so that the driver does what it says: no part that the driver ignores,
 * reads as something else, or cannot answer in the room that its reply has.
 */
final class CommandRules {
    private static final long PAGE = 4096;
    private static final long LAST_OFFSET = PAGE - 32;
    private static final int ROOM_OF_REPLY = 1003;
    private static final int LONGEST_PLACE = "#ffffffffffffffff:ffffffff".length();
    private static final int LONGEST_ENDING =
            "?result(-2147483648),reply(ffffffff),mmap_offset(ffffffffffffffff)".length();
    private static final int UNKNOWN_ENDING = ",result(10101),reply(ffffffff)".length();

    private CommandRules() {}

    /**
     * Checks a command.
     *
     * @param terms one, or the three of a triple
     * @param text the whole line
     * @throws RddmaSyntaxException when it would not be done as it is written
     */
    static void check(Operation operation, List<Term> terms, String text) {
        lengths(operation, terms, text);
        Term first = terms.get(0);
        for (Term term : terms.subList(0, terms.size() - 1)) {
            refuse(
                    term.descriptor().options().has("request"),
                    "the driver looks for request behind the last term only",
                    term);
        }
        if (operation == Operation.LOCATION_CREATE) {
            refuse(
                    first.descriptor().location() == null && !hasDefaultOps(first),
                    "a root needs default_ops(private) or default_ops(public)",
                    first);
        } else if (!operation.aboutLocation() && (!operation.triple() || operation == Operation.BIND_CREATE)) {
            terms.forEach(CommandRules::needsLocation);
        }
        if (operation == Operation.BIND_CREATE) {
            bindCreate(terms);
        } else if (!operation.triple()) {
            place(operation, first);
        }
    }

    private static void lengths(Operation operation, List<Term> terms, String text) {
        List<Term> replied = operation == Operation.BIND_FIND ? Collections.nCopies(3, terms.get(0)) : terms;
        int dividers = replied.size() - 1;
        int reply = operation.toString().length() + "://".length() + dividers + LONGEST_ENDING;
        for (Term term : replied) {
            Descriptor descriptor = term.descriptor();
            int location = descriptor.location() == null
                    ? "<NULL>".length()
                    : descriptor.location().length();
            reply += descriptor.name().length() + 1 + location + LONGEST_PLACE;
        }
        int longest = Math.max(reply, text.length() + UNKNOWN_ENDING);
        if (longest > ROOM_OF_REPLY) {
            throw new RddmaSyntaxException(
                    "the reply could have " + longest + " characters, and the driver cuts it after " + ROOM_OF_REPLY
                            + ": use shorter names",
                    text.length());
        }
    }

    private static void needsLocation(Term term) {
        refuse(
                term.descriptor().location() == null && !hasDefaultOps(term),
                "without a location (or default_ops) the driver does nothing, and may say that it did",
                term);
    }

    private static void bindCreate(List<Term> terms) {
        OptionalLong offset = terms.get(0).descriptor().offset();
        refuse(
                offset.isPresent() && offset.getAsLong() == 0,
                "offset 0 cannot be asked for: it means the end of the transfer, as does none",
                terms.get(0));
        OptionalLong common = OptionalLong.empty();
        for (Term term : terms) {
            OptionalLong extent = term.descriptor().extent();
            refuse(extent.isPresent() && extent.getAsLong() == 0, "extent 0 means none: leave it out", term);
            refuse(
                    extent.isPresent() && common.isPresent() && !extent.equals(common),
                    "the extents differ: give the same to all, or one alone",
                    term);
            common = extent.isPresent() ? extent : common;
        }
        refuse(common.isEmpty(), "an extent is missing: one of the three needs it", terms.get(0));
        for (Term half : terms.subList(1, 3)) {
            refuse(
                    !half.descriptor().options().has("event_name"),
                    "each half needs event_name: nothing would ever start it",
                    half);
        }
    }

    private static void place(Operation operation, Term term) {
        OptionalLong offset = term.descriptor().offset();
        OptionalLong extent = term.descriptor().extent();
        boolean empty = extent.isEmpty() || extent.getAsLong() == 0;
        long from = offset.orElse(0);
        Options options = term.descriptor().options();
        switch (operation) {
            case SMB_CREATE -> {
                refuse(empty, "a buffer needs an extent of at least one byte", term);
                refuse(from < 0 || from > LAST_OFFSET, "a buffer starts in the first 4064 bytes of its page", term);
                boolean address = options.has("map_address");
                refuse(
                        address != options.has("map_extent") || address != options.has("mytid"),
                        "map_address, map_extent and mytid belong together",
                        term);
            }
            case SMB_MMAP, SMB_UNMMAP, MMAP_CREATE, MMAP_FIND, MMAP_DELETE, MMAP_PUT -> {
                refuse(empty, "a mapping needs an extent of at least one byte", term);
                refuse(from % PAGE != 0, "a mapping starts at a multiple of the page of 4096 bytes", term);
            }
            case XFER_CREATE ->
                refuse(
                        offset.isPresent() || extent.isPresent(),
                        "a transfer starts empty: the driver ignores offset and extent",
                        term);
            case BIND_FIND ->
                refuse(offset.isEmpty() || empty, "a bind is found by its offset and its extent: give both", term);
            case BIND_DELETE ->
                refuse(extent.isPresent() && empty, "extent 0 is refused: leave it out for all of the transfer", term);
            case EVENT_CHAIN -> refuse(!options.has("event_name"), "event_name says what follows", term);
            case SYNC_CREATE -> refuse(from == 0, "a barrier needs how many take part as its offset", term);
            default -> {
                // nothing beyond the grammar
            }
        }
    }

    private static boolean hasDefaultOps(Term term) {
        return term.descriptor().options().has("default_ops");
    }

    private static void refuse(boolean wrong, String sentence, Term term) {
        if (wrong) {
            throw new RddmaSyntaxException(sentence, term.start());
        }
    }
}
