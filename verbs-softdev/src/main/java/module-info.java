/** The software device: the verbs without hardware, inside this process or over UDP. */
module org.rddma.softdev {
    requires transitive org.rddma.verbs;

    exports org.rddma.softdev;

    provides org.rddma.verbs.spi.VerbsProvider with
            org.rddma.softdev.SoftProvider;
}
