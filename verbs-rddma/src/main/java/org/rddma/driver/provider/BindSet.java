package org.rddma.driver.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.rddma.driver.Command;
import org.rddma.driver.CommandTemplate;
import org.rddma.driver.Commands;
import org.rddma.driver.Descriptor;

/** The binds of one plan, all attached to one event: starting it copies everything, and is answered when all is done. */
final class BindSet {
    private final String transfer;
    private final String name;
    private final CommandTemplate start;
    private final long[] plan;
    private final int pieces;
    private final int hash;
    private final long firstOffset;
    private long lastOffset;

    /** When it was used last, as a count of uses; what is abandoned is never the least. */
    long used;

    private boolean abandoned;

    /**
     * Binds that are not made yet.
     *
     * @param transfer where they go
     * @param name of their event
     * @param plan what they copy
     * @param firstOffset where in the transfer the first goes
     */
    BindSet(String transfer, String name, CopyPlan plan, long firstOffset) {
        this.transfer = transfer;
        this.name = name;
        this.firstOffset = firstOffset;
        lastOffset = firstOffset;
        start = new CommandTemplate(Commands.eventStart(name, Names.LOCATION));
        pieces = plan.pieces();
        hash = plan.hash();
        this.plan = new long[CopyPlan.WORDS * pieces];
        for (int i = 0; i < this.plan.length; i++) {
            this.plan[i] = plan.word(i);
        }
    }

    boolean isFor(CopyPlan other) {
        if (abandoned || hash != other.hash() || pieces != other.pieces()) {
            return false;
        }
        for (int i = 0; i < plan.length; i++) {
            if (plan[i] != other.word(i)) {
                return false;
            }
        }
        return true;
    }

    /** Its binds are all there. */
    void takeUp(long use) {
        abandoned = false;
        used = use;
    }

    void abandon() {
        abandoned = true;
        used = Long.MAX_VALUE;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    CommandTemplate start() {
        return start;
    }

    /** The commands that make the binds; they may overtake each other. */
    List<Command> creations() {
        List<Command> commands = new ArrayList<>(pieces);
        long offset = firstOffset;
        for (int i = 0; i < plan.length; i += CopyPlan.WORDS) {
            long length = plan[i + 4];
            lastOffset = offset;
            commands.add(Commands.bindCreate(
                    Descriptor.of(transfer, Names.LOCATION).at(offset, length),
                    region(plan[i]).at(plan[i + 1], length),
                    name,
                    region(plan[i + 2]).at(plan[i + 3], length),
                    name));
            offset += length + 2; // a range of binds to be deleted includes its end
        }
        return commands;
    }

    /** Where the next set may go. */
    long endOffset() {
        return lastOffset + plan[plan.length - 1] + 2;
    }

    /** The command that takes the binds away. */
    Command deletion() {
        return Commands.bindDelete(
                transfer,
                Names.LOCATION,
                OptionalLong.of(firstOffset),
                OptionalLong.of(Math.max(1, lastOffset - firstOffset)));
    }

    private static Descriptor region(long word) {
        return Descriptor.of(Names.region((int) (word >>> 32), (int) word), Names.LOCATION);
    }
}
