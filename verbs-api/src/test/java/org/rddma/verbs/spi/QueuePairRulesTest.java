package org.rddma.verbs.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.AlternatePath;
import org.rddma.verbs.Capability;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.PathMigrationState;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.VerbsException;

/** The table of verbs-semantics §2.1, every edge, every attribute; typed off the table, not off the code. */
final class QueuePairRulesTest {
    private static final Set<Capability> EVERYTHING = EnumSet.allOf(Capability.class);
    private static final DeviceLimits LIMITS = new DeviceLimits(
            10, 100, 8, 256, 10, 1000, 10, 10, 1L << 31, 10, 10, 16, 32, 1L << 31, 1, 10, 100, 8, 10, 10, 10, 100, 100);

    /** "edge, type: required; optional". Edges that are not here do not exist. */
    private static final String TABLE = """
            RESET INIT, UD: PKEY_INDEX PORT QKEY;
            RESET INIT, UC: PKEY_INDEX PORT ACCESS_FLAGS;
            RESET INIT, RC: PKEY_INDEX PORT ACCESS_FLAGS;
            INIT INIT, UD: ; PKEY_INDEX PORT QKEY
            INIT INIT, UC: ; PKEY_INDEX PORT ACCESS_FLAGS
            INIT INIT, RC: ; PKEY_INDEX PORT ACCESS_FLAGS
            INIT RTR, UD: ; PKEY_INDEX QKEY
            INIT RTR, UC: ADDRESS_VECTOR PATH_MTU DESTINATION_QUEUE_PAIR RQ_PSN; ALTERNATE_PATH ACCESS_FLAGS PKEY_INDEX
            INIT RTR, RC: ADDRESS_VECTOR PATH_MTU DESTINATION_QUEUE_PAIR RQ_PSN MAX_DEST_READ_ATOMIC MIN_RNR_TIMER; ALTERNATE_PATH ACCESS_FLAGS PKEY_INDEX
            RTR RTS, UD: SQ_PSN; CURRENT_STATE QKEY
            RTR RTS, UC: SQ_PSN; CURRENT_STATE ALTERNATE_PATH PATH_MIGRATION_STATE ACCESS_FLAGS
            RTR RTS, RC: TIMEOUT RETRY_COUNT RNR_RETRY SQ_PSN MAX_READ_ATOMIC; CURRENT_STATE ALTERNATE_PATH PATH_MIGRATION_STATE ACCESS_FLAGS MIN_RNR_TIMER
            RTS RTS, UD: ; CURRENT_STATE QKEY
            RTS RTS, UC: ; CURRENT_STATE ALTERNATE_PATH PATH_MIGRATION_STATE ACCESS_FLAGS
            RTS RTS, RC: ; CURRENT_STATE ALTERNATE_PATH PATH_MIGRATION_STATE ACCESS_FLAGS MIN_RNR_TIMER
            RTS SQD, UD: ; SQD_ASYNC_NOTIFY
            RTS SQD, UC: ; SQD_ASYNC_NOTIFY
            RTS SQD, RC: ; SQD_ASYNC_NOTIFY
            SQD SQD, UD: ; PKEY_INDEX QKEY
            SQD SQD, UC: ; ADDRESS_VECTOR ALTERNATE_PATH PATH_MIGRATION_STATE ACCESS_FLAGS PKEY_INDEX
            SQD SQD, RC: ; PORT ADDRESS_VECTOR ALTERNATE_PATH PATH_MIGRATION_STATE TIMEOUT RETRY_COUNT RNR_RETRY MAX_READ_ATOMIC MAX_DEST_READ_ATOMIC ACCESS_FLAGS PKEY_INDEX MIN_RNR_TIMER
            SQD RTS, UD: ; CURRENT_STATE QKEY
            SQD RTS, UC: ; CURRENT_STATE ALTERNATE_PATH PATH_MIGRATION_STATE ACCESS_FLAGS
            SQD RTS, RC: ; CURRENT_STATE ALTERNATE_PATH PATH_MIGRATION_STATE ACCESS_FLAGS MIN_RNR_TIMER
            SQE RTS, UD: ; CURRENT_STATE QKEY
            SQE RTS, UC: ; CURRENT_STATE ACCESS_FLAGS
            """;

    private static final Map<String, Integer> BITS = bits();
    private static final Map<String, Consumer<QueuePairAttributes>> SETTERS = setters();

    private record Rule(int required, int optional) {}

