/**
 * Ready-made ways to use the verbs, free of any provider: connecting two queue pairs, also those of two programs, waiting
 * for completions, and a class for each style of application.
 */
package org.rddma.verbs.app;
