package org.rddma.verbs.layer;

/** What a layer does with the calls that pass through it. Called by all threads of the program. */
interface Interceptor {
    /**
     * Does one call, by {@link Call#proceed} or not.
     *
     * @param call from the program
     * @return what the program gets
     * @throws Throwable what the program gets instead
     */
    Object intercept(Call call) throws Throwable;

    /**
     * What it wants to remember about an object.
     *
     * @param type of the object
     * @param target the object below
     * @return kept with the object's wrapper; null for nothing
     */
    Object notesFor(Class<?> type, Object target);
}
