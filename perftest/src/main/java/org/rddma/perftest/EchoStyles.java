package org.rddma.perftest;

import java.util.List;

/** Every style that an echo service is written in; the first is what the others are compared with. */
final class EchoStyles {
    static final List<EchoStyle> ALL = List.of(
            new PollingEcho(),
            new BlockingEcho(),
            new OrderedEcho(),
            new EventLoopEcho(),
            new FuturesEcho(),
            new LandingEcho(),
            new WorkQueuesEcho());

    private EchoStyles() {}
}
