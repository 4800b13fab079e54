package org.rddma.driver.emulator;

import java.util.List;
import org.rddma.driver.Descriptor;

/**
 * {@code smb_*} and {@code mmap_*}. A buffer is whole pages of the driver's memory, its data begin at the offset in
 * the first one; or it is memory of the process that asks ({@code map_address}, {@code map_extent}, {@code mytid}).
 * Tickets of {@code smb_mmap} belong to the process that asked, those of {@code mmap_create} to all; asking twice for
 * the same gives the same.
 */
final class BufferCommands {
    static final long PAGE = 4096;
    private static final long LAST_OFFSET = PAGE - 32;

    private final Core core;
    private final Results results;
    private final Reaper reaper;

    BufferCommands(Core core, Reaper reaper) {
        this.core = core;
        this.results = core.results;
        this.reaper = reaper;
    }

    void create(Request request) {
        Descriptor term = request.descriptor();
        Location location = here(request);
        if (location == null) {
            return;
        }
        long offset = term.offset().orElse(0);
        String address = request.option(term, "map_address");
        if (offset < 0 || offset > LAST_OFFSET || term.name().isEmpty()) {
            request.replyName(Results.INVALID);
        } else if (location.buffers.containsKey(term.name())) {
            request.replyName(results.because(Results.EXISTS));
        } else if (!core.quotas.buffers.take(1)) {
            request.replyName(results.because(Results.NO_ROOM));
        } else if (address == null || !core.vfi) {
            createPages(request, location, offset);
        } else {
            created(request, createOfUser(request, location, term, address));
        }
    }

    /** The name is not taken before there is memory: it may come later, when much has happened. */
    private void createPages(Request request, Location location, long offset) {
        Descriptor term = request.descriptor();
        long extent = term.extent().orElse(0);
        if (extent <= 0) {
            created(request, results.because(Results.INVALID));
            return;
        }
        long size = extent > DriverMemory.LARGEST ? extent : offset + extent + PAGE - 1 & -PAGE;
        core.pages.allocate(size, offset, memory -> {
            int result = request.node.location(term.location()) != location
                    ? Results.NO_DEVICE
                    : location.buffers.containsKey(term.name())
                            ? results.because(Results.EXISTS)
                            : memory == null ? results.because(Results.NO_MEMORY) : Results.OK;
            if (result == Results.OK) {
                location.buffers.put(term.name(), new SharedBuffer(term.name(), offset, extent, memory));
            } else if (memory != null) {
                memory.close();
                core.pages.deleted();
            }
            created(request, result);
        });
    }

    private void created(Request request, int result) {
        if (result == Results.OK) {
            Descriptor term = request.descriptor();
            reply(request, request.node.location(term.location()).buffers.get(term.name()));
        } else {
            core.quotas.buffers.giveBack(1);
            request.replyName(result);
        }
    }

    private int createOfUser(Request request, Location location, Descriptor term, String addressText) {
        String extentText = request.option(term, "map_extent");
        String threadText = request.option(term, "mytid");
        long address = Numbers.hexadecimal(addressText);
        long extent = extentText == null ? term.extent().orElse(0) : Numbers.hexadecimal(extentText);
        long thread = threadText == null ? request.client.pid() : Numbers.decimal(threadText);
        if (address <= 0 || extent <= 0 || thread <= 0 || address > Long.MAX_VALUE - extent) {
            return Results.INVALID;
        }
        if (!UserMemory.belongs(thread, request.client.pid())) {
            return Results.NOT_PERMITTED;
        }
        UserMemory memory = new UserMemory(request.client.pid(), address);
        int result = memory.probe(extent);
        if (result != Results.OK) {
            return results.because(result);
        }
        SharedBuffer buffer = new SharedBuffer(term.name(), address & PAGE - 1, extent, memory);
        location.buffers.put(term.name(), buffer);
        return Results.OK;
    }

    void find(Request request) {
        SharedBuffer buffer = buffer(request, Results.FAILED);
        if (buffer != null) {
            reply(request, buffer);
        }
    }

    void delete(Request request) {
        Location location = here(request);
        if (location == null) {
            return;
        }
        SharedBuffer buffer = location.buffers.get(request.descriptor().name());
        Countdown countdown = new Countdown(() -> request.replyName(Results.OK));
        if (buffer != null) {
            reaper.delete(location, buffer, countdown);
        }
        countdown.over();
    }

    void put(Request request) {
        if (buffer(request, Results.FAILED) != null) {
            request.replyName(Results.OK);
        }
    }

