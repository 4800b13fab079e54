package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.AlternatePath;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.PathMigrationState;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletionStatus;

/**
 * Every state, every state to go to, and every single attribute more or less than the table of verbs-semantics §2.1
 * has; the table is typed off there, not off the code.
 */
public abstract class ModifyEdgeConformance extends DeviceConformance {
    private static final String TABLE = """
            UD RESET INIT | PKEY PORT QKEY |
            UC RESET INIT | PKEY PORT ACCESS |
            RC RESET INIT | PKEY PORT ACCESS |
            UD INIT INIT | | PKEY PORT QKEY
            UC INIT INIT | | PKEY PORT ACCESS
            RC INIT INIT | | PKEY PORT ACCESS
            UD INIT RTR | | PKEY QKEY
            UC INIT RTR | AV MTU DEST RQ_PSN | ALT ACCESS PKEY
            RC INIT RTR | AV MTU DEST RQ_PSN MAX_DEST MIN_RNR | ALT ACCESS PKEY
            UD RTR RTS | SQ_PSN | CUR QKEY
            UC RTR RTS | SQ_PSN | CUR ALT ACCESS MIG
            RC RTR RTS | TIMEOUT RETRY RNR_RETRY SQ_PSN MAX_RD | CUR ALT ACCESS MIG MIN_RNR
            UD RTS RTS | | CUR QKEY
            UC RTS RTS | | CUR ACCESS ALT MIG
            RC RTS RTS | | CUR ACCESS ALT MIG MIN_RNR
            UD RTS SQD | | NOTIFY
            UC RTS SQD | | NOTIFY
            RC RTS SQD | | NOTIFY
            UD SQD SQD | | PKEY QKEY
            UC SQD SQD | | AV ALT ACCESS PKEY MIG
            RC SQD SQD | | PORT AV TIMEOUT RETRY RNR_RETRY MAX_RD MAX_DEST ALT ACCESS PKEY MIN_RNR MIG
            UD SQD RTS | | CUR QKEY
            UC SQD RTS | | CUR ALT ACCESS MIG
            RC SQD RTS | | CUR ALT ACCESS MIG MIN_RNR
            UD SQE RTS | | CUR QKEY
            UC SQE RTS | | CUR ACCESS
            """;

    private static final Map<String, BiConsumer<QueuePairAttributes, QueuePair>> SETTERS = setters();

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Edge(String[] required, String optional) {}

    private static Map<String, BiConsumer<QueuePairAttributes, QueuePair>> setters() {
        Map<String, BiConsumer<QueuePairAttributes, QueuePair>> setters = new LinkedHashMap<>();
        setters.put("CUR", (to, pair) -> to.currentState(pair.state()));
        setters.put("NOTIFY", (to, pair) -> to.sqdAsyncNotify(false));
        setters.put("ACCESS", (to, pair) -> to.accessFlags(AccessFlags.REMOTE_READ));
        setters.put("PKEY", (to, pair) -> to.pkeyIndex(0));
        setters.put("PORT", (to, pair) -> to.port(1));
        setters.put("QKEY", (to, pair) -> to.qkey(5));
        setters.put("AV", (to, pair) -> to.addressVector(way(pair)));
        setters.put("MTU", (to, pair) -> to.pathMtu(Mtu.MTU_512));
        setters.put("TIMEOUT", (to, pair) -> to.timeout(14));
        setters.put("RETRY", (to, pair) -> to.retryCount(3));
        setters.put("RNR_RETRY", (to, pair) -> to.rnrRetry(3));
        setters.put("RQ_PSN", (to, pair) -> to.rqPsn(7));
        setters.put("MAX_RD", (to, pair) -> to.maxReadAtomic(1));
        setters.put("ALT", (to, pair) -> to.alternatePath(new AlternatePath(way(pair), 1, 0, 8)));
        setters.put("MIN_RNR", (to, pair) -> to.minRnrTimer(12));
        setters.put("SQ_PSN", (to, pair) -> to.sqPsn(7));
        setters.put("MAX_DEST", (to, pair) -> to.maxDestReadAtomic(1));
        setters.put("MIG", (to, pair) -> to.pathMigrationState(PathMigrationState.MIGRATED));
        setters.put("DEST", (to, pair) -> to.destinationQueuePair(pair.number()));
        return setters;
    }

