package org.rddma.driver.provider;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.rddma.driver.Commands;
import org.rddma.driver.RddmaSyntaxException;
import org.rddma.driver.Reply;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** Shared memory buffers of the driver, made and mapped. */
final class SharedBuffers {
    private static final int PAGE = 4096;

    private final DriverSession session;

    /** Of other contexts, as long as a connection to one of them needs it; guarded by itself. */
    private final Map<Integer, WeakReference<RegionDirectory>> directories = new HashMap<>();

    SharedBuffers(DriverSession session) {
        this.session = session;
    }

    /** Makes and maps one; null when the name is taken. */
    ByteBuffer create(String name, long length, String verb) {
        long whole = length + PAGE - 1 & -PAGE;
        Call made = session.call(verb, Commands.smbCreate(name, Names.LOCATION, 0, whole));
        if (made.result() != 0) {
            return taken(name, verb, made.result(), whole);
        }
        try {
            return map(name, whole, verb).slice(0, (int) length).order(ByteOrder.nativeOrder());
        } catch (RuntimeException e) {
            delete(name, verb);
            throw e;
        }
    }

    private ByteBuffer taken(String name, String verb, int result, long length) {
        if (session.call(verb, Commands.smbFind(name, Names.LOCATION)).result() == 0) {
            return null;
        }
        boolean memory = result == -Errno.ENOMEM || result == -Errno.ENOSPC || result == 1;
        throw new VerbsException(
                verb,
                memory ? Errno.ENOMEM : Errno.EIO,
                "the driver has no buffer of " + length + " bytes for this (" + result
                        + "): close some objects, or raise its limits");
    }

    private ByteBuffer map(String name, long length, String verb) {
        var command = Commands.smbMmap(name, Names.LOCATION, 0, length);
        Call ticket = session.require(verb, command);
        if (ticket.mmapOffset() < 0) {
            throw DriverSession.failure(verb, command, ticket.result());
        }
        return session.map(ticket.mmapOffset(), length).order(ByteOrder.nativeOrder());
    }

    /** Maps one that is there; null when it is not. */
    ByteBuffer find(String name, String verb) {
        Call found = session.call(verb, Commands.smbFind(name, Names.LOCATION));
        if (found.result() != 0) {
            return null;
        }
        OptionalLong extent = OptionalLong.empty();
        try {
            var subject = Reply.parse(found.line()).subject();
            if (subject.isPresent() && subject.get() instanceof org.rddma.driver.Descriptor descriptor) {
                extent = descriptor.extent();
            }
        } catch (RddmaSyntaxException e) {
            return null;
        }
        try {
            return extent.isEmpty() ? null : map(name, extent.getAsLong(), verb);
        } catch (VerbsException e) {
            if (session.isLost()) {
                throw e;
            }
            return null; // deleted meanwhile
        }
    }

    /** Deletes one; returns when nothing is copied from or to it any more. */
    void delete(String name, String verb) {
        if (!session.isLost()) {
            session.call(verb, Commands.smbDelete(name, Names.LOCATION));
        }
    }

    /** The regions of a context; null when there is no such context. Called by the dispatcher. */
    RegionDirectory directory(int context) {
        WeakReference<RegionDirectory> known = directories.get(context);
        RegionDirectory found = known == null ? null : known.get();
        if (found == null || !found.isAlive()) {
            ByteBuffer memory = find(Names.directory(context), "postSend");
            found = memory == null ? null : RegionDirectory.open(memory, context);
            directories.values().removeIf(reference -> reference.get() == null);
            if (found != null) {
                directories.put(context, new WeakReference<>(found));
            }
        }
        return found;
    }
}
