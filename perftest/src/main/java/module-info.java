/** The command line that measures verbs: latency, bandwidth, the limits of the machine; and device information. */
module org.rddma.perftest {
    requires org.rddma.driver;
    requires org.rddma.verbs;
    requires com.google.gson;
    requires info.picocli;
    requires HdrHistogram;

    opens org.rddma.perftest to
            info.picocli;
}
