package org.rddma.verbs.layer;

import java.time.LocalTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** What one thread has looked for in vain since its last line: where, how often, and how long that took. */
final class InVain {
    private final Map<Place, Look> looks = new LinkedHashMap<>();

    private record Place(int identity, String what) {}

    /** Looks at one place. */
    record Look(LocalTime first, long count, long nanos) {
        String times() {
            return count == 1 ? "" : " (x " + count + ")";
        }
    }

    synchronized void add(Object target, String what, LocalTime at, long nanos) {
        looks.merge(
                new Place(System.identityHashCode(target), what),
                new Look(at, 1, nanos),
                (old, one) -> new Look(old.first, old.count + 1, old.nanos + one.nanos));
    }

    synchronized void forEach(BiConsumer<String, Look> action) {
        looks.forEach((place, look) -> action.accept(place.what, look));
    }
}
