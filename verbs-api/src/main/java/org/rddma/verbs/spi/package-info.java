/**
 * What a provider of devices implements, and the rules that all providers share: the life cycle of objects,
 * completion queues and channels, the transitions of queue pairs, and what can be posted. Not for applications. A
 * provider says its name and the version that it was written for in a {@link org.rddma.verbs.spi.ProviderInfo}, and is
 * made only when it is selected.
 */
package org.rddma.verbs.spi;
