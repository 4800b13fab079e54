package org.rddma.driver.emulator;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.rddma.driver.DriverGrammar;
import org.rddma.driver.Operation;

/**
 * The driver itself: carries out commands, on one or several nodes that are joined by a fabric. It knows nothing of
 * descriptors and sockets.
 *
 * <p>Everything runs on the driver thread: all methods but {@link #failTransfers} are called there, and replies come
 * there. A command that has to wait is kept as an object, not as a thread. Each command gets exactly one reply, during
 * {@link #execute} or later; until {@link #close}, from then on nothing is answered any more.
 */
final class DriverCore {
    /** How often one turn of the driver thread follows what the takers of replies have started. */
    private static final int ROUNDS = 4;

    private final Map<Integer, Node> nodes = new HashMap<>();
    private final boolean substringQuirk;
    private final Executor driverThread;
    private final Replies replies = new Replies();
    private final Starts starts = new Starts(this::settle);
    private final DmaEngine engine;
    private final Core core;
    private final LocationCommands locations;
    private final BufferCommands buffers;
    private final TransferCommands transfers;
    private final BindCommands binds;
    private final EventCommands events;
    private final BarrierCommands barriers;
    private boolean settling;
    private boolean closed;

    /**
     * A driver without any objects.
     *
     * @param options how it behaves
     * @param driverThread runs a task on the driver thread, later
     */
    DriverCore(EmulatorOptions options, Executor driverThread) {
        this.driverThread = driverThread;
        substringQuirk = options.substringQuirk();
        engine = new DmaEngine(driverThread, starts);
        starts.use(engine);
        Quotas quotas = new Quotas(options.limits());
        PageAccount pages = new PageAccount(quotas.bytes, task -> driverThread.execute(() -> settleAfter(task)));
        core = new Core(new Results(options.strict()), options.vfi(), quotas, pages, starts, this::dispatch);
        Reaper reaper = new Reaper(core);
        locations = new LocationCommands(core, reaper);
        buffers = new BufferCommands(core, reaper);
        transfers = new TransferCommands(core, reaper);
        binds = new BindCommands(core, reaper);
        events = new EventCommands(core);
        barriers = new BarrierCommands(core, reaper);
    }

    /**
     * Carries out one command.
     *
     * @param client who gives it; says on which node
     * @param text without a line feed; anything
     * @param replier called once
     */
    void execute(Client client, String text, Replier replier) {
        if (closed) {
            return;
        }
        Replies.Address answer = replies.to(replier);
        Node node = node(client.node());
        PlainStart plain = PlainStart.read(text, answer);
        if (plain == null || !start(node, plain)) {
            execute(client, node, text, answer);
        }
        settle();
    }

    /** Starts the event if it is one of this node; otherwise nothing has happened. */
    private boolean start(Node node, PlainStart plain) {
        Location location = node.location(plain.location);
        Event event = location == null || location.isPublic ? null : node.event(plain.event);
        if (event != null) {
            starts.start(event, plain);
        }
        return event != null;
    }

    private void execute(Client client, Node node, String text, Replies.Address answer) {
        DriverGrammar.Line line = DriverGrammar.read(text);
        Operation operation = line.operation();
        if (operation != null && operation.vfi() && !core.vfi) {
            answer.reply(line.unknownReply());
        } else if (line.error() != 0) {
            answer.reply(line.errorReply(substringQuirk));
        } else {
            dispatch(new Request(client, node, line, answer, substringQuirk));
        }
    }

    /**
     * Withdraws the memory and the tickets of a process.
     *
     * @param pid whose last open is gone
     */
    void processGone(int pid) {
        for (Node node : core.fabric.nodes()) {
            for (Location location : node.locations()) {
                location.buffers.values().forEach(buffer -> buffers.processGone(buffer, pid));
            }
        }
    }

    /**
     * Forgets whose replies nobody can read any more.
     *
     * @param client whose open file is closed
     * @return how many replies will not come
     */
    int clientGone(Client client) {
        return core.waiters.clientGone(client);
    }

