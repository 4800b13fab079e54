package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** devices and devinfo, in the layout that scripts know. */
class DeviceCommandsTest {
    @Test
    void devicesAreListedWithTheirGuids() {
        Cli cli = Cli.run("devices");

        assertThat(cli.status()).isZero();
        assertThat(cli.out())
                .startsWith("    device          \t   node GUID\n    ------          \t----------------\n")
                .containsPattern("\n    soft0           \t[0-9a-f]{16}\n");
    }

    @Test
    void theSoftwareDeviceIsTheFirstAndThoseOfTheDriverTheLast() {
        Cli cli = Cli.run("devices");

        assertThat(cli.out().lines().skip(2).map(line -> line.strip().split("\\s", 2)[0]))
                .containsExactly("soft0", "soft1", "rddma0", "rddma1");
    }

    @Test
    void providersAreListedInTheirOrder() {
        Cli cli = Cli.run("providers");

        assertThat(cli.status()).isZero();
        assertThat(cli.out()).isEqualTo("""
                        provider         version priority state        class
                        softdev          1.1     50       used         org.rddma.softdev.SoftProvider
                        rddma            1.1     60       used         org.rddma.driver.provider.RddmaProvider
                        """);
    }

    @Test
    void aProviderThatIsNotUsedIsListedWithTheReason() {
        System.setProperty("verbs.providers", "rddma,nosuch");
        try {
            Cli cli = Cli.run("providers");

            assertThat(cli.status()).isZero();
            assertThat(cli.out()).isEqualTo("""
                            provider         version priority state        class
                            rddma            1.1     60       used         org.rddma.driver.provider.RddmaProvider
                            softdev          1.1     50       not used     org.rddma.softdev.SoftProvider
                                the provider 'softdev' is left out: it is not in the property verbs.providers = rddma,nosuch
                            nosuch           -       -        not used     -
                                there is no provider 'nosuch', which is in the property verbs.providers: there are rddma, softdev
                            """);
            assertThat(Cli.run("devices").out()).contains("rddma0").doesNotContain("soft0");
        } finally {
            System.clearProperty("verbs.providers");
        }
    }

    @Test
    void infoNamesEveryDevice() {
        Cli cli = Cli.run("devinfo");

        assertThat(cli.status()).isZero();
        assertThat(cli.out())
                .contains("hca_id:\tsoft0\n", "hca_id:\tsoft1\n", "\ttransport:\t\t\t", "\t\tport:\t1\n")
                .containsPattern("\t\t\tstate:\t\t\tPORT_ACTIVE \\(4\\)\n")
                .containsPattern("node_guid:\t\t\t([0-9a-f]{4}:){3}[0-9a-f]{4}\n")
                .doesNotContain("num_comp_vectors");
    }

    @Test
    void verboseSaysMore() {
        Cli cli = Cli.run("devinfo", "-v", "-d", "soft1", "-i", "1");

        assertThat(cli.status()).isZero();
        assertThat(cli.out())
                .contains("hca_id:\tsoft1", "max_qp:", "num_comp_vectors:", "GID[  0]:")
                .doesNotContain("soft0");
    }

    @Test
    void listIsShort() {
        assertThat(Cli.run("devinfo", "-l").out()).matches("\\d+ HCAs found:\n(\t(soft|rddma)\\d\n)+");
    }

    @Test
    void unknownOnesAreWrongUsage() {
        assertThat(Cli.run("devinfo", "-d", "nosuch").status()).isEqualTo(2);
        assertThat(Cli.run("devinfo", "-d", "nosuch").err()).contains("there is no device 'nosuch'");
        assertThat(Cli.run("devinfo", "-d", "roce:nosuch").err()).contains("such as roce:10.9.0.2");
        assertThat(Cli.run("devinfo", "-v", "-d", "roce:127.0.5.13").out())
                .contains("hca_id:\troce:127.0.5.13", "::ffff:127.0.5.13, RoCE v2");
        assertThat(Cli.run("devinfo", "-i", "7").status()).isEqualTo(2);
        assertThat(Cli.run("devinfo", "--nosuch").status()).isEqualTo(2);
    }
}
