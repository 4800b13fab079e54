package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command as it stands in the tables of the driver, letter by letter. */
final class CommandGoldenTest {
    private static final OptionalLong NONE = OptionalLong.empty();
    private static final Descriptor TRANSFER = Descriptor.of("xf", "fred12");
    private static final Descriptor FROM = Descriptor.of("buf1", "fred12");
    private static final Descriptor TO = Descriptor.of("buf2", "fred12");

    static Stream<Arguments> commands() {
        return Stream.of(
                golden(
                        "location_create://fred12?default_ops(private),fabric(rddma_fabric_rionet),"
                                + "dma_name(rddma_rio_dma)",
                        Commands.locationCreate(
                                "fred12",
                                NONE,
                                NONE,
                                Commands.locationOptions(false, "rddma_fabric_rionet", "rddma_rio_dma"))),
                golden(
                        "location_create://fabric#1:1?default_ops(private)",
                        Commands.locationCreate(
                                "fabric",
                                OptionalLong.of(1),
                                OptionalLong.of(1),
                                Commands.locationOptions(false, null, null))),
                golden(
                        "location_create://A.fabric#1",
                        Commands.locationCreate("A.fabric", OptionalLong.of(1), NONE, Options.NONE)),
                golden(
                        "location_create://B.fabric#2?default_ops(public)",
                        Commands.locationCreate(
                                "B.fabric", OptionalLong.of(2), NONE, Commands.locationOptions(true, null, null))),
                golden(
                        "location_find://fabric?default_ops(public),fabric(rddma_fabric_net)",
                        Commands.locationFind("fabric", Commands.locationOptions(true, "rddma_fabric_net", null))),
                golden("location_find://B.fabric", Commands.locationFind("B.fabric", Options.NONE)),
                golden("location_put://up.me.fabric", Commands.locationPut("up.me.fabric")),
                golden("location_delete://B.fabric", Commands.locationDelete("B.fabric")),
                golden("smb_create://buf.loc.root#20:3000", Commands.smbCreate("buf", "loc.root", 0x20, 0x3000)),
                golden(
                        "smb_create://buf.loc:1000?map_address(7f00deadb000),map_extent(1000),mytid(4711)",
                        Commands.smbCreateFromUser("buf", "loc", 0x7f00deadb000L, 0x1000, 4711)),
                golden("smb_find://buf.loc", Commands.smbFind("buf", "loc")),
                golden("smb_delete://buf.loc", Commands.smbDelete("buf", "loc")),
                golden("smb_put://buf.loc", Commands.smbPut("buf", "loc")),
                golden("smb_mmap://buf.loc#1000:2000", Commands.smbMmap("buf", "loc", 0x1000, 0x2000)),
                golden("smb_unmmap://buf.loc#0:2000", Commands.smbUnmmap("buf", "loc", 0, 0x2000)),
                golden("mmap_create://buf.loc#0:2000", Commands.mmapCreate("buf", "loc", 0, 0x2000)),
                golden("mmap_find://buf.loc#0:2000", Commands.mmapFind("buf", "loc", 0, 0x2000)),
                golden("mmap_delete://buf.loc#0:2000", Commands.mmapDelete("buf", "loc", 0, 0x2000)),
                golden("mmap_put://buf.loc#0:2000", Commands.mmapPut("buf", "loc", 0, 0x2000)),
                golden("xfer_create://xf.fred12", Commands.xferCreate("xf", "fred12")),
                golden("xfer_find://xf.fred12", Commands.xferFind("xf", "fred12")),
                golden("xfer_delete://xf.fred12", Commands.xferDelete("xf", "fred12")),
                golden("xfer_put://xf.fred12", Commands.xferPut("xf", "fred12")),
                golden(
                        "bind_create://xf.fred12:3000/buf2.fred12?event_name(s)=buf1.fred12?event_name(s),request(3)",
                        Commands.bindCreate(TRANSFER.withExtent(0x3000), TO, "s", FROM, "s")
                                .withRequest("3")),
                golden(
                        "bind_create://xf.fred12#3000:40/buf2.fred12#80:40?event_name(d)"
                                + "=buf1.fred12#c0:40?event_name(s)",
                        Commands.bindCreate(
                                TRANSFER.at(0x3000, 0x40), TO.at(0x80, 0x40), "d", FROM.at(0xc0, 0x40), "s")),
                golden("bind_find://xf.fred12#0:3000", Commands.bindFind("xf", "fred12", 0, 0x3000)),
                golden("bind_delete://xf.fred12", Commands.bindDelete("xf", "fred12", NONE, NONE)),
                golden(
                        "bind_delete://xf.fred12#10:20",
                        Commands.bindDelete("xf", "fred12", OptionalLong.of(0x10), OptionalLong.of(0x20))),
                golden(
                        "event_start://s.fred12?request(4)",
                        Commands.eventStart("s", "fred12").withRequest("4")),
                golden("event_chain://s.fred12?event_name(t)", Commands.eventChain("s", "fred12", "t")),
                golden("event_find://s.fred12", Commands.eventFind("s", "fred12")),
                golden("sync_create://b.fred12#a", Commands.syncCreate("b", "fred12", 10)),
                golden("sync_wait://b.fred12", Commands.syncWait("b", "fred12", NONE)),
                golden("sync_wait://b.fred12#2", Commands.syncWait("b", "fred12", OptionalLong.of(2))),
                golden("sync_send://b.fred12", Commands.syncSend("b", "fred12", NONE)),
                golden("sync_send://b.fred12#2", Commands.syncSend("b", "fred12", OptionalLong.of(2))),
                golden("sync_find://b.fred12", Commands.syncFind("b", "fred12")),
                golden("sync_put://b.fred12", Commands.syncPut("b", "fred12")),
                golden("sync_delete://b.fred12", Commands.syncDelete("b", "fred12")));
    }

