/**
 * Layers between a program and its device, only where they are asked for: {@link org.rddma.verbs.layer.Tracing} writes a
 * line for every verb, {@link org.rddma.verbs.layer.Validation} reports mistakes whose outcome verbs leave undefined.
 *
 * <p>A layer wraps a context and everything that is made from it. {@link org.rddma.verbs.layer.Layers} says how they are
 * asked for without a change to the program. What no layer was asked for is untouched: {@code Verbs.open} returns the
 * provider's own objects then, with nothing in between. Behind a layer every verb costs microseconds and garbage.
 */
package org.rddma.verbs.layer;
