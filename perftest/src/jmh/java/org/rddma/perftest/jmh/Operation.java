package org.rddma.perftest.jmh;

import org.rddma.perftest.WriteLoop;

/** What is measured. */
enum Operation {
    EMPTY_POLL("emptyPoll", "empty poll"),
    POST_AND_POLL("postAndPoll", "post 1, poll 1"),
    POLL_BATCH("pollBatch", "post 1 by 1, poll " + WriteLoop.DEPTH + ": each"),
    POST_LIST("postList", "post list of " + WriteLoop.DEPTH + ": each"),
    ARM("arm", "arm, no event");

    private final String method;
    private final String title;

    Operation(String method, String title) {
        this.method = method;
        this.title = title;
    }

    String method() {
        return method;
    }

    String title() {
        return title;
    }
}
