package org.rddma.perftest;

import org.rddma.verbs.Context;

/** One style of application, with the echo service written in it. */
interface EchoStyle {
    /** Its name in the report: short, lower case, without blanks. */
    String title();

    /** Makes the service's objects in a context of the caller's, who closes that after the service. */
    EchoService create(EchoPlan plan, Context context);
}
