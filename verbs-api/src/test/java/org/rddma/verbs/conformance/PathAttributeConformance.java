package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;
import static org.rddma.verbs.conformance.Refusals.unsupported;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.AlternatePath;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.PathMigrationState;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletionOpcode;

/** The way to the peer, and the second one: verbs-semantics §2.1. */
public abstract class PathAttributeConformance extends DeviceConformance {
    private AlternatePath path() {
        return new AlternatePath(AddressVector.to(Wiring.gidOf(context)), 1, 0, 14);
    }

    /** Refused for want of the capability; with it, accepted. */
    private void path(QueuePair pair, QueuePairAttributes attributes) {
        if (has(Capability.PATH_MIGRATION)) {
            pair.modify(attributes);
            return;
        }
        QueuePairAttributes before = pair.query();
        unsupported("modify", () -> pair.modify(attributes));
        assertThat(pair.query()).usingRecursiveComparison().isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC"})
    @DisplayName("§2.1 a second path where the table allows it: EOPNOTSUPP on a device without, and nothing changes")
    final void secondPath(QueuePairType type) {
        QueuePair pair = new End(context, new EndSpec().type(type)).pair;
        Wiring wiring = new Wiring();
        Gid gid = Wiring.gidOf(context);
        wiring.toInit(pair);
        path(pair, wiring.receiveOf(type, gid, pair.number()).alternatePath(path()));
        if (pair.state() == QueuePairState.INIT) {
            wiring.toReceive(pair, gid, pair.number());
        }
        path(pair, wiring.sendOf(type).alternatePath(path()));
        path(pair, wiring.sendOf(type).pathMigrationState(PathMigrationState.REARM));
        if (pair.state() == QueuePairState.RTR) {
            wiring.toSend(pair);
        }
        path(pair, new QueuePairAttributes().alternatePath(path()));
        path(pair, new QueuePairAttributes().pathMigrationState(PathMigrationState.REARM));
        pair.modify(to(QueuePairState.SQD));
        path(pair, new QueuePairAttributes().alternatePath(path()));
        path(pair, to(QueuePairState.RTS).pathMigrationState(PathMigrationState.REARM));
    }

    @Test
    @DisplayName("§2.1 a second path where the table does not allow it: EINVAL or EOPNOTSUPP, and nothing changes")
    final void notAllowed() {
        QueuePair pair = new End(context, new EndSpec()).pair;
        QueuePairAttributes[] wrong = {
            new Wiring().initOf(QueuePairType.RC).alternatePath(path()),
            new Wiring().initOf(QueuePairType.RC).pathMigrationState(PathMigrationState.MIGRATED),
        };
        for (QueuePairAttributes attributes : wrong) {
            Throwable thrown = org.assertj.core.api.Assertions.catchThrowable(() -> pair.modify(attributes));
            assertThat(thrown).isInstanceOf(org.rddma.verbs.VerbsException.class);
            assertThat(((org.rddma.verbs.VerbsException) thrown).errno()).isIn(Errno.EINVAL, Errno.EOPNOTSUPP);
            assertThat(pair.state()).isEqualTo(QueuePairState.RESET);
        }
    }

    @Test
    @DisplayName("§2.1 without a second path a query says none, and MIGRATED")
    final void queried() {
        End end = self(new EndSpec());
        QueuePairAttributes now = end.pair.query();
        assertThat(now.alternatePath()).isNull();
        assertThat(now.pathMigrationState()).isEqualTo(PathMigrationState.MIGRATED);
        assertThat(now.draining()).isFalse();
    }

    @Test
    @DisplayName("§2.1 the first path may be changed in SQD: to itself, with other labels, and traffic goes on")
    final void firstPath() {
        Pair pair = pair(new EndSpec());
        End a = pair.a();
        AddressVector other = new AddressVector(Wiring.gidOf(pair.b().context), 0, 17, 0x55, 0x1234, 3, 1);
        a.pair.modify(to(QueuePairState.SQD));
        a.pair.modify(new QueuePairAttributes().addressVector(other));
        assertThat(a.pair.query().addressVector()).isEqualTo(other);
        QueuePairAttributes before = a.pair.query();
        AddressVector[] wrong = {
            null,
            AddressVector.to(Gid.ZERO),
            new AddressVector(Wiring.gidOf(context), 9999, 17, 0, 0, 0, 1),
            new AddressVector(Wiring.gidOf(context), 0, 17, 256, 0, 0, 1),
            new AddressVector(Wiring.gidOf(context), 0, 17, 0, 1 << 20, 0, 1),
            new AddressVector(Wiring.gidOf(context), 0, 17, 0, 0, 0, 2),
        };
        for (AddressVector vector : wrong) {
            refused("modify", Errno.EINVAL, () -> a.pair.modify(new QueuePairAttributes().addressVector(vector)));
            assertThat(a.pair.query()).usingRecursiveComparison().isEqualTo(before);
        }
        a.pair.modify(to(QueuePairState.RTS));
        pair.b().receive(1, 0, 8);
        a.post(a.request(2, 0, 8));
        Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
        Completions.success(pair.b().receives, 1, WorkCompletionOpcode.RECV);
    }

    @Test
    @DisplayName("§2.1 a way to nowhere, set in SQD, is found out by the next send: RETRY_EXC_ERR")
    final void nowhere() {
        Pair pair = pair(new EndSpec());
        End a = pair.a();
        a.pair.modify(to(QueuePairState.SQD));
        a.pair.modify(new QueuePairAttributes().addressVector(AddressVector.to(new Gid(1, 2))));
        a.pair.modify(to(QueuePairState.RTS));
        a.post(a.request(2, 0, 8));
        Completions.failure(a.sends, 2, org.rddma.verbs.WorkCompletionStatus.RETRY_EXC_ERR);
    }
}