    private static AddressVector way(QueuePair pair) {
        return AddressVector.to(Wiring.gidOf(pair));
    }

    private static Map<String, Edge> table() {
        Map<String, Edge> table = new HashMap<>();
        for (String line : TABLE.strip().split("\n", -1)) {
            String[] fields = line.split("\\|", -1);
            table.put(fields[0].strip(), new Edge(words(fields[1]), " " + fields[2].strip() + " "));
        }
        for (QueuePairType type : new QueuePairType[] {QueuePairType.RC, QueuePairType.UC, QueuePairType.UD}) {
            for (QueuePairState from : QueuePairState.values()) {
                table.put(type + " " + from + " RESET", new Edge(words(""), " "));
                if (from != QueuePairState.RESET) {
                    table.put(type + " " + from + " ERR", new Edge(words(""), " "));
                }
            }
        }
        return table;
    }

    private static String[] words(String text) {
        return text.isBlank() ? new String[0] : text.strip().split(" ", -1);
    }

    /** A new queue pair in this state. */
    private QueuePair in(QueuePairType type, QueuePairState state) {
        End end = new End(context, new EndSpec().type(type).memory(64).depth(2).queueEntries(4));
        QueuePair pair = end.pair;
        Wiring wiring = new Wiring();
        if (state == QueuePairState.RESET) {
            return pair;
        }
        wiring.toInit(pair);
        if (state == QueuePairState.INIT) {
            return pair;
        }
        wiring.toReceive(pair, Wiring.gidOf(context), pair.number());
        if (state == QueuePairState.RTR) {
            return pair;
        }
        wiring.toSend(pair);
        if (state == QueuePairState.SQE) { // the device's own doing: a send from memory that is not there
            var handle = type == QueuePairType.UD ? end.domain.createAddressHandle(way(pair)) : null;
            end.post(end.request(1, -8, 8).datagram(handle, 1, 1));
            Completions.failure(end.sends, 1, WorkCompletionStatus.LOC_PROT_ERR);
            end.awaitState(QueuePairState.SQE);
        } else if (state != QueuePairState.RTS) {
            pair.modify(to(state));
        }
        return pair;
    }

    private static QueuePairAttributes attributes(QueuePair pair, QueuePairState next, String[] names) {
        QueuePairAttributes attributes = to(next);
        for (String name : names) {
            SETTERS.get(name).accept(attributes, pair);
        }
        return attributes;
    }

    private static String[] plus(String[] names, String more) {
        String[] all = java.util.Arrays.copyOf(names, names.length + 1);
        all[names.length] = more;
        return all;
    }

    private static String[] minus(String[] names, String less) {
        return java.util.Arrays.stream(names).filter(name -> !name.equals(less)).toArray(String[]::new);
    }

    private void refused(QueuePair pair, QueuePairState next, String[] names, int... errnos) {
        QueuePairAttributes before = pair.query();
        QueuePairState from = pair.state();
        QueuePairAttributes attributes = attributes(pair, next, names);
        Throwable thrown = catchThrowable(() -> pair.modify(attributes));
        String what = pair.type() + " from " + from + " to " + next + " with " + String.join(" ", names);
        assertThat(thrown).as(what).isInstanceOf(VerbsException.class);
        assertThat(((VerbsException) thrown).verb()).isEqualTo("modify");
        assertThat(errnos).as(what).contains(((VerbsException) thrown).errno());
        assertThat(pair.state()).as(what).isEqualTo(from);
        assertThat(pair.query()).as(what).usingRecursiveComparison().isEqualTo(before);
    }

    /** Goes along an edge with a queue pair of its own. */
    private void accepted(QueuePairType type, QueuePairState from, QueuePairState next, String[] names) {
        QueuePair pair = in(type, from);
        QueuePairAttributes attributes = attributes(pair, next, names);
        Throwable thrown = catchThrowable(() -> pair.modify(attributes));
        assertThat(thrown)
                .as("%s from %s to %s with %s", type, from, next, String.join(" ", names))
                .isNull();
        assertThat(pair.state()).isEqualTo(next);
        pair.close();
    }