    private static Arguments golden(String text, Command command) {
        return Arguments.of(text, command);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void factoriesWriteWhatTheTableSaysAndItIsReadBack(String text, Command command) {
        assertThat(command.toString()).isEqualTo(text);
        Command read = Command.parse(text);
        assertThat(read).isEqualTo(command).hasSameHashCodeAs(command);
        assertThat(read.operation()).isEqualTo(command.operation());
        assertThat(read.subject()).isEqualTo(command.subject());
    }

    @Test
    void everyOperationIsInTheTablesOrIsTheDriversOwn() {
        Set<Operation> seen = new HashSet<>();
        commands().forEach(golden -> seen.add(((Command) golden.get()[1]).operation()));
        for (Operation operation : Operation.values()) {
            String text = operation.toString();
            boolean own = text.endsWith("_lose") || operation.triple() && operation != Operation.BIND_CREATE;
            assertThat(seen.contains(operation)).as(text).isEqualTo(!own);
            assertThat(Operation.named(text)).isSameAs(operation);
            assertThat(text.length()).isLessThanOrEqualTo(15);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dsts_create://x.L#0:1000/d.M#0:1000?event_name(d)=s.N#0:1000?event_name(s),request(1)",
                "dsts_delete://x/d=s",
                "srcs_create://x.L#0:1000/d.M#1f000:1000=s.N#0:1000?event_name(s)",
                "dst_create://x.L/d.M#1f000:1000?event_id(12)=s.N",
                "src_create://x.L/d.M=s.N#2e000:1000",
                "smb_lose://b.L"
            })
    void theDriversOwnCommandsAreRead(String text) {
        assertThat(Command.parse(text)).hasToString(text);
    }

    @Test
    void otherWaysToWriteTheSameAreReadAsTheSame() {
        List<String> ways = List.of(
                "smb_create://b.L:3000#10",
                "smb_create://b.L#0x10:0X3000",
                "smb_create://b.L#00000000000000000010:0000000003000",
                "smb_create://b.L#10:3000");
        assertThat(ways).allSatisfy(way -> assertThat(Command.parse(way)).hasToString("smb_create://b.L#10:3000"));
        assertThat(Command.parse("smb_create://b.L#:abcDEF")).hasToString("smb_create://b.L#0:abcdef");
    }

    @Test
    void theTagGoesToTheEndOfTheLineAndReplacesTheOneThatIsThere() {
        Command start = Commands.eventStart("s", "L");
        assertThat(start.tag()).isNull();
        assertThat(start.withRequest("a")).hasToString("event_start://s.L?request(a)");
        assertThat(start.withRequest("a").withRequest("ffffffff")).hasToString("event_start://s.L?request(ffffffff)");
        assertThat(start.withRequest("a").tag()).isEqualTo("a");
        Command chain = Command.parse("event_chain://s.L?request(5),event_name(t)");
        assertThat(chain.withRequest("6")).hasToString("event_chain://s.L?event_name(t),request(6)");
        Command find = Command.parse("dsts_find://x.L/d.L?event_name(e)=s.L");
        assertThat(find.withRequest("7")).hasToString("dsts_find://x.L/d.L?event_name(e)=s.L?request(7)");
    }
}
