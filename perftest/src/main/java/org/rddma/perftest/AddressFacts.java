package org.rddma.perftest;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;

/**
 * Addresses as facts that one process tells another. What comes from there is believed only as far as it makes
 * sense.
 */
final class AddressFacts {
    /** So many lanes in one exchange: it is limited. */
    static final int CHUNK = 512;

    private static final int NUMBER_LIMIT = 1 << 24;

    private AddressFacts() {}

    /** All but the lanes. */
    static Map<String, String> ofSide(SideAddress side) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("gid", HexFormat.of().formatHex(side.gid().toBytes()));
        facts.put("lid", Integer.toString(side.lid()));
        facts.put("mtu", Integer.toString(side.mtu().bytes()));
        facts.put("outs", Integer.toString(side.outstandingReads()));
        facts.put("largest", Long.toString(side.largestMessage()));
        facts.put("rkey", Integer.toUnsignedString(side.rkey()));
        return facts;
    }

    /** Of the lanes from this one on, as many as fit. */
    static Map<String, String> ofLanes(List<LaneAddress> lanes, int from) {
        Map<String, String> facts = new LinkedHashMap<>();
        for (int i = from; i < Math.min(lanes.size(), from + CHUNK); i++) {
            LaneAddress lane = lanes.get(i);
            facts.put(key(i), lane.queuePair() + " " + lane.psn() + " " + Long.toUnsignedString(lane.memory()));
        }
        return facts;
    }

    static SideAddress side(Map<String, String> facts, List<LaneAddress> lanes) {
        byte[] gid = read(facts, "gid", HexFormat.of()::parseHex);
        Mtu mtu = Mtu.ofBytes((int) number(facts, "mtu", value -> value <= 4096));
        if (gid.length != 16 || mtu == null) {
            throw wrong("gid or mtu");
        }
        return new SideAddress(
                Gid.of(gid),
                (int) number(facts, "lid", value -> value < 1 << 16),
                mtu,
                (int) number(facts, "outs", value -> value <= 255),
                number(facts, "largest", value -> value >= 2),
                read(facts, "rkey", Integer::parseUnsignedInt),
                lanes);
    }

    /** The lanes from this one to before that one. */
    static List<LaneAddress> lanes(Map<String, String> facts, int from, int to) {
        List<LaneAddress> lanes = new ArrayList<>();
        for (int i = from; i < to; i++) {
            lanes.add(read(facts, key(i), AddressFacts::lane));
        }
        return lanes;
    }

    private static LaneAddress lane(String text) {
        String[] parts = text.split(" ", -1);
        if (parts.length != 3) {
            throw new NumberFormatException("not three numbers");
        }
        int queuePair = Integer.parseInt(parts[0]);
        int psn = Integer.parseInt(parts[1]);
        if (queuePair < 0 || queuePair >= NUMBER_LIMIT || psn < 0 || psn >= NUMBER_LIMIT) {
            throw new NumberFormatException("out of range");
        }
        return new LaneAddress(queuePair, psn, Long.parseUnsignedLong(parts[2]));
    }

    /** A number of the other end, at least 0. */
    static long number(Map<String, String> facts, String key, LongPredicate sensible) {
        long value = read(facts, key, Long::parseLong);
        if (value < 0 || !sensible.test(value)) {
            throw wrong(key);
        }
        return value;
    }

    /** What the other end has measured: positive, or NaN where it has not. */
    static double amount(Map<String, String> facts, String key) {
        double value = read(facts, key, Double::parseDouble);
        if (value <= 0 || Double.isInfinite(value)) {
            throw wrong(key);
        }
        return value;
    }

    private static <T> T read(Map<String, String> facts, String key, Function<String, T> parser) {
        String value = facts.get(key);
        if (value == null) {
            throw wrong(key);
        }
        try {
            return parser.apply(value);
        } catch (IllegalArgumentException e) {
            throw wrong(key);
        }
    }

    private static RunFailedException wrong(String key) {
        return new RunFailedException("the other end says nothing sensible about '" + key + "'");
    }

    private static String key(int lane) {
        return "lane." + lane;
    }
}
