package org.rddma.verbs;

import java.util.Arrays;

/**
 * What send and receive requests have in common: an id that comes back in the completion, and a list of local memory.
 * Reusable: everything is read when the request is posted. Not safe for use by several threads.
 */
public abstract sealed class WorkRequest permits SendRequest, ReceiveRequest {
    private static final ScatterGatherElement[] NONE = {};

    private long wrId;
    private ScatterGatherElement[] elements = NONE;
    private int count;

    /** Whether the array was made here and may be written to. */
    private boolean own;

    WorkRequest() {}

    /**
     * The id that the completion will carry.
     *
     * @return any 64 bits of the caller's choice
     */
    public final long wrId() {
        return wrId;
    }

    /**
     * How many scatter/gather elements the request has.
     *
     * @return 0 or more
     */
    public final int sgeCount() {
        return count;
    }

    /**
     * One of the elements.
     *
     * @param index from 0 to {@link #sgeCount()} - 1
     * @return the element itself, not a copy
     * @throws VerbsException EINVAL when there is no such element
     */
    public final ScatterGatherElement sge(int index) {
        if (index < 0 || index >= count) {
            throw new VerbsException("sge", Errno.EINVAL, "there is no element " + index + ": there are " + count);
        }
        return elements[index];
    }

    final void setWrId(long id) {
        wrId = id;
    }

    final void setElements(ScatterGatherElement[] list) {
        if (list == null) {
            throw new VerbsException("sges", Errno.EINVAL, "the elements are null: use clearSges for none");
        }
        elements = list;
        count = list.length;
        own = false;
    }

    final void setElement(ScatterGatherElement element) {
        if (!own || elements.length == 0) { // the array may be the caller's
            elements = new ScatterGatherElement[1];
            own = true;
        }
        elements[0] = element;
        count = 1;
    }

    final void appendElement(ScatterGatherElement element) {
        elements = Arrays.copyOf(elements, count + 1);
        elements[count++] = element;
        own = true;
    }

    final void clearElements() {
        elements = NONE;
        count = 0;
        own = false;
    }
}