    /** The first driver's ticket, bound to the process; not between nodes. */
    void map(Request request) {
        Location location = request.node.location(request.descriptor().location());
        if (location != null && location.isPublic) {
            request.replyName(Results.FAILED);
            return;
        }
        SharedBuffer buffer = buffer(request, Results.NO_DEVICE);
        if (buffer != null) {
            int result = checkPages(request, buffer);
            if (result == Results.OK) {
                issue(request, buffer, request.client.pid());
            } else {
                request.replyName(result);
            }
        }
    }

    void unmap(Request request) {
        SharedBuffer buffer = buffer(request, Results.NO_DEVICE);
        if (buffer != null) {
            boolean dropped = drop(buffer, key(request, request.client.pid()));
            request.reply("smb_unmap", name(request), dropped ? Results.OK : Results.FAILED, "");
        }
    }

    /** The second driver's ticket; asked for pages that are not there, the strict one forgets to say so. */
    void createMapping(Request request) {
        SharedBuffer buffer = buffer(request, Results.NO_DEVICE);
        if (buffer != null) {
            int result = checkPages(request, buffer);
            if (result == Results.OK) {
                issue(request, buffer, 0);
            } else {
                request.replyName(results.strict() && result == Results.FAILED ? Results.OK : result);
            }
        }
    }

    void findMapping(Request request) {
        SharedBuffer buffer = buffer(request, Results.NO_DEVICE);
        if (buffer != null) {
            Ticket ticket = buffer.tickets.get(key(request, 0));
            long number = ticket == null ? 0 : ticket.number();
            request.reply(name(request), ticket == null ? Results.FAILED : Results.OK, aux(number));
        }
    }

    void deleteMapping(Request request, boolean reallyDelete) {
        SharedBuffer buffer = buffer(request, Results.NO_DEVICE);
        if (buffer != null) {
            Ticket.Key key = key(request, 0);
            boolean found = reallyDelete ? drop(buffer, key) : buffer.tickets.containsKey(key);
            request.replyName(found ? Results.OK : Results.FAILED);
        }
    }

    /** Withdraws what a process has of a buffer. */
    void processGone(SharedBuffer buffer, int pid) {
        if (buffer.memory instanceof UserMemory user && user.pid() == pid) {
            user.withdraw();
        }
        List<Ticket.Key> gone =
                buffer.tickets.keySet().stream().filter(key -> key.pid() == pid).toList();
        gone.forEach(key -> drop(buffer, key));
    }

    /** 0 when a ticket for what the command asks is possible. */
    private int checkPages(Request request, SharedBuffer buffer) {
        Ticket.Key key = key(request, 0);
        if ((key.offset() & PAGE - 1) != 0) {
            return Results.INVALID;
        }
        if (key.extent() <= 0 || !buffer.covers(key.offset(), key.extent())) {
            return results.because(Results.INVALID);
        }
        return buffer.memory.fd() < 0 ? results.because(Results.NO_DEVICE) : Results.OK;
    }

    private void issue(Request request, SharedBuffer buffer, int pid) {
        Ticket.Key key = key(request, pid);
        Ticket ticket = buffer.tickets.get(key);
        if (ticket == null) {
            if (!core.quotas.tickets.take(1)) {
                request.replyName(results.because(Results.NO_ROOM));
                return;
            }
            long pages = buffer.offset + key.extent() + PAGE - 1 & -PAGE;
            ticket = core.tickets.issue(buffer, key, key.offset(), pages);
        }
        request.reply(name(request), Results.OK, aux(ticket.number()));
    }

    private boolean drop(SharedBuffer buffer, Ticket.Key key) {
        Ticket ticket = buffer.tickets.remove(key);
        if (ticket == null) {
            return false;
        }
        core.tickets.drop(ticket);
        core.quotas.tickets.giveBack(1);
        return true;
    }

    private Location here(Request request) {
        Location location = request.node.location(request.descriptor().location());
        if (location == null) {
            request.replyName(Results.NO_DEVICE);
            return null;
        }
        return core.here(request, request.descriptor(), Results.NO_DEVICE);
    }

    private SharedBuffer buffer(Request request, int missing) {
        Location location = here(request);
        if (location == null) {
            return null;
        }
        SharedBuffer buffer = location.buffers.get(request.descriptor().name());
        if (buffer == null) {
            request.replyName(missing);
        }
        return buffer;
    }

    private static Ticket.Key key(Request request, int pid) {
        Descriptor term = request.descriptor();
        return new Ticket.Key(term.offset().orElse(0), term.extent().orElse(0), pid);
    }

    private static String aux(long ticket) {
        return ",mmap_offset(" + Long.toHexString(ticket) + ")";
    }

    private static String name(Request request) {
        return Request.name(request.descriptor());
    }

    private static void reply(Request request, SharedBuffer buffer) {
        request.reply(Request.at(request.descriptor(), buffer.offset, buffer.extent), Results.OK);
    }
}
