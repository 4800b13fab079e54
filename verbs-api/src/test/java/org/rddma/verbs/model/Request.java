package org.rddma.verbs.model;

import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import org.rddma.verbs.model.Step.Operation;

/**
 * A request of a send queue, as the {@link VerbsModel} needs to know it.
 *
 * @param id unique in the program
 * @param operation what is asked for
 * @param bytes its length
 * @param immediate what comes with it, where the operation has it
 * @param signalled whether it completes also on success
 * @param solicited whether it wakes a queue armed for that
 * @param resultIsRight looked at when it is done: whether what was fetched is here, and what was written there
 * @param deliveredInto looked at when it has arrived: whether its data is in the receive of this id
 */
public record Request(
        long id,
        Operation operation,
        int bytes,
        int immediate,
        boolean signalled,
        boolean solicited,
        BooleanSupplier resultIsRight,
        LongPredicate deliveredInto) {
    @Override
    public String toString() {
        return "request " + id + " (" + operation + ", " + bytes + " bytes" + (signalled ? ", signalled)" : ")");
    }
}
