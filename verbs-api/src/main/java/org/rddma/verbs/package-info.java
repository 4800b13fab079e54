/**
 * The verbs: contexts, protection domains, memory regions, queue pairs, completion queues and completion channels, as
 * libibverbs has them, with the field's full words for names. {@link org.rddma.verbs.Verbs} is where a program begins.
 *
 * <p><b>Completions.</b> A {@link org.rddma.verbs.CompletionQueue} is a ring in user memory: polling it is reading
 * memory. To sleep instead, arm it; the next completion then puts one event into its {@link
 * org.rddma.verbs.CompletionChannel}, a real file descriptor. An event says that something was appended since the
 * arm, not how much, nor that it is still there. {@code org.rddma.verbs.app.CompletionWaiter} does the whole dance.
 *
 * <p><b>Results.</b> What a correct program meets on its fast path is a returned value: a full queue, an empty one,
 * no event yet. Everything else is a {@link org.rddma.verbs.VerbsException}, thrown before anything was changed. Work
 * that fails later says so in its completion.
 *
 * <p><b>Garbage.</b> Post, poll, arm, getEvent and acknowledge allocate nothing.
 */
package org.rddma.verbs;