    private static Map<String, Integer> bits() {
        Map<String, Integer> bits = new TreeMap<>();
        Arrays.stream(QueuePairAttributes.class.getFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == int.class)
                .forEach(field -> {
                    try {
                        bits.put(field.getName(), field.getInt(null));
                    } catch (IllegalAccessException e) {
                        throw new AssertionError(e);
                    }
                });
        return bits;
    }

    private static Map<String, Consumer<QueuePairAttributes>> setters() {
        Map<String, Consumer<QueuePairAttributes>> setters = new LinkedHashMap<>();
        setters.put("SQD_ASYNC_NOTIFY", a -> a.sqdAsyncNotify(true));
        setters.put("ACCESS_FLAGS", a -> a.accessFlags(AccessFlags.REMOTE_READ));
        setters.put("PKEY_INDEX", a -> a.pkeyIndex(0));
        setters.put("PORT", a -> a.port(1));
        setters.put("QKEY", a -> a.qkey(5));
        setters.put("ADDRESS_VECTOR", a -> a.addressVector(AddressVector.to(new Gid(1, 2))));
        setters.put("PATH_MTU", a -> a.pathMtu(Mtu.MTU_1024));
        setters.put("TIMEOUT", a -> a.timeout(14));
        setters.put("RETRY_COUNT", a -> a.retryCount(7));
        setters.put("RNR_RETRY", a -> a.rnrRetry(7));
        setters.put("RQ_PSN", a -> a.rqPsn(7));
        setters.put("MAX_READ_ATOMIC", a -> a.maxReadAtomic(1));
        setters.put("MIN_RNR_TIMER", a -> a.minRnrTimer(12));
        setters.put("SQ_PSN", a -> a.sqPsn(7));
        setters.put("MAX_DEST_READ_ATOMIC", a -> a.maxDestReadAtomic(1));
        setters.put(
                "ALTERNATE_PATH", a -> a.alternatePath(new AlternatePath(AddressVector.to(new Gid(1, 2)), 1, 0, 14)));
        setters.put("PATH_MIGRATION_STATE", a -> a.pathMigrationState(PathMigrationState.REARM));
        setters.put("DESTINATION_QUEUE_PAIR", a -> a.destinationQueuePair(7));
        return setters;
    }

    private static Map<String, Rule> table() {
        Map<String, Rule> rules = new HashMap<>();
        for (String line : TABLE.split("\n", -1)) {
            if (!line.isBlank()) {
                String edge = line.substring(0, line.indexOf(':')).strip();
                String[] masks = line.substring(line.indexOf(':') + 1).split(";", -1);
                rules.put(edge, new Rule(mask(masks[0]), mask(masks[1])));
            }
        }
        for (QueuePairType type : types()) {
            for (QueuePairState from : QueuePairState.values()) {
                rules.put(from + " RESET, " + type, new Rule(0, 0));
                if (from != QueuePairState.RESET) {
                    rules.put(from + " ERR, " + type, new Rule(0, 0));
                }
            }
        }
        return rules;
    }

    private static QueuePairType[] types() {
        return new QueuePairType[] {QueuePairType.RC, QueuePairType.UC, QueuePairType.UD};
    }

    private static int mask(String names) {
        int mask = 0;
        for (String name : names.strip().split(" ", -1)) {
            mask |= name.isEmpty() ? 0 : BITS.get(name);
        }
        return mask;
    }

    private static QueuePairAttributes attributes(int mask, QueuePairState from) {
        QueuePairAttributes attributes = new QueuePairAttributes();
        SETTERS.forEach((name, setter) -> {
            if ((mask & BITS.get(name)) != 0) {
                setter.accept(attributes);
            }
        });
        if ((mask & QueuePairAttributes.CURRENT_STATE) != 0) {
            attributes.currentState(from);
        }
        return attributes;
    }

    private static void accepted(QueuePairType type, QueuePairState from, QueuePairState to, int mask) {
        QueuePairAttributes attributes = attributes(mask, from).state(to);
        assertThat(QueuePairRules.checkModify(type, from, attributes, LIMITS)).isEqualTo(to);
    }

    private static void refused(
            QueuePairType type, QueuePairState from, QueuePairAttributes attributes, String expected) {
        VerbsException refusal = catchThrowableOfType(
                VerbsException.class, () -> QueuePairRules.checkModify(type, from, attributes, LIMITS));
        assertThat(refusal)
                .as("%s from %s by mask 0x%x", type, from, attributes.mask())
                .isNotNull();
        assertThat(refusal.errno()).isEqualTo(Errno.EINVAL);
        assertThat(refusal.verb()).isEqualTo("modify");
        assertThat(refusal).hasMessageContaining(expected);
    }

