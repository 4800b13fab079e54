/** Off-heap layouts, and the rings over them. For the project's own modules only. */
package org.rddma.verbs.internal.ring;
