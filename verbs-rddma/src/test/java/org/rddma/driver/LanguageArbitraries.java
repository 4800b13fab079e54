package org.rddma.driver;

import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Random commands, replies, and texts that are nearly one of them. */
final class LanguageArbitraries {
    /** What a text is put together from when it should nearly be one of the language. */
    private static final String[] PIECES = {
        "smb_create",
        "smb_find",
        "bind_create",
        "event_start",
        "location_create",
        "dsts_find",
        "bogus",
        "://",
        "://",
        "b",
        "x.L",
        "me.fabric",
        ".",
        ".",
        "#",
        "#",
        ":",
        ":",
        "0",
        "10",
        "0x",
        "fe0",
        "ffffffff",
        "1000000000",
        "zz",
        "?",
        "?",
        ",",
        ",",
        "/",
        "/",
        "=",
        "=",
        "(",
        ")",
        "request",
        "request(5)",
        "norequest(7)",
        "event_name(e)",
        "fabric(rddma_fabric_net)",
        "dma_name(rddma_fabric_dma)",
        "default_ops(private)",
        "result",
        "result(0)",
        "result(-22)",
        "reply",
        "reply(",
        "reply(1f)",
        "reply(<NULL>)",
        "(null)",
        "mmap_offset(d9e30000)",
        " ",
        "\n",
        "\u0000",
        "\u00e9",
        "\u4e2d",
        "L:1000",
        "x.L:10/d.L?event_name(e)=s.L?event_name(f)",
        "smb_find://b.L?request(",
        "b?result(0)",
        ",reply(1f)",
        ",wait",
        ",wait(1)",
        ",mmap_offset(d9e30000)"
    };

    private LanguageArbitraries() {}

    static Arbitrary<String> nearlyTexts() {
        return Arbitraries.of(PIECES).list().ofMaxSize(14).map(pieces -> String.join("", pieces));
    }

    private static Arbitrary<String> names() {
        return Arbitraries.strings()
                .withChars("abcxyzABC019_-+*() <>!")
                .ofMinLength(1)
                .ofMaxLength(8)
                .filter(name -> !name.contains("<NULL>") && !name.contains("(null)"));
    }

    private static Arbitrary<String> locations() {
        return names().list().ofMinSize(1).ofMaxSize(3).map(list -> String.join(".", list));
    }

    private static Arbitrary<OptionalLong> numbers(Arbitrary<Long> numbers) {
        return Arbitraries.oneOf(Arbitraries.just(OptionalLong.empty()), numbers.map(OptionalLong::of));
    }

    static Arbitrary<String> tags() {
        return Arbitraries.longs().between(0, 0xffff_ffffL).map(Long::toHexString);
    }

    private static Arbitrary<Options> options() {
        Arbitrary<Option> one = Arbitraries.of(
                new Option("default_ops", "private"),
                new Option("default_ops", "public"),
                new Option("fabric", "rddma_fabric_net"),
                new Option("dma_name", "rddma_rio_dma"),
                new Option("netdev", "eth0"),
                new Option("event_name", "e_1"),
                new Option("event_id", "12"),
                new Option("discontig", null),
                new Option("map_name", "a(b"),
                new Option("wait", ""),
                new Option("other", "w e.i#r:d"));
        return one.list().uniqueElements(Option::name).ofMaxSize(4).map(Options::of);
    }

    private static Arbitrary<Descriptor> descriptors() {
        return Combinators.combine(
                        names(),
                        locations(),
                        numbers(Arbitraries.longs()),
                        numbers(Arbitraries.longs().between(0, 0xffff_ffffL)),
                        options())
                .as(Descriptor::new);
    }

    /** All kinds; those whose rules ask for more than the grammar are made to keep them. */
    static Arbitrary<Command> commands() {
        Arbitrary<Command> plain = Combinators.combine(
                        Arbitraries.of(
                                Operation.SMB_FIND,
                                Operation.EVENT_START,
                                Operation.XFER_FIND,
                                Operation.LOCATION_FIND,
                                Operation.SYNC_WAIT,
                                Operation.BIND_LOSE),
                        descriptors())
                .as(Command::of);
        Arbitrary<Command> triples = Combinators.combine(
                        Arbitraries.of(Operation.DSTS_CREATE, Operation.DST_FIND, Operation.SRCS_DELETE),
                        descriptors(),
                        descriptors(),
                        descriptors())
                .as((operation, transfer, destination, source) ->
                        Command.of(operation, new Triple(transfer, destination, source)));
        Arbitrary<Command> binds = Combinators.combine(
                        Arbitraries.longs().greaterOrEqual(1),
                        Arbitraries.longs().between(1, 0xffff_ffffL),
                        names(),
                        locations(),
                        Arbitraries.integers().between(1, 7))
                .as(LanguageArbitraries::bind);
        Arbitrary<Command> buffers = Combinators.combine(
                        names(),
                        locations(),
                        Arbitraries.longs().between(0, 4064),
                        Arbitraries.longs().between(1, 0xffff_ffffL))
                .as(Commands::smbCreate);
        Arbitrary<Command> all = Arbitraries.oneOf(List.of(plain, triples, binds, buffers));
        return Combinators.combine(all, tags(), Arbitraries.of(true, false))
                .as((command, tag, tagged) -> tagged ? command.withRequest(tag) : command);
    }

    private static Command bind(long offset, long extent, String name, String location, int which) {
        Descriptor term = Descriptor.of(name, location);
        return Commands.bindCreate(
                (which & 1) == 0 ? term.withOffset(offset) : term.at(offset, extent),
                (which & 2) == 0 ? term : term.at(offset, extent),
                "d",
                (which & 4) == 0 ? term : term.withExtent(extent),
                "s");
    }

    static Arbitrary<Reply> replies() {
        Arbitrary<Reply> plain = Combinators.combine(
                        Arbitraries.of(Operation.class).map(Operation::toString),
                        Arbitraries.oneOf(
                                commands().map(command -> command.subject().spec()), names()),
                        Arbitraries.integers(),
                        Arbitraries.oneOf(tags(), Arbitraries.just(null), Arbitraries.just("hello")))
                .as(Reply::of);
        Arbitrary<Reply> unknown = commands()
                .map(command ->
                        Reply.parse(DriverGrammar.read(command.toString()).unknownReply()));
        Arbitrary<Reply> mapped =
                Combinators.combine(plain, Arbitraries.longs()).as(Reply::withMmapOffset);
        return Arbitraries.oneOf(plain, unknown, mapped);
    }
}
