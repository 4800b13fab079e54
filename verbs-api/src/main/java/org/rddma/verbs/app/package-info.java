/** Ready-made ways to use the verbs, free of any provider: connecting two queue pairs, and waiting for completions. */
package org.rddma.verbs.app;
