/**
 * What a provider of devices implements, and the rules that all providers share: the life cycle of objects,
 * completion queues and channels, the transitions of queue pairs, and what can be posted. Not for applications.
 */
package org.rddma.verbs.spi;
