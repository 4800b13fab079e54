package org.rddma.perftest;

import java.util.Map;

/** What ends of a test in two processes tell each other while it runs, as facts: a kind, and what belongs to it. */
enum News {
    /** Nothing but that the process is there. */
    ALIVE,
    /** This end is prepared for the phase of that number. */
    READY,
    /** This end has sent all of the phase. */
    DONE,
    /** What this end has moved in the phase. */
    FIGURES,
    /** This end is to report what it has, and end. */
    INTERRUPTED,
    /** This end has failed; with a sentence. */
    FAILED,
    /** This end has its report, and needs the other no longer. */
    BYE;

    static final String KIND = "news";
    static final String PHASE = "phase";
    static final String MESSAGES = "messages";
    static final String SENTENCE = "sentence";

    /** Null for what is none of these. */
    static News of(Map<String, String> facts) {
        String kind = facts.get(KIND);
        for (News news : values()) {
            if (news.name().equals(kind)) {
                return news;
            }
        }
        return null;
    }
}