    @Test
    @DisplayName("the test knows every attribute that there is")
    void complete() {
        Map<String, Integer> others = new TreeMap<>(BITS);
        others.keySet().removeAll(SETTERS.keySet());
        assertThat(others).containsOnlyKeys("STATE", "CURRENT_STATE");
    }

    @Test
    @DisplayName(
            "§2.1 every edge: the required attributes are enough, none may be missing, only the optional may be more")
    void everyEdge() {
        Map<String, Rule> rules = table();
        int edges = 0;
        for (QueuePairType type : types()) {
            for (QueuePairState from : QueuePairState.values()) {
                for (QueuePairState to : QueuePairState.values()) {
                    Rule rule = rules.get(from + " " + to + ", " + type);
                    if (rule == null) {
                        for (int mask : new int[] {0, mask("PKEY_INDEX PORT"), mask("SQ_PSN"), mask("QKEY")}) {
                            refused(type, from, attributes(mask, from).state(to), "there is no transition");
                        }
                        continue;
                    }
                    edges++;
                    accepted(type, from, to, rule.required);
                    accepted(type, from, to, rule.required | rule.optional);
                    everyBit(type, from, to, rule);
                }
            }
        }
        assertThat(edges).isEqualTo(26 + 3 * 13);
    }

    private static void everyBit(QueuePairType type, QueuePairState from, QueuePairState to, Rule rule) {
        BITS.forEach((name, bit) -> {
            if (bit == QueuePairAttributes.STATE) {
                return;
            }
            if ((rule.required & bit) != 0) {
                refused(type, from, attributes(rule.required & ~bit, from).state(to), "needs");
            } else if ((rule.optional & bit) != 0) {
                accepted(type, from, to, rule.required | bit);
            } else {
                String expected = bit == QueuePairAttributes.CURRENT_STATE ? "" : "does not allow";
                refused(type, from, attributes(rule.required | bit, from).state(to), expected);
            }
        });
    }

    @Test
    @DisplayName("§2.1 without a state the next is the present one: where that is an edge, attributes may change")
    void withoutState() {
        for (QueuePairState state : QueuePairState.values()) {
            boolean edge = state != QueuePairState.RTR && state != QueuePairState.SQE;
            if (edge) {
                assertThat(QueuePairRules.checkModify(QueuePairType.RC, state, new QueuePairAttributes(), LIMITS))
                        .isEqualTo(state);
            } else {
                refused(QueuePairType.RC, state, new QueuePairAttributes(), "there is no transition");
            }
        }
        assertThat(QueuePairRules.checkModify(
                        QueuePairType.RC, QueuePairState.RTS, new QueuePairAttributes().minRnrTimer(1), LIMITS))
                .isEqualTo(QueuePairState.RTS);
    }

    @Test
    @DisplayName("§2.1 the current state must be RTR, RTS, SQD or SQE, and the one that it is in")
    void currentState() {
        for (QueuePairState claimed : QueuePairState.values()) {
            refused(
                    QueuePairType.UD,
                    QueuePairState.INIT,
                    new QueuePairAttributes().state(QueuePairState.RTS).currentState(claimed),
                    "currentState");
        }
        refused(
                QueuePairType.UD,
                QueuePairState.RTS,
                new QueuePairAttributes().state(QueuePairState.RTS).currentState(null),
                "currentState");
        refused(QueuePairType.UD, QueuePairState.RTS, new QueuePairAttributes().state(null), "null");
    }

    @Test
    @DisplayName("§2.1 ranges: each attribute at its limits, and just outside")
    void ranges() {
        QueuePairState rtr = QueuePairState.RTR;
        int toSend = mask("TIMEOUT RETRY_COUNT RNR_RETRY SQ_PSN MAX_READ_ATOMIC");
        range(rtr, QueuePairState.RTS, toSend, QueuePairAttributes::timeout, 31);
        range(rtr, QueuePairState.RTS, toSend, QueuePairAttributes::retryCount, 7);
        range(rtr, QueuePairState.RTS, toSend, QueuePairAttributes::rnrRetry, 7);
        range(rtr, QueuePairState.RTS, toSend, QueuePairAttributes::sqPsn, 0xFFFFFF);
        range(rtr, QueuePairState.RTS, toSend, QueuePairAttributes::maxReadAtomic, 32);
        range(rtr, QueuePairState.RTS, toSend, QueuePairAttributes::minRnrTimer, 31);
        int toReceive =
                mask("ADDRESS_VECTOR PATH_MTU DESTINATION_QUEUE_PAIR RQ_PSN MAX_DEST_READ_ATOMIC MIN_RNR_TIMER");
        QueuePairState init = QueuePairState.INIT;
        range(init, rtr, toReceive, QueuePairAttributes::rqPsn, 0xFFFFFF);
        range(init, rtr, toReceive, QueuePairAttributes::destinationQueuePair, 0xFFFFFF);
        range(init, rtr, toReceive, QueuePairAttributes::maxDestReadAtomic, 16);
        range(init, rtr, toReceive, QueuePairAttributes::minRnrTimer, 31);
        refused(QueuePairType.RC, init, attributes(toReceive, init).state(rtr).pathMtu(null), "pathMtu");
        refused(QueuePairType.RC, init, attributes(toReceive, init).state(rtr).addressVector(null), "addressVector");
        refused(
                QueuePairType.RC,
                QueuePairState.RTS,
                new QueuePairAttributes().accessFlags(AccessFlags.MW_BIND),
                "accessFlags");
    }

