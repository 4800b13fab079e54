package org.rddma.driver.provider;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.driver.Commands;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.spi.Resource;

/**
 * A memory region of an RDDMA device: a shared memory buffer of the driver, and an entry in the context's directory that
 * says who may do what with it. The key is the same for local and remote use.
 */
public final class RddmaMemoryRegion extends Resource implements MemoryRegion {
    private final RddmaProtectionDomain domain;
    private final ByteBuffer memory;
    private final long address;
    private final int access;
    private final int key;

    private RddmaMemoryRegion(RddmaProtectionDomain domain, String label, ByteBuffer memory, int access, int key) {
        super(domain.context(), label, domain);
        this.domain = domain;
        this.memory = memory;
        this.access = access;
        this.key = key;
        address = Os.addressOf(memory);
        domain.context().regions().publish(key, domain.number(), access, address, memory.capacity());
    }

    /** One whose memory is the driver's. */
    static RddmaMemoryRegion allocate(RddmaProtectionDomain domain, String label, int length, int access) {
        String verb = "allocateMemory";
        RddmaContext context = domain.context();
        int key = reserve(context, verb);
        try {
            ByteBuffer memory = context.buffers().create(Names.region(context.number(), key), length, verb);
            if (memory == null) {
                throw new VerbsException(
                        verb, Errno.EIO, "the driver has a buffer of this context that is not its own");
            }
            return new RddmaMemoryRegion(domain, label, memory, access, key);
        } catch (RuntimeException e) {
            context.regions().release(key);
            throw e;
        }
    }

    /** One whose memory is the caller's. */
    static RddmaMemoryRegion register(RddmaProtectionDomain domain, String label, ByteBuffer memory, int access) {
        String verb = "registerMemory";
        RddmaContext context = domain.context();
        int key = reserve(context, verb);
        try {
            int process = Math.toIntExact(ProcessHandle.current().pid());
            Call unused = context.session()
                    .require(
                            verb,
                            Commands.smbCreateFromUser(
                                    Names.region(context.number(), key),
                                    Names.LOCATION,
                                    Os.addressOf(memory),
                                    memory.capacity(),
                                    process));
            return new RddmaMemoryRegion(domain, label, memory, access, key);
        } catch (RuntimeException e) {
            context.regions().release(key);
            throw e;
        }
    }

    private static int reserve(RddmaContext context, String verb) {
        int key = context.regions().reserve();
        if (key == 0) {
            throw new VerbsException(verb, Errno.ENOMEM, "the context has no key left: close some regions first");
        }
        return key;
    }

    @Override
    public RddmaProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public ByteBuffer buffer() {
        return memory.duplicate().clear().order(ByteOrder.nativeOrder());
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
        return key;
    }

    @Override
    public int rkey() {
        return key;
    }

    @Override
    public int access() {
        return access;
    }

    /** The driver deletes a buffer when no copy uses it any more, and fails those that would begin later. */
    @Override
    protected void release() {
        RddmaContext context = domain.context();
        context.regions().withdraw(key);
        try {
            context.buffers().delete(Names.region(context.number(), key), "close");
        } catch (VerbsException e) {
            if (!context.session().isLost()) {
                throw e;
            }
        }
        context.regions().release(key);
    }

    @Override
    protected void forgotten() {
        domain.context().device().memoryRegions.giveBack();
    }
}
