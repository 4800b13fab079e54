package org.rddma.softdev.engine;

/** The region object behind registered memory: it cannot be closed while windows are bound to it. */
public interface RegionHolder {
    /**
     * A window is about to be bound. The same window may be bound again before it is let go: holds are counted.
     *
     * @param window which
     * @return false when the region is closed
     */
    boolean hold(Window window);

    /**
     * Whether windows are bound to it.
     *
     * @return true when some are
     */
    boolean isHeld();

    /**
     * A window is bound no more.
     *
     * @param window which
     */
    void letGo(Window window);
}
