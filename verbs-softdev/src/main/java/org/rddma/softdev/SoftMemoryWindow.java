package org.rddma.softdev;

import org.rddma.softdev.engine.Window;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.spi.Resource;

/** A memory window of a software device. */
public final class SoftMemoryWindow extends Resource implements MemoryWindow {
    private final SoftProtectionDomain domain;
    private final MemoryWindowType type;
    private final Window window;

    /** Of type 1: the key that the last bind that was posted will give it. Guarded by this object's monitor. */
    private int postedKey;

    SoftMemoryWindow(SoftProtectionDomain domain, String label, MemoryWindowType type) {
        super(domain.context(), label, domain);
        this.domain = domain;
        this.type = type;
        window = domain.context().device().memory().addWindow(this, type, domain.actual(), domain::awaitResponders);
        if (window == null) {
            throw new VerbsException(
                    "allocateMemoryWindow", Errno.ENOMEM, "the device has no key left: close some windows first");
        }
        postedKey = window.key();
    }

    Window deviceSide() {
        return window;
    }

    @Override
    public SoftProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public MemoryWindowType type() {
        return type;
    }

    @Override
    public synchronized int rkey() {
        return type == MemoryWindowType.TYPE_1 ? postedKey : window.key();
    }

    /** A bind with the next key is to be posted: its key counts if it is. */
    interface Bind {
        /**
         * Posts it.
         *
         * @param nextKey the key
         * @return whether there was room
         */
        boolean post(int nextKey);
    }

    synchronized boolean bind(Bind bind) {
        int nextKey = MemoryWindow.incrementRkey(postedKey);
        boolean posted = bind.post(nextKey);
        if (posted) {
            postedKey = nextKey;
        }
        return posted;
    }

    @Override
    protected void release() {
        domain.context().device().memory().removeWindow(window);
    }

    @Override
    protected void forgotten() {
        domain.context().device().memoryWindows.giveBack();
    }
}
