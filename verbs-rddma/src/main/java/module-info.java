/** The RDDMA driver: its command language, its device file, a driver in user space, and the verbs on top of it. */
module org.rddma.driver {
    requires transitive org.rddma.verbs;

    exports org.rddma.driver;
    exports org.rddma.driver.emulator;
    exports org.rddma.driver.provider;

    provides org.rddma.verbs.spi.VerbsProvider with
            org.rddma.driver.provider.RddmaProvider;
}
