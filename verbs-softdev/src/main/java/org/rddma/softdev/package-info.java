/**
 * The software device: verbs without hardware. Inside this process, {@code soft0} and {@code soft1} are on one
 * fabric, on which any queue pair reaches any other, also itself; more devices and fabrics can be made with
 * {@link org.rddma.softdev.SoftFabric}.
 *
 * <p>Work is done in the thread that posts it: {@code postSend} returns when a message that could be delivered is
 * delivered and its completions are in both queues, unless another thread is executing that queue pair just then.
 * There is no hidden thread until one is needed: a timer while something waits to be tried again, and those of
 * vectors that were asked to deliver from threads.
 *
 * <p>{@code roce:} and an address is a device on the wire, which exchanges packets of RoCE version 2 with those of other
 * processes and hosts; {@link org.rddma.softdev.SoftDevice#roce(org.rddma.softdev.RoceOptions)} makes one with options.
 * There work is done a little later than it is posted, and one thread receives for all contexts of the device.
 *
 * <p>A fabric with a {@link org.rddma.softdev.SoftSchedule} is the opposite: nothing happens by itself, and each step
 * is chosen from a seed among those that the rules of verbs allow. {@link org.rddma.softdev.Freedom} lists what such a
 * device makes use of; ports that go down, devices that go away and regions that are withdrawn are for the test to
 * call.
 *
 * <p>What only this device has is asked of its context by {@link org.rddma.verbs.Context#extension}: {@link
 * org.rddma.softdev.SoftInspection}, {@link org.rddma.softdev.SoftFaults} and the schedule.
 */
package org.rddma.softdev;
