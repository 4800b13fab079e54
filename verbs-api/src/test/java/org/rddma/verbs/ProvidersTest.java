package org.rddma.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.TestProviders.*;
import org.rddma.verbs.spi.VerbsProvider;

/** Which providers are used, in which order, and what becomes of those that cannot be: nobody else pays for them. */
@Timeout(60)
class ProvidersTest {
    private static final String SERVICE = "META-INF/services/" + VerbsProvider.class.getName();

    @TempDir
    Path folder;

    @AfterEach
    void noList() {
        System.clearProperty(AllowList.PROPERTY);
    }

    /** Does something where a service file has these lines. */
    private <T> T with(Callable<T> action, String... lines) throws Exception {
        return in(folder, action, lines);
    }

    private static <T> T in(Path folder, Callable<T> action, String... lines) throws Exception {
        Path file = folder.resolve(SERVICE);
        Files.createDirectories(file.getParent());
        Files.write(file, List.of(lines));
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            return action.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static String[] names(Class<?>... classes) {
        return Stream.of(classes).map(Class::getName).toArray(String[]::new);
    }

    private static String[] beside(Class<?> good, String... lines) {
        return Stream.concat(Stream.of(lines), Stream.of(good.getName())).toArray(String[]::new);
    }

    private static List<String> deviceNames() {
        return Verbs.devices().stream().map(Device::name).toList();
    }

    private static ProviderStatus status(List<ProviderStatus> all, Class<?> provider) {
        return all.stream()
                .filter(status -> status.className().equals(provider.getName()))
                .collect(Collectors.collectingAndThen(Collectors.toList(), found -> {
                    assertThat(found).hasSize(1);
                    return found.get(0);
                }));
    }

    @Test
    void providersStandInTheOrderOfTheirPrioritiesThenOfTheirNames() throws Exception {
        String[] lines = names(NoPriority.class, Modest.class, Banana.class, Apple.class, Eager.class);

        assertThat(with(ProvidersTest::deviceNames, lines))
                .containsExactly("eager0", "apple0", "apple1", "banana0", "apple1", "modest0", "nopriority0");
        Collections.reverse(Arrays.asList(lines));
        assertThat(with(Verbs::providers, lines))
                .extracting(ProviderStatus::name)
                .containsExactly("eager", "apple", "banana", "modest", "absent-minded");
    }

    @Test
    void aListHasAnOrderOfItsOwn() throws Exception {
        System.setProperty(AllowList.PROPERTY, " absent-minded, banana,,apple,banana ");

        assertThat(with(ProvidersTest::deviceNames, names(Apple.class, Banana.class, NoPriority.class)))
                .containsExactly("nopriority0", "banana0", "apple1", "apple0", "apple1");
    }

    @Test
    void whatIsNotOnTheListIsNotInstantiatedAndListedWithTheReason() throws Exception {
        System.setProperty(AllowList.PROPERTY, "apple");

        List<ProviderStatus> all = with(Verbs::providers, names(NotListed.class, Apple.class));

        assertThat(all).extracting(ProviderStatus::name).containsExactly("apple", "not-listed");
        assertThat(all.get(0))
                .isEqualTo(new ProviderStatus("apple", Apple.class.getName(), 1, 0, 50, true, true, null, null));
        assertThat(all.get(1))
                .isEqualTo(new ProviderStatus(
                        "not-listed",
                        NotListed.class.getName(),
                        1,
                        0,
                        50,
                        false,
                        false,
                        null,
                        "the provider 'not-listed' is left out: it is not in the property verbs.providers = apple"));
        assertThat(TestProviders.MADE).doesNotContain(NotListed.class);
    }

    @Test
    void noProviderBehindThatOfTheDeviceIsInstantiated() throws Exception {
        String[] lines = names(NotNeeded.class, Apple.class);

        assertThatThrownBy(() -> with(() -> Verbs.open("apple1"), lines)).hasMessage("opened apple1");

        assertThat(TestProviders.MADE).doesNotContain(NotNeeded.class);
    }

    @Test
    void aNameThatIsNotListedIsFoundByTheProviderThatMakesSomethingOfIt() throws Exception {
        String[] lines = names(Finder.class, Apple.class, Banana.class);

        assertThatThrownBy(() -> with(() -> Verbs.open("any:7"), lines)).hasMessage("opened any:7");
        assertThatThrownBy(() -> with(() -> Verbs.open("apple1"), lines)).hasMessage("opened apple1");
        assertThat(with(ProvidersTest::deviceNames, lines)).doesNotContain("any:7");
    }

    @Test
    void whatIsWrongWithANameIsSaidUnlessAnotherProviderHasIt() throws Exception {
        String[] lines = names(Finder.class, Apple.class);

        assertThatThrownBy(() -> with(() -> Verbs.open("any:wrong"), lines))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                .hasMessageContaining("give a digit");
        assertThatThrownBy(() -> with(() -> Verbs.open("any:broken"), lines))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV))
                .hasMessageContaining("the provider 'finder' fails when it is asked for 'any:broken': it broke");
        assertThatThrownBy(() -> with(() -> Verbs.open("any:listed"), names(Finder.class, Lister.class)))
                .hasMessage("opened any:listed");
    }

    @Test
    void aNameThatNobodyHasIsListedWithThoseThatThereAre() throws Exception {
        System.setProperty(AllowList.PROPERTY, "aple,banana");

        List<ProviderStatus> all = with(Verbs::providers, names(Apple.class, Banana.class));

        assertThat(all).extracting(ProviderStatus::name).containsExactly("banana", "apple", "aple");
        assertThat(all.get(2).selected()).isFalse();
        assertThat(all.get(2).version()).isEqualTo("-");
        assertThat(all.get(2).reason())
                .isEqualTo("there is no provider 'aple', which is in the property verbs.providers:"
                        + " there are apple, banana");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", ",", " , "})
    void anEmptyListAllowsNothingAndSaysSo(String list) throws Exception {
        System.setProperty(AllowList.PROPERTY, list);

        assertThat(with(ProvidersTest::deviceNames, names(Apple.class))).isEmpty();
        assertThatThrownBy(() -> with(() -> Verbs.open("apple0"), names(Apple.class)))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV))
                .hasMessageContaining("there is no device 'apple0': there are no devices; the provider 'apple' is left"
                        + " out: it is not in the property verbs.providers, which is empty");
    }

    @Test
    void thePropertyIsBeforeTheEnvironment() {
        ProviderCandidate unknown = ProviderCandidate.missing("none", null);

        assertThat(AllowList.of("apple", "none").judge(unknown).selected()).isFalse();
        assertThat(AllowList.of("none", "apple").judge(unknown).selected()).isTrue();
        assertThat(AllowList.of(null, "none").judge(unknown).selected()).isTrue();
        assertThat(AllowList.of(null, "apple").judge(unknown).status().reason())
                .contains("it is not in the environment variable VERBS_PROVIDERS = apple");
        assertThat(AllowList.of(null, null).judge(unknown).selected()).isTrue();
    }

    @Test
    void anotherMajorVersionIsRefusedWithASentenceAndNotInstantiated() throws Exception {
        List<ProviderStatus> all = with(Verbs::providers, names(NextMajor.class, Apple.class));

        assertThat(all).extracting(ProviderStatus::name).containsExactly("apple", "next-major");
        ProviderStatus refused = all.get(1);
        assertThat(refused.version()).isEqualTo("2.0");
        assertThat(refused.selected()).isFalse();
        assertThat(refused.instantiated()).isFalse();
        assertThat(refused.reason())
                .isEqualTo("the provider 'next-major' was made for version 2.0 of the provider interface, and this is"
                        + " 1.1: take a release of it that was made for 1.x");
        assertThat(TestProviders.MADE).doesNotContain(NextMajor.class);
        System.setProperty(AllowList.PROPERTY, "next-major"); // nor does a list help
        assertThat(with(ProvidersTest::deviceNames, names(NextMajor.class, Apple.class)))
                .isEmpty();
    }

    @Test
    void aNewerMinorVersionIsUsed() throws Exception {
        List<ProviderStatus> all = with(Verbs::providers, names(NewerMinor.class));

        assertThat(all).allMatch(ProviderStatus::usable);
        assertThat(all.get(0).version()).isEqualTo("1.99");
        assertThat(with(ProvidersTest::deviceNames, names(NewerMinor.class))).containsExactly("minor0");
    }

    @Test
    void withoutAnAnnotationOrAUsableNameItIsRefused() throws Exception {
        List<ProviderStatus> all = with(Verbs::providers, names(NoInfo.class, BadName.class, Apple.class));

        assertThat(status(all, NoInfo.class).reason()).contains("its class needs the annotation ProviderInfo");
        assertThat(status(all, BadName.class).reason()).contains("has the name 'two,names'");
        assertThat(all).filteredOn(ProviderStatus::usable).hasSize(1);
        assertThat(TestProviders.MADE).doesNotContain(NoInfo.class, BadName.class);
    }

    @Test
    void whatItsConstructorThrowsIsTheReasonAndItIsTriedOnce() throws Exception {
        String[] lines = names(ThrowsInConstructor.class, ThrowsInInitializer.class, Apple.class);

        List<ProviderStatus> all = with(Verbs::providers, lines);

        ProviderStatus thrower = status(all, ThrowsInConstructor.class);
        assertThat(thrower.selected()).isTrue();
        assertThat(thrower.instantiated()).isFalse();
        assertThat(thrower.unavailabilityCause()).isInstanceOf(IllegalStateException.class);
        assertThat(thrower.reason())
                .isEqualTo("the provider 'thrower' cannot be instantiated: the card is not plugged in");
        assertThat(status(all, ThrowsInInitializer.class).reason()).contains("cannot be instantiated: ");
        assertThat(with(ProvidersTest::deviceNames, lines)).containsExactly("apple0", "apple1");
        assertThat(TestProviders.MADE).containsOnlyOnce(ThrowsInConstructor.class);
    }

    @Test
    void oneThatLooksForDevicesInItsConstructorFindsThoseOfOthers() throws Exception {
        String[] lines = names(AsksInConstructor.class, Apple.class);

        assertThat(with(ProvidersTest::deviceNames, lines)).containsExactly("apple0", "apple1", "recursive0");
        assertThat(AsksInConstructor.FOUND).hasValue(2);
    }

    @Test
    void oneThatCannotWorkHereIsListedWithItsReasonAndNotAskedForDevices() throws Exception {
        List<ProviderStatus> all = with(Verbs::providers, names(Unavailable.class, Apple.class));

        ProviderStatus unavailable = status(all, Unavailable.class);
        assertThat(unavailable.selected()).isTrue();
        assertThat(unavailable.instantiated()).isTrue();
        assertThat(unavailable.usable()).isFalse();
        assertThat(unavailable.unavailabilityCause()).hasMessage(Unavailable.CAUSE);
        assertThat(unavailable.reason())
                .isEqualTo("the provider 'unavailable' cannot work here: there is no such hardware");
        assertThatThrownBy(() -> with(() -> Verbs.open("unavailable0"), names(Unavailable.class, Apple.class)))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("there is no device 'unavailable0': give one of [apple0, apple1];"
                        + " the provider 'unavailable' cannot work here: there is no such hardware");
    }

    @Test
    void whatItThrowsLaterIsAReasonToo() throws Exception {
        List<ProviderStatus> all = with(Verbs::providers, names(ThrowsForAvailability.class, Apple.class));

        assertThat(status(all, ThrowsForAvailability.class).reason())
                .isEqualTo("the provider 'mute' fails when it is asked whether it can work here:"
                        + " void org.rddma.verbs.Future.method()");
        assertThat(status(all, Apple.class).usable()).isTrue();
    }

    @Test
    void devicesThatCannotBeListedAreAReasonUntilTheyCan() throws Exception {
        String[] lines = names(Changing.class, Apple.class);
        Changing.answer = () -> {
            throw new StackOverflowError();
        };
        assertThat(status(with(Verbs::providers, lines), Changing.class).reason())
                .isEqualTo("the provider 'changing' fails when it is asked for its devices:"
                        + " java.lang.StackOverflowError");
        Changing.answer = () -> null;
        assertThat(status(with(Verbs::providers, lines), Changing.class).usable())
                .isFalse();
        Changing.answer = () -> Collections.singletonList(null);
        assertThat(status(with(Verbs::providers, lines), Changing.class).usable())
                .isFalse();
        Changing.answer = () -> List.of(new Named(null, "changing"));
        assertThat(status(with(Verbs::providers, lines), Changing.class).reason())
                .endsWith("a device has no name");
        assertThat(with(ProvidersTest::deviceNames, lines)).containsExactly("apple0", "apple1");
        Changing.answer = () -> List.of(new Named("changed0", "changing"));
        assertThat(with(ProvidersTest::deviceNames, lines)).containsExactly("apple0", "apple1", "changed0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no.such.Provider",
                "org.rddma.verbs.TestProviders$NoProvider",
                "org.rddma.verbs.TestProviders$NoConstructor",
                "org.rddma.verbs.spi.VerbsProvider"
            })
    void whatCannotBeLoadedKeepsNobodyElseFromIt(String line) throws Exception {
        List<ProviderStatus> all = with(Verbs::providers, beside(Apple.class, line));

        assertThat(all.get(0).usable()).as("apple: %s", all).isTrue();
        assertThat(all).hasSize(2);
        assertThat(all.get(1).selected()).isFalse();
        assertThat(all.get(1).reason()).startsWith("a provider cannot be loaded: ");
        assertThat(all.get(1).unavailabilityCause()).isNotNull();
    }

    @Test
    void aServiceFileThatCannotBeReadCostsOnlyThoseInIt(@TempDir Path other) throws Exception {
        List<ProviderStatus> all = with(() -> in(other, Verbs::providers, "this is no class name"), names(Apple.class));

        assertThat(all).hasSize(2);
        assertThat(all.get(0).usable()).isTrue();
        assertThat(all.get(1).reason())
                .startsWith("a provider cannot be loaded: ")
                .contains(SERVICE);
    }

    @Test
    void aClassOfWhichAPartIsMissingKeepsNobodyElseFromIt() throws Exception {
        Path source = Files.writeString(folder.resolve("Part.java"), """
                        public class Part extends Whole {}
                        abstract class Whole implements org.rddma.verbs.spi.VerbsProvider {
                            public Throwable unavailabilityCause() { return null; }
                            public java.util.List<org.rddma.verbs.Device> devices() { return null; }
                        }
                        """);
        compile(source);
        Files.delete(folder.resolve("Whole.class"));

        List<ProviderStatus> all = with(Verbs::providers, beside(Apple.class, "no.such.First", "Part", "no.such.Last"));

        assertThat(all).hasSize(4);
        assertThat(all.get(0).usable()).isTrue();
        assertThat(all)
                .extracting(ProviderStatus::reason)
                .anySatisfy(reason -> assertThat(reason).contains("Whole"));
    }

    @Test
    void anAnnotationOfAnotherMakeIsAReason() throws Exception {
        Path source = Files.createDirectories(folder.resolve("org/rddma/verbs/spi"));
        Files.writeString(source.resolve("ProviderInfo.java"), """
                        package org.rddma.verbs.spi;
                        @java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME)
                        public @interface ProviderInfo {
                            String name();
                        }
                        """);
        Path other = Files.writeString(folder.resolve("Other.java"), """
                        @org.rddma.verbs.spi.ProviderInfo(name = "other")
                        public class Other implements org.rddma.verbs.spi.VerbsProvider {
                            public Throwable unavailabilityCause() { return null; }
                            public java.util.List<org.rddma.verbs.Device> devices() { return null; }
                        }
                        """);
        compile(source.resolve("ProviderInfo.java"), other);
        Files.delete(source.resolve("ProviderInfo.class"));

        List<ProviderStatus> all = with(Verbs::providers, beside(Apple.class, "Other"));

        assertThat(all).extracting(ProviderStatus::className).containsExactly(Apple.class.getName(), "Other");
        assertThat(all.get(1).reason())
                .startsWith("the annotation ProviderInfo of the provider Other cannot be read: ");
    }

    @Test
    void thereIsOneInstanceForTheProcess() throws Exception {
        Device first = with(Verbs::devices, names(Apple.class)).get(0);
        Device second = with(Verbs::devices, names(Apple.class)).get(0);

        assertThat(second).isSameAs(first);
        assertThat(TestProviders.MADE).containsOnlyOnce(Apple.class);
    }

    @Test
    void withoutProvidersAnErrorSaysThatThereAreNoDevices() throws Exception {
        assertThatThrownBy(() -> with(() -> Verbs.open("soft0")))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("there is no device 'soft0': there are no devices");
        assertThatThrownBy(() -> with(() -> Verbs.open(null)))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        assertThat(with(Verbs::providers)).isEmpty();
    }

    private void compile(Path... sources) {
        Stream<String> options =
                Stream.of("-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
        int status = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(
                        System.out,
                        System.err,
                        Stream.concat(options, Stream.of(sources).map(Path::toString))
                                .toArray(String[]::new));
        assertThat(status).isZero();
    }
}