    @FunctionalInterface
    private interface Setter {
        QueuePairAttributes set(QueuePairAttributes attributes, int value);
    }

    private static void range(QueuePairState from, QueuePairState to, int mask, Setter setter, int largest) {
        for (int legal : new int[] {0, 1, largest}) {
            QueuePairAttributes attributes = setter.set(attributes(mask, from).state(to), legal);
            assertThat(QueuePairRules.checkModify(QueuePairType.RC, from, attributes, LIMITS))
                    .isEqualTo(to);
        }
        for (int illegal : new int[] {-1, largest + 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            refused(QueuePairType.RC, from, setter.set(attributes(mask, from).state(to), illegal), "give 0 to");
        }
    }

    @Test
    @DisplayName("types and inline data that the device does not have: EOPNOTSUPP")
    void missing() {
        QueuePairInitAttributes[] wanted = {
            new QueuePairInitAttributes().type(QueuePairType.UC),
            new QueuePairInitAttributes().type(QueuePairType.UD),
            new QueuePairInitAttributes().maxInlineData(1),
        };
        for (QueuePairInitAttributes attributes : wanted) {
            VerbsException refusal = catchThrowableOfType(
                    VerbsException.class, () -> QueuePairRules.checkCreate(attributes, LIMITS, Set.of()));
            assertThat(refusal).isNotNull();
            assertThat(refusal.errno()).isEqualTo(Errno.EOPNOTSUPP);
            assertThat(QueuePairRules.checkCreate(attributes, LIMITS, EVERYTHING))
                    .isEqualTo(attributes.capabilities());
        }
        QueuePairInitAttributes plain = new QueuePairInitAttributes();
        assertThat(QueuePairRules.checkCreate(plain, LIMITS, Set.of())).isEqualTo(plain.capabilities());
    }

    @Test
    @DisplayName("sizes of a queue pair: each at its limits, and just outside")
    void sizes() {
        QueuePairInitAttributes largest = new QueuePairInitAttributes()
                .maxSendRequests(100)
                .maxReceiveRequests(100)
                .maxSendElements(8)
                .maxReceiveElements(8)
                .maxInlineData(256);
        assertThat(QueuePairRules.checkCreate(largest, LIMITS, EVERYTHING)).isEqualTo(largest.capabilities());
        for (int wrong : new int[] {-1, 101, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            wrongSize(new QueuePairInitAttributes().maxSendRequests(wrong), "maxSendRequests");
            wrongSize(new QueuePairInitAttributes().maxReceiveRequests(wrong), "maxReceiveRequests");
        }
        wrongSize(new QueuePairInitAttributes().maxSendElements(9), "maxSendElements");
        wrongSize(new QueuePairInitAttributes().maxReceiveElements(9), "maxReceiveElements");
        wrongSize(new QueuePairInitAttributes().maxReceiveElements(-1), "maxReceiveElements");
        wrongSize(new QueuePairInitAttributes().maxInlineData(257), "maxInlineData");
        wrongSize(new QueuePairInitAttributes().maxInlineData(-1), "maxInlineData");
    }

    private static void wrongSize(QueuePairInitAttributes attributes, String name) {
        VerbsException refusal = catchThrowableOfType(
                VerbsException.class, () -> QueuePairRules.checkCreate(attributes, LIMITS, EVERYTHING));
        assertThat(refusal).as(name).isNotNull().hasMessageContaining(name);
        assertThat(refusal.errno()).isEqualTo(Errno.EINVAL);
        assertThat(refusal.verb()).isEqualTo("createQueuePair");
    }
}
