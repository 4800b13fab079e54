package org.rddma.verbs.model;

import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.NotificationType;

/** What is known of the arm and of the events of one completion queue (verbs-semantics §1.2, §1.4, §1.5). */
final class ArmModel {
    /*
     * Nobody sees when a completion gets into a queue, only when it is polled. So there are two bounds. Events that
     * may come: one for each arm, and only if a completion was polled since that arm or can be polled now. Events that
     * must come: where the queue was seen empty after an arm, a completion that is polled later came after the arm.
     */
    private final String name;
    private final List<Arm> open = new ArrayList<>(); // arms that no event came for yet
    private final List<NotificationType> unexplained = new ArrayList<>(); // events whose completion was not seen yet
    private int arms;
    private int armsOfNonEmpty;
    private int events;
    private int acknowledged;
    private int completions;

    // what must come
    private int due;
    private boolean armed;
    private NotificationType armedFor;
    private boolean seenEmpty;

    private static final class Arm {
        final NotificationType type;
        boolean explained;

        Arm(NotificationType type) {
            this.type = type;
        }
    }

    ArmModel(String name) {
        this.name = name;
    }

    void armed(NotificationType type, boolean notEmpty) {
        arms++;
        armsOfNonEmpty += notEmpty ? 1 : 0;
        open.add(new Arm(type));
        if (!armed) {
            armed = true;
            armedFor = type;
            seenEmpty = !notEmpty;
        } else if (type == NotificationType.ANY && armedFor == NotificationType.SOLICITED) {
            armedFor = type;
            seenEmpty = !notEmpty; // what was there before does not count for the new arm
        } else {
            seenEmpty |= !notEmpty;
        }
    }

    /**
     * A completion was polled.
     *
     * @param maybeSolicited whether it may be a solicited one
     * @param solicited whether it is one for sure
     */
    void completed(boolean maybeSolicited, boolean solicited) {
        completions++;
        for (Arm arm : open) {
            arm.explained |= arm.type == NotificationType.ANY || maybeSolicited;
        }
        unexplained.removeIf(type -> type == NotificationType.ANY || maybeSolicited);
        if (armed && seenEmpty && (armedFor == NotificationType.ANY || solicited)) {
            armed = false;
            due++;
        }
    }

    void seenEmpty() {
        seenEmpty = true;
        VerbsModel.require(
                unexplained.isEmpty(),
                "§1.2 an event comes only after an arm that a completion followed: %s had an event, but is empty and no"
                        + " completion that qualifies was polled since the arm",
                name);
    }

    void event() {
        events++;
        VerbsModel.require(
                events <= arms,
                "§1.2 at most one event for each arm: event %d of %s, which was armed %d times",
                events,
                name,
                arms);
        boolean explained = open.stream().anyMatch(arm -> arm.explained);
        if (!explained) {
            boolean any = open.stream().anyMatch(arm -> arm.type == NotificationType.ANY);
            unexplained.add(any ? NotificationType.ANY : NotificationType.SOLICITED);
        }
        open.remove(0);
        if (open.isEmpty()) { // every arm has had its event: it is not armed
            due = events;
            armed = false;
        }
    }

    void acknowledged(int count, boolean accepted) {
        int left = events - acknowledged;
        VerbsModel.require(
                accepted == count <= left,
                "§1.5 as many events can be acknowledged as were read: %d of %s, %d unacknowledged, was %s",
                count,
                name,
                left,
                accepted ? "accepted" : "refused");
        acknowledged += accepted ? count : 0;
    }

    int unacknowledged() {
        return events - acknowledged;
    }

    /** All events are read and the queue was polled until empty, and nothing is left to do. */
    void idle() {
        VerbsModel.require(
                events >= due,
                "§1.2 no lost wake-up: a completion came into %s after it was armed, the device is idle, and there is no"
                        + " event (%d came, %d are due)",
                name,
                events,
                due);
        VerbsModel.require(
                events <= completions + armsOfNonEmpty,
                "§1.2 an event needs a completion of its own: %d of %s for %d completions, %d arms while not empty",
                events,
                name,
                completions,
                armsOfNonEmpty);
    }
}
