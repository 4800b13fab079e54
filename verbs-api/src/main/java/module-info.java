/** The verbs: the object model of libibverbs for Java, and what a provider of devices needs to stand behind it. */
module org.rddma.verbs {
    requires com.sun.jna;
    requires jdk.jfr;

    exports org.rddma.verbs;
    exports org.rddma.verbs.app;
    exports org.rddma.verbs.layer;
    exports org.rddma.verbs.spi;
    exports org.rddma.verbs.internal.os to
            org.rddma.softdev,
            org.rddma.driver,
            org.rddma.perftest;
    exports org.rddma.verbs.internal.ring to
            org.rddma.softdev,
            org.rddma.driver;
    exports org.rddma.verbs.internal.channel to
            org.rddma.softdev,
            org.rddma.driver;

    uses org.rddma.verbs.spi.VerbsProvider;
}
