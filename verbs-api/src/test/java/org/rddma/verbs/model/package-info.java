/**
 * What it takes to prove a protocol: random programs of verbs, a model of what any legal device may do, and what plays
 * the parts of a protocol against each other and against a device that is stepped. In the test jar for everybody, apart
 * from the conformance suites because it asserts nothing about a certain device by itself.
 *
 * <p>{@link org.rddma.verbs.model.SteppedDevice} is the way to a device; {@link org.rddma.verbs.model.VerbsPrograms}
 * makes programs, {@link org.rddma.verbs.model.VerbsModel} judges what they see; {@link
 * org.rddma.verbs.model.Interleaving} is for protocols of one's own.
 */
package org.rddma.verbs.model;
