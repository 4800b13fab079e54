/**
 * A device in a process of its own, behind the same verbs: what a suite does with it is done there.
 *
 * <p>{@link org.rddma.verbs.conformance.remote.RemoteDevice} starts a virtual machine and opens a device in it. What it
 * gives out are stand-ins: each call goes over a {@link org.rddma.verbs.conformance.remote.Line} to the object it stands
 * for, and the answer comes back the same way, so a suite that connects an end here with an end there tests two
 * processes without knowing it. Memory that is allocated there, or registered, is seen in both
 * ({@link org.rddma.verbs.conformance.remote.SharedArena}): the device there writes to it, the suite here reads it.
 */
package org.rddma.verbs.conformance.remote;