    /**
     * The memory that a ticket is for.
     *
     * @param number the mmap_offset of a reply
     * @param length how many bytes are to be mapped
     * @return a descriptor to pass on at once; -22 when there is no such ticket, or it is for less
     */
    int memoryDescriptor(long number, long length) {
        Ticket ticket = core.tickets.find(number);
        return ticket == null || length <= 0 || length > ticket.length()
                ? Results.INVALID
                : ticket.buffer().memory.fd();
    }

    /**
     * Where in that memory the ticket's pages begin.
     *
     * @param number of a ticket that has a descriptor
     * @return in bytes; 0 when there is no such ticket
     */
    long memoryOffset(long number) {
        Ticket ticket = core.tickets.find(number);
        return ticket == null ? 0 : ticket.firstPage();
    }

    /**
     * Lets copies fail as after a fault of the hardware: their events are answered with -5. Callable by any thread.
     *
     * @param count how many, beginning with the next one
     */
    void failTransfers(int count) {
        engine.fail(count);
    }

    /** Stops copying and gives all memory back. */
    void close() {
        closed = true;
        engine.close();
        core.pages.close();
        for (Node node : core.fabric.nodes()) {
            for (Location location : node.locations()) {
                location.buffers.values().forEach(buffer -> buffer.memory.close());
            }
        }
    }

    /** A buffer itself, for tests; null when there is none. */
    SharedBuffer buffer(int node, String location, String name) {
        Location place = node(node).location(location);
        return place == null ? null : place.buffers.get(name);
    }

    private Node node(int number) {
        return nodes.computeIfAbsent(number, unused -> {
            Node node = new Node();
            core.fabric.join(node);
            return node;
        });
    }

    /** Brings what has happened to its end, in turns: replies out, chains followed. */
    private void settle() {
        if (settling || closed) {
            // the one that is at it goes on until nothing is left
            return;
        }
        settling = true;
        engine.nextTurn();
        try {
            for (int round = 0; round == 0 || round < ROUNDS && starts.due(); round++) {
                starts.follow();
                replies.flush();
            }
        } finally {
            settling = false;
        }
        if (starts.due()) {
            driverThread.execute(this::settle);
        }
    }

    private void settleAfter(Runnable task) {
        task.run();
        settle();
    }

    private void dispatch(Request request) {
        switch (request.line().operation()) {
            case EVENT_START -> events.start(request);
            case EVENT_CHAIN -> events.chain(request);
            case EVENT_FIND -> events.find(request);
            case LOCATION_CREATE -> locations.create(request);
            case LOCATION_FIND -> locations.find(request);
            case LOCATION_PUT -> locations.put(request);
            case LOCATION_DELETE -> locations.delete(request);
            case SMB_CREATE -> buffers.create(request);
            case SMB_FIND -> buffers.find(request);
            case SMB_DELETE -> buffers.delete(request);
            case SMB_MMAP -> buffers.map(request);
            case SMB_UNMMAP -> buffers.unmap(request);
            case SMB_PUT, SMB_LOSE -> buffers.put(request);
            case MMAP_CREATE -> buffers.createMapping(request);
            case MMAP_FIND -> buffers.findMapping(request);
            case MMAP_DELETE -> buffers.deleteMapping(request, true);
            case MMAP_PUT -> buffers.deleteMapping(request, false);
            case XFER_CREATE -> transfers.create(request);
            case XFER_FIND -> transfers.find(request);
            case XFER_DELETE -> transfers.delete(request);
            case XFER_PUT, XFER_LOSE -> transfers.put(request);
            case BIND_CREATE -> binds.create(request);
            case BIND_FIND -> binds.find(request);
            case BIND_DELETE -> binds.delete(request);
            case BIND_LOSE -> binds.put(request);
            case SYNC_CREATE -> barriers.create(request);
            case SYNC_WAIT -> barriers.arrive(request, true);
            case SYNC_SEND -> barriers.arrive(request, false);
            case SYNC_FIND, SYNC_PUT -> barriers.find(request);
            case SYNC_DELETE -> barriers.delete(request);
            default -> binds.half(request);
        }
    }
}
