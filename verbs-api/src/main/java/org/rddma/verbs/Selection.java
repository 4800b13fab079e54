package org.rddma.verbs;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.rddma.verbs.spi.NumaNodes;

/**
 * A choice among devices: {@link Verbs#select}. It holds the ranking as it was when the choice was made; nothing is
 * opened before {@link #open}. Safe for use by several threads.
 *
 * <p>Between the choice and the opening others may take what was free. Then the next candidate is tried, and when
 * all were, the devices are asked again: three rounds in all, without a pause between them.
 */
public final class Selection {
    /** How often all candidates are tried. */
    static final int ROUNDS = 3;

    private final Supplier<? extends List<? extends Device>> devices;
    private final NumaNodes nodes;
    private final Requirements requirements;
    private final List<Candidate> ranking;

    private Selection(Supplier<? extends List<? extends Device>> devices, NumaNodes nodes, Requirements requirements) {
        this.devices = devices;
        this.nodes = nodes;
        this.requirements = requirements;
        ranking = rank();
    }

    /**
     * Chooses among devices of the caller's, such as those of a fabric of its own, on a machine of the caller's.
     *
     * @param devices asked for the devices now, and again for every further round of {@link #open}
     * @param nodes how far memory nodes are from each other
     * @param requirements what a device must have
     * @return the choice; when no device will do it says so
     * @throws VerbsException EINVAL when an argument is null
     */
    public static Selection among(
            Supplier<? extends List<? extends Device>> devices, NumaNodes nodes, Requirements requirements) {
        if (devices == null || nodes == null || requirements == null) {
            throw new VerbsException(
                    "select",
                    Errno.EINVAL,
                    "the devices, nodes or requirements are null: give Requirements.NONE for any");
        }
        return new Selection(devices, nodes, requirements);
    }

    private List<Candidate> rank() {
        int wanted = requirements.preferredNode() < 0 ? nodes.near() : requirements.preferredNode();
        List<Candidate> candidates = new ArrayList<>();
        for (Device device : devices.get()) {
            candidates.add(judge(device, wanted));
        }
        candidates.sort(Candidate.ORDER);
        return List.copyOf(candidates);
    }

    /** A device that cannot even be asked is no reason not to choose another. */
    private Candidate judge(Device device, int wanted) {
        try {
            DeviceFacts facts = DeviceFacts.of(device);
            return new Candidate(
                    device,
                    facts.name(),
                    facts.provider(),
                    facts.priority(),
                    facts.numaNode(),
                    nodes.distance(wanted, facts.numaNode()),
                    facts.freeQueuePairs(),
                    facts.freeCompletionQueues(),
                    requirements.refusals(facts));
        } catch (RuntimeException | LinkageError e) {
            return new Candidate(
                    device,
                    answer(device::name),
                    answer(device::provider),
                    0,
                    -1,
                    nodes.distance(wanted, -1),
                    0,
                    0,
                    List.of("it could not be asked: " + e.getMessage()));
        }
    }

    private static String answer(Supplier<String> question) {
        try {
            return Objects.requireNonNullElse(question.get(), "?");
        } catch (RuntimeException | LinkageError e) {
            return "?";
        }
    }

    /**
     * All devices, best first ({@link Candidate#ORDER}), those that were refused at the end, with all reasons.
     *
     * @return as it was when the choice was made; cannot be changed
     */
    public List<Candidate> ranking() {
        return ranking;
    }

    /**
     * The best device.
     *
     * @return the first of the ranking
     * @throws VerbsException ENODEV when no device will do, with the ranking in its message
     */
    public Device device() {
        return accepted(ranking).get(0).device();
    }

    private List<Candidate> accepted(List<Candidate> candidates) {
        List<Candidate> accepted =
                candidates.stream().filter(Candidate::accepted).toList();
        if (accepted.isEmpty()) {
            throw new VerbsException(
                    "select",
                    Errno.ENODEV,
                    candidates.isEmpty()
                            ? "there is no device at all: Verbs.devices() is empty"
                            : "no device has what is asked for, " + requirements + ": ask for less. "
                                    + reasons(candidates));
        }
        return accepted;
    }

    private static String reasons(List<Candidate> candidates) {
        return String.join(
                "; ",
                candidates.stream()
                        .map(candidate -> candidate.name() + ": " + String.join(", ", candidate.refusals()))
                        .toList());
    }

    /**
     * Opens the best device that can be opened.
     *
     * @return a context of its own
     * @throws VerbsException as {@link #open(Function)}
     */
    public Context open() {
        return open(context -> context);
    }

    /**
     * Opens the best device that has room for what is made in it. Where opening fails, or making because the device is
     * full or gone (ENOMEM, EBUSY, EAGAIN, EMFILE, ENOSPC, ENODEV, EIO), the context is closed with all that was made
     * in it, and the next candidate is tried.
     *
     * @param <T> what is made
     * @param maker makes queue pairs and the like; may be called several times, with a new context each time. What it
     *     returns has to keep the context, which the caller closes
     * @return what the maker made last
     * @throws VerbsException EINVAL when the maker is null; ENODEV when no device will do; the errno of the last attempt
     *     when all candidates were tried in all rounds, with what each said; any other failure of the maker, as it
     *     is, with the context closed
     */
    public <T> T open(Function<? super Context, ? extends T> maker) {
        if (maker == null) {
            throw new VerbsException("open", Errno.EINVAL, "the maker is null: use open() for a context alone");
        }
        return new Opening<T>(maker).run(accepted(ranking), () -> accepted(rank()));
    }

    /** The ranking as a table, one device a line. */
    @Override
    public String toString() {
        return RankingTable.of(ranking);
    }
}
