package org.rddma.verbs.model;

import org.rddma.verbs.NotificationType;

/**
 * One step of a {@link VerbsProgram}. Ends of connections count a0, b0, a1, b1 and so on; a0 is connected to b0.
 * Numbers that are too large are taken modulo what there is, so that any numbers make a program.
 */
public sealed interface Step {
    /** What a send queue can be asked to do. */
    enum Operation {
        /** A message. */
        SEND,
        /** A message with immediate data. */
        SEND_WITH_IMMEDIATE,
        /** A write to a place of its own. */
        WRITE,
        /** A write to a place of its own, which takes a receive. */
        WRITE_WITH_IMMEDIATE,
        /** A read of what the same end wrote last. */
        READ,
        /** One is added to a number that only this end adds to. */
        FETCH_AND_ADD,
        /** A write that the peer must refuse. */
        WRITE_WITH_WRONG_KEY;

        /** Whether it takes a receive of the peer. */
        public boolean takesReceive() {
            return this == SEND || this == SEND_WITH_IMMEDIATE || this == WRITE_WITH_IMMEDIATE;
        }

        /** Whether it brings immediate data. */
        public boolean hasImmediate() {
            return this == SEND_WITH_IMMEDIATE || this == WRITE_WITH_IMMEDIATE;
        }

        /** Whether it changes the peer's memory at a place of its own. */
        public boolean isWrite() {
            return this == WRITE || this == WRITE_WITH_IMMEDIATE;
        }

        /** Whether it brings something back. */
        public boolean fetches() {
            return this == READ || this == FETCH_AND_ADD;
        }
    }

    /** The same with numbers that exist. */
    Step within(int ends, int queues);

    /** What an end is called. */
    static String end(int end) {
        return (end % 2 == 0 ? "a" : "b") + end / 2;
    }

    /** A request is posted to a send queue. */
    record Post(int end, Operation operation, int bytes, boolean signalled, boolean solicited, boolean inline)
            implements Step {
        /** What makes no sense is left out. */
        public Post {
            inline = inline && !operation.fetches();
            solicited = solicited && operation.takesReceive();
            bytes = switch (operation) {
                case FETCH_AND_ADD -> 8;
                case WRITE_WITH_WRONG_KEY -> Math.max(1, bytes); // no bytes need no key
                default -> bytes;
            };
        }

        @Override
        public Post within(int ends, int queues) {
            return new Post(end % ends, operation, bytes, signalled, solicited, inline);
        }

        @Override
        public String toString() {
            return Step.end(end) + " posts " + operation + " of " + bytes + " bytes" + (signalled ? ", signalled" : "")
                    + (solicited ? ", solicited" : "") + (inline ? ", inline" : "");
        }
    }

    /** A receive is posted. */
    record Receive(int end) implements Step {
        @Override
        public Receive within(int ends, int queues) {
            return new Receive(end % ends);
        }

        @Override
        public String toString() {
            return Step.end(end) + " posts a receive";
        }
    }

    /** A completion queue is armed. */
    record Arm(int queue, NotificationType type) implements Step {
        @Override
        public Arm within(int ends, int queues) {
            return new Arm(queue % queues, type);
        }

        @Override
        public String toString() {
            return "arm cq" + queue + " for " + type;
        }
    }

    /** A completion queue is polled. */
    record Poll(int queue, int count) implements Step {
        @Override
        public Poll within(int ends, int queues) {
            return new Poll(queue % queues, Math.max(1, count));
        }

        @Override
        public String toString() {
            return "poll " + count + " of cq" + queue;
        }
    }

    /** An event is taken from the channel, if there is one. */
    record GetEvent() implements Step {
        @Override
        public GetEvent within(int ends, int queues) {
            return this;
        }

        @Override
        public String toString() {
            return "get an event";
        }
    }

    /** Events of a completion queue are acknowledged; too many must be refused. */
    record Acknowledge(int queue, int count) implements Step {
        @Override
        public Acknowledge within(int ends, int queues) {
            return new Acknowledge(queue % queues, count);
        }

        @Override
        public String toString() {
            return "acknowledge " + count + " of cq" + queue;
        }
    }

    /** The device goes on for so many steps. */
    record RunDevice(int steps) implements Step {
        @Override
        public RunDevice within(int ends, int queues) {
            return this;
        }

        @Override
        public String toString() {
            return "run the device for " + steps + " steps";
        }
    }

    /** A queue pair is moved to the error state: the fault that every device can have. */
    record Break(int end) implements Step {
        @Override
        public Break within(int ends, int queues) {
            return new Break(end % ends);
        }

        @Override
        public String toString() {
            return "break " + Step.end(end);
        }
    }
}
