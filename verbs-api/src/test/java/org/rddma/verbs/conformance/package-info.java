/**
 * What every provider of the verbs must do, as tests that anyone can run against a provider of their own.
 *
 * <p>They are in {@code org.rddma:verbs-api} of type {@code test-jar}. Maven does not pass on what a test jar needs: add
 * {@code org.junit.jupiter:junit-jupiter} 5.13, {@code org.assertj:assertj-core} 3.27 and {@code net.jqwik:jqwik} 1.9
 * beside it, all in scope test, and the provider. Then one class is enough:
 *
 * <pre>{@code
 * final class MyDeviceTest extends AllConformance {
 *     public String device() { return "mine0"; }          // by the names that Verbs.open knows
 *     public String otherDevice() { return "mine1"; }     // another device, which the first one reaches
 *     public String threadPrefix() { return "mine"; }     // what the names of the provider's threads begin with
 *     public Duration settleTime() { return Duration.ofMillis(10); } // after which nothing happens by itself
 * }
 * }</pre>
 *
 * <p>{@link org.rddma.verbs.conformance.AllConformance} has the suites that are about rules, and {@link
 * org.rddma.verbs.conformance.AllLoadConformance} those that load the device. Each suite is also a class to be extended
 * by itself, whose tests say in their names which rule they show. A provider that is not found by {@code Verbs}
 * overrides {@link org.rddma.verbs.conformance.DeviceUnderTest#open}; one whose device can be removed, or its port taken
 * down, {@link org.rddma.verbs.conformance.DeviceUnderTest#faults}: without it those two suites are skipped, and say so.
 *
 * <p><b>Two devices, two processes.</b> Where {@link
 * org.rddma.verbs.conformance.DeviceUnderTest#pairsAcrossDevices} says so, suites that connect two ends have the second
 * on the other device; and that may be in another virtual machine, which {@link org.rddma.verbs.conformance.remote.RemoteDevice}
 * starts: its {@code open} in place of {@code openOther}, its {@code memory} in place of {@code memory}, and {@code
 * isOtherInThisProcess} is false.
 *
 * <p><b>Capabilities.</b> What a device declares in {@code DeviceAttributes.capabilities()} is tested; what it does not
 * declare must fail with EOPNOTSUPP, which takes the place of every test that {@linkplain
 * org.rddma.verbs.conformance.Needs needs} it.
 *
 * <p><b>Leaks and hangs.</b> After every test nothing may be left over that was not there before it ({@link
 * org.rddma.verbs.conformance.LeakGuard}, which the test jar's {@code junit-platform.properties} turns on: a project
 * with a file of that name must set {@code junit.jupiter.extensions.autodetection.enabled} itself). A test that hangs
 * fails with the stacks of all threads ({@link org.rddma.verbs.conformance.HangGuard}); {@code rddma.patience.seconds}
 * is how long a test waits for what must come.
 */
package org.rddma.verbs.conformance;