    private boolean isForPathMigration(String name) {
        return (name.equals("ALT") || name.equals("MIG")) && !has(Capability.PATH_MIGRATION);
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC", "UD"})
    @DisplayName(
            "§2.1 every state to every state, by every attribute: what the table has is accepted, all else changes nothing")
    final void everyEdgeAndAttribute(QueuePairType type) {
        Map<String, Edge> table = table();
        for (QueuePairState from : QueuePairState.values()) {
            if (from == QueuePairState.SQE && type == QueuePairType.RC) {
                continue; // it never gets there
            }
            QueuePair pair = in(type, from); // for all that is refused: nothing changes
            for (QueuePairState next : QueuePairState.values()) {
                Edge edge = table.get(type + " " + from + " " + next);
                if (edge == null) {
                    noEdge(pair, next);
                } else {
                    edge(type, from, next, pair, edge);
                }
            }
        }
    }

    private void noEdge(QueuePair pair, QueuePairState next) {
        refused(pair, next, new String[0], Errno.EINVAL);
        for (String name : SETTERS.keySet()) {
            refused(pair, next, new String[] {name}, Errno.EINVAL, Errno.EOPNOTSUPP);
        }
        refused(pair, next, words("PKEY PORT ACCESS"), Errno.EINVAL);
        refused(pair, next, words("AV MTU DEST RQ_PSN MAX_DEST MIN_RNR"), Errno.EINVAL);
        refused(pair, next, words("TIMEOUT RETRY RNR_RETRY SQ_PSN MAX_RD"), Errno.EINVAL);
    }

    private void edge(QueuePairType type, QueuePairState from, QueuePairState next, QueuePair pair, Edge edge) {
        for (String name : SETTERS.keySet()) {
            boolean required = java.util.Arrays.asList(edge.required).contains(name);
            if (required) {
                refused(pair, next, minus(edge.required, name), Errno.EINVAL);
            } else if (edge.optional.contains(" " + name + " ")) {
                if (isForPathMigration(name)) {
                    refused(pair, next, plus(edge.required, name), Errno.EOPNOTSUPP);
                } else {
                    accepted(type, from, next, plus(edge.required, name));
                }
            } else if (isForPathMigration(name)) {
                refused(pair, next, plus(edge.required, name), Errno.EINVAL, Errno.EOPNOTSUPP);
            } else {
                refused(pair, next, plus(edge.required, name), Errno.EINVAL);
            }
        }
        accepted(type, from, next, edge.required);
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC", "UD"})
    @DisplayName(
            "§2.1 a current state that is not the present one, or may not be named, is refused and changes nothing")
    final void currentState(QueuePairType type) {
        Map<String, Edge> table = table();
        for (QueuePairState from : QueuePairState.values()) {
            if (from == QueuePairState.SQE && type == QueuePairType.RC) {
                continue;
            }
            QueuePair pair = in(type, from);
            QueuePairAttributes before = pair.query();
            for (QueuePairState claimed : QueuePairState.values()) {
                boolean mayBeNamed = claimed == QueuePairState.RTR
                        || claimed == QueuePairState.RTS
                        || claimed == QueuePairState.SQD
                        || claimed == QueuePairState.SQE;
                if (claimed == from && mayBeNamed) {
                    continue;
                }
                Edge edge = table.get(type + " " + claimed + " RTS");
                String[] required = edge == null ? new String[0] : edge.required;
                QueuePairAttributes attributes =
                        attributes(pair, QueuePairState.RTS, required).currentState(claimed);
                Refusals.refused("modify", Errno.EINVAL, () -> pair.modify(attributes));
                assertThat(pair.query()).usingRecursiveComparison().isEqualTo(before);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC", "UD"})
    @DisplayName("§2.1 a null state, and a closed queue pair")
    final void nothingGiven(QueuePairType type) {
        QueuePair pair = in(type, QueuePairState.RTS);
        Refusals.refused("modify", Errno.EINVAL, () -> pair.modify(null));
        Refusals.refused("modify", Errno.EINVAL, () -> pair.modify(to(null)));
        Refusals.refused("modify", Errno.EINVAL, () -> pair.modify(new QueuePairAttributes().currentState(null)));
        pair.modify(new QueuePairAttributes()); // RTS to RTS, of nothing
        assertThat(pair.state()).isEqualTo(QueuePairState.RTS);
        pair.close();
        Refusals.refused("modify", Errno.EBADF, () -> pair.modify(to(QueuePairState.ERR)));
    }
}
