package org.rddma.softdev;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.softdev.engine.RegisteredMemory;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.spi.Resource;

/** A memory region of a software device. The key is the same for local and remote use. */
public final class SoftMemoryRegion extends Resource implements MemoryRegion {
    private final SoftProtectionDomain domain;
    private final ByteBuffer memory;
    private final long address;
    private final int access;
    private final RegisteredMemory registered;

    SoftMemoryRegion(SoftProtectionDomain domain, String label, String verb, ByteBuffer memory, int access) {
        super(domain.context(), label, domain);
        this.domain = domain;
        this.memory = memory;
        this.access = access;
        address = Os.addressOf(memory);
        registered = domain.context().device().memory().add(memory, address, access, domain.actual());
        if (registered == null) {
            throw new VerbsException(verb, Errno.ENOMEM, "the device has no key left: close some regions first");
        }
    }

    @Override
    public SoftProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public ByteBuffer buffer() {
        return memory.duplicate().order(ByteOrder.nativeOrder());
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public int length() {
        return memory.capacity();
    }

    @Override
    public int lkey() {
        return registered.key();
    }

    @Override
    public int rkey() {
        return registered.key();
    }

    @Override
    public int access() {
        return access;
    }

    @Override
    protected void release() {
        domain.context().device().memory().remove(registered);
        domain.releaseMemory(memory);
    }

    @Override
    protected void forgotten() {
        domain.context().device().memoryRegions.giveBack();
    }
}
