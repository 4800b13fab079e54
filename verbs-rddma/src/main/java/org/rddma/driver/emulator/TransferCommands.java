package org.rddma.driver.emulator;

/**
 * {@code xfer_*}: the node that a transfer is on is the one that copies. The strict driver does not delete transfers,
 * and says that it has.
 */
final class TransferCommands {
    private final Core core;
    private final Reaper reaper;

    TransferCommands(Core core, Reaper reaper) {
        this.core = core;
        this.reaper = reaper;
    }

    void create(Request request) {
        Location location = core.here(request, request.descriptor(), Results.NO_DEVICE);
        if (location == null) {
            return;
        }
        String name = request.descriptor().name();
        if (name.isEmpty()) {
            request.reply(Results.INVALID);
        } else if (location.transfers.containsKey(name)) {
            request.reply(Results.OK);
        } else if (!core.quotas.transfers.take(1)) {
            request.reply(core.results.because(Results.NO_ROOM));
        } else {
            location.transfers.put(name, new Transfer(name));
            request.reply(Results.OK);
        }
    }

    void find(Request request) {
        Transfer transfer = transfer(request);
        if (transfer != null) {
            request.reply(Request.at(request.descriptor(), 0, transfer.extent), Results.OK);
        }
    }

    void put(Request request) {
        if (transfer(request) != null) {
            request.replyName(Results.OK);
        }
    }

    void delete(Request request) {
        Location location = core.here(request, request.descriptor(), Results.NO_DEVICE);
        if (location == null) {
            return;
        }
        Transfer transfer = location.transfers.get(request.descriptor().name());
        Countdown countdown = new Countdown(() -> request.replyName(Results.OK));
        if (transfer != null && !core.results.strict()) {
            reaper.delete(location, transfer, countdown);
        }
        countdown.over();
    }

    private Transfer transfer(Request request) {
        Location location = core.here(request, request.descriptor(), Results.NO_DEVICE);
        if (location == null) {
            return null;
        }
        Transfer transfer = location.transfers.get(request.descriptor().name());
        if (transfer == null) {
            request.reply(Results.FAILED);
        }
        return transfer;
    }
}
