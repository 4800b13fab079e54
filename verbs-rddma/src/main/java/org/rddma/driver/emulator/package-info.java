/**
 * A driver in user space: the RDDMA driver's commands, answered on the same kind of descriptor, inside this process or
 * as a daemon.
 *
 * <p>It behaves like the driver of March 2008, with the commands of its successor ({@code sync_*}, {@code event_find},
 * {@code mmap_*}, buffers of user memory) and its more exact results: {@link
 * org.rddma.driver.emulator.EmulatorOptions} says which of them. Kept as it was, because programs depend on it: one
 * reply a read; replies in the order in which commands end; {@code event_start} that waits for the other half; 0 for an
 * event that is started already; {@code <NULL>}; the reply to an unknown command; options found by a part of their
 * text; a location that takes the first name it finds for its own.
 *
 * <p>Different on purpose:
 *
 * <ul>
 *   <li>A read with a small buffer gets the first part of a reply, and the next read the rest.
 *   <li>A reply to {@code event_start} never comes before the last copy of the event is done.
 *   <li>A copy that fails is told: -5. So are transfers of a buffer that was deleted, and of a process that is gone.
 *   <li>Deletes delete, and answer when no copy runs on what they delete. A mapping outlives its buffer.
 *   <li>A chain of events that would close a cycle is refused with -22.
 *   <li>Transfers, binds and buffers can be as many as {@link org.rddma.driver.emulator.EmulatorLimits} says: one more
 *       is answered -28, memory that is not there -12, a command too many of one file -11 (all 1 when it is strict); a
 *       file whose replies are not read is not listened to until they are.
 *   <li>User memory must belong to the process that names it (-1), and is withdrawn with its last open file.
 *   <li>What waits at a barrier goes with its open file; other commands under way go on.
 * </ul>
 *
 * <p>Several nodes can be joined in one driver as by a fabric: a public location stands for one of another node, where
 * its commands are carried out.
 *
 * <p>One thread does all but long copies and the making of large buffers, which have a thread of their own each as soon
 * as they are needed.
 */
package org.rddma.driver.emulator;
