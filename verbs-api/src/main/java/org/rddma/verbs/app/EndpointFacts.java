package org.rddma.verbs.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.VerbsException;

/**
 * A {@link RemoteEndpoint} as facts of {@link PeerExchange}. Numbers are hexadecimal, but for those that people count.
 * Facts that are not known here are left alone: a later release may say more.
 */
final class EndpointFacts {
    private static final String TYPE = "type";
    private static final String GID_HIGH = "gid-prefix";
    private static final String GID_LOW = "gid-interface";
    private static final String QUEUE_PAIR = "queue-pair";
    private static final String PSN = "psn";
    private static final String MTU = "mtu";
    private static final String INITIATED = "reads-initiated";
    private static final String ACCEPTED = "reads-accepted";
    private static final String REGIONS = "regions";

    private final String verb;
    private final Map<String, String> facts;

    private EndpointFacts(String verb, Map<String, String> facts) {
        this.verb = verb;
        this.facts = facts;
    }

    static Map<String, String> of(RemoteEndpoint own) {
        Map<String, String> facts = new LinkedHashMap<>();
        Endpoint endpoint = own.endpoint();
        facts.put(TYPE, own.type().name());
        facts.put(GID_HIGH, Long.toHexString(endpoint.gid().high()));
        facts.put(GID_LOW, Long.toHexString(endpoint.gid().low()));
        facts.put(QUEUE_PAIR, Integer.toHexString(endpoint.queuePair()));
        facts.put(PSN, Integer.toHexString(endpoint.psn()));
        facts.put(MTU, Integer.toString(own.mtu().bytes()));
        facts.put(INITIATED, Integer.toString(own.initiatedReads()));
        facts.put(ACCEPTED, Integer.toString(own.acceptedReads()));
        facts.put(REGIONS, Integer.toString(own.memory().size()));
        for (int i = 0; i < own.memory().size(); i++) {
            RemoteMemory memory = own.memory().get(i);
            facts.put(region(i, "address"), Long.toHexString(memory.address()));
            facts.put(region(i, "length"), Long.toHexString(memory.length()));
            facts.put(region(i, "key"), Integer.toHexString(memory.key()));
        }
        return facts;
    }

    /** What the peer says it is; EPROTO when it does not say it, or nonsense. */
    static RemoteEndpoint read(String verb, Map<String, String> facts) {
        EndpointFacts reader = new EndpointFacts(verb, facts);
        return new RemoteEndpoint(
                reader.type(),
                new Endpoint(
                        new Gid(reader.hex(GID_HIGH, 64), reader.hex(GID_LOW, 64)),
                        (int) reader.hex(QUEUE_PAIR, 24),
                        (int) reader.hex(PSN, 24)),
                reader.mtu(),
                reader.count(INITIATED),
                reader.count(ACCEPTED),
                reader.memory());
    }

    private QueuePairType type() {
        String name = text(TYPE);
        for (QueuePairType type : QueuePairType.values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw wrong(TYPE);
    }

    private Mtu mtu() {
        Mtu mtu = Mtu.ofBytes(count(MTU));
        if (mtu == null) {
            throw wrong(MTU);
        }
        return mtu;
    }

    private List<RemoteMemory> memory() {
        List<RemoteMemory> memory = new ArrayList<>();
        int regions = count(REGIONS);
        for (int i = 0; i < regions; i++) { // ends at the first that is not there, whatever the peer counted
            long length = hex(region(i, "length"), 63);
            memory.add(new RemoteMemory(hex(region(i, "address"), 64), length, (int) hex(region(i, "key"), 32)));
        }
        return memory;
    }

    private static String region(int index, String what) {
        return "region." + index + "." + what;
    }

    private long hex(String name, int bits) {
        try {
            long value = Long.parseUnsignedLong(text(name), 16);
            if (bits == 64 || value >>> bits == 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below, as a number that is too large
        }
        throw wrong(name);
    }

    private int count(String name) {
        try {
            int value = Integer.parseInt(text(name));
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below, as a negative one
        }
        throw wrong(name);
    }

    private String text(String name) {
        String text = facts.get(name);
        if (text == null) {
            throw new VerbsException(
                    verb,
                    Errno.EPROTO,
                    "the peer does not say its '" + name + "': it must exchange an endpoint at this step, too");
        }
        return text;
    }

    private VerbsException wrong(String name) {
        return new VerbsException(
                verb,
                Errno.EPROTO,
                "the peer says that its '" + name + "' is " + PeerMessage.quoted(facts.get(name))
                        + ", which cannot be");
    }
}
