/** Events, and the descriptor that announces them. For the project's own modules only. */
package org.rddma.verbs.internal.channel;
