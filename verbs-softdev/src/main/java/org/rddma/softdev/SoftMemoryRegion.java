package org.rddma.softdev;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.rddma.softdev.engine.RegionHolder;
import org.rddma.softdev.engine.RegisteredMemory;
import org.rddma.softdev.engine.WholeProcess;
import org.rddma.softdev.engine.Window;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.RegionChange;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.spi.RegionRules;
import org.rddma.verbs.spi.Resource;

/** A memory region of a software device. The key is the same for local and remote use. */
public final class SoftMemoryRegion extends Resource implements MemoryRegion {
    private final SoftContext context;

    /** How the region is registered; changed by {@link #reregister} under this object's monitor. */
    private volatile Registration registration;

    private record Registration(
            SoftProtectionDomain domain, ByteBuffer memory, long address, int access, RegisteredMemory registered) {}

    SoftMemoryRegion(
            SoftProtectionDomain domain, String label, String verb, ByteBuffer memory, long address, int access) {
        super(domain.context(), label, domain);
        context = domain.context();
        RegisteredMemory registered =
                context.device().memory().add(memory, address, access, domain.actual(), new BoundWindows(this));
        if (registered == null) {
            throw new VerbsException(verb, Errno.ENOMEM, "the device has no key left: close some regions first");
        }
        registration = new Registration(domain, memory, address, access, registered);
    }

    /** Windows that are bound to a region use it: each for as long as one of its views is or was shown. */
    private static final class BoundWindows implements RegionHolder {
        private final SoftMemoryRegion region;
        private final Map<Window, Integer> holds = new HashMap<>();

        BoundWindows(SoftMemoryRegion region) {
            this.region = region;
        }

        @Override
        public synchronized boolean hold(Window window) {
            if (!region.addUser((SoftMemoryWindow) window.handle())) {
                return false;
            }
            int unused = holds.merge(window, 1, Integer::sum);
            return true;
        }

        @Override
        public boolean isHeld() {
            return region.isUsed();
        }

        @Override
        public synchronized void letGo(Window window) {
            if (holds.merge(window, -1, Integer::sum) == 0) {
                Integer unused = holds.remove(window);
                region.removeUser((SoftMemoryWindow) window.handle());
            }
        }
    }

    @Override
    public SoftProtectionDomain protectionDomain() {
        return registration.domain;
    }

    @Override
    public ByteBuffer buffer() {
        return registration.memory.duplicate().order(ByteOrder.nativeOrder());
    }

    @Override
    public long address() {
        return registration.address;
    }

    @Override
    public int length() {
        return isOverAll() ? Integer.MAX_VALUE : registration.memory.capacity();
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean isOverAll() {
        return registration.memory == WholeProcess.MEMORY;
    }

    @Override
    public long addressOf(ByteBuffer buffer, int offset) {
        String verb = "addressOf";
        requireOpen(verb);
        if (!isOverAll()) {
            throw new VerbsException(
                    verb, Errno.EOPNOTSUPP, this + " is over a buffer of its own: count from its address");
        }
        RegionRules.checkBuffer(verb, buffer, offset, 1, 0);
        return Os.addressOf(buffer) + offset;
    }

    @Override
    public int lkey() {
        return registration.registered.key();
    }

    @Override
    public int rkey() {
        return registration.registered.key();
    }

    @Override
    public int access() {
        return registration.access;
    }

    @Override
    public synchronized void reregister(RegionChange change) {
        String verb = "reregister";
        requireOpen(verb);
        if (change == null || change.mask() == 0) {
            throw new VerbsException(verb, Errno.EINVAL, "nothing is to change: set what is");
        }
        boolean moves = change.has(RegionChange.TRANSLATION);
        context.require(verb, moves ? Capability.REREGISTER_TRANSLATION : Capability.REREGISTER);
        if (isOverAll()) {
            throw new VerbsException(
                    verb, Errno.EOPNOTSUPP, this + " is over all memory: close it, and register what is wanted now");
        }
        Registration before = registration;
        SoftProtectionDomain domain = change.has(RegionChange.PROTECTION_DOMAIN)
                ? context.own(
                        verb,
                        "protection domain",
                        change.protectionDomain(),
                        SoftProtectionDomain.class,
                        SoftProtectionDomain::context)
                : before.domain;
        int access = change.has(RegionChange.ACCESS) ? change.access() : before.access;
        RegionRules.checkAccess(verb, context, access);
        ByteBuffer memory = before.memory;
        if (moves) {
            RegionRules.checkBuffer(verb, change.buffer(), change.offset(), change.length(), access);
            RegionRules.checkSize(verb, context.device().options().limits(), change.length());
            memory = RegionRules.slice(change.buffer(), change.offset(), change.length());
        } else {
            RegionRules.checkBuffer(verb, memory, 0, memory.capacity(), access);
        }
        boolean zeroBased = (access & AccessFlags.ZERO_BASED) != 0;
        boolean rebased = moves || zeroBased != ((before.access & AccessFlags.ZERO_BASED) != 0);
        long address = !rebased ? before.address : zeroBased ? 0 : Os.addressOf(memory);
        change(verb, before, domain, memory, address, access);
        before.domain.releaseMemory(before.memory);
    }

    private void change(
            String verb,
            Registration before,
            SoftProtectionDomain domain,
            ByteBuffer memory,
            long address,
            int access) {
        if (domain != before.domain) {
            useInstead(verb, before.domain, domain);
        }
        RegisteredMemory registered =
                context.device().memory().replace(before.registered, memory, address, access, domain.actual());
        if (registered == null) {
            if (domain != before.domain) {
                useInstead(verb, domain, before.domain);
            }
            throw new VerbsException(
                    verb, Errno.EBUSY, this + " has memory windows bound to it: invalidate or close them first");
        }
        registration = new Registration(domain, memory, address, access, registered);
    }

    @Override
    protected synchronized void release() {
        context.device().memory().remove(registration.registered);
        registration.domain.releaseMemory(registration.memory);
    }

    @Override
    protected void forgotten() {
        context.device().memoryRegions.giveBack();
    }
}
