package org.rddma.verbs;

/**
 * Whether a connection may change to its second path ({@code ibv_mig_state}), with libibverbs' numbers.
 */
public enum PathMigrationState {
    /** On the path that it has. */
    MIGRATED(0),
    /** The second path is to be loaded. */
    REARM(1),
    /** The second path is loaded: the connection may change to it. */
    ARMED(2);

    private static final PathMigrationState[] BY_VALUE = byValue();

    private final int value;

    PathMigrationState(int value) {
        this.value = value;
    }

    /**
     * The number that libibverbs gives it.
     *
     * @return the value in {@code infiniband/verbs.h}
     */
    public int value() {
        return value;
    }

    /**
     * The constant of a number.
     *
     * @param value a number
     * @return its constant, or null where there is none
     */
    public static PathMigrationState of(int value) {
        return value >= 0 && value < BY_VALUE.length ? BY_VALUE[value] : null;
    }

    private static PathMigrationState[] byValue() {
        int largest = 0;
        for (PathMigrationState constant : values()) {
            largest = Math.max(largest, constant.value);
        }
        PathMigrationState[] table = new PathMigrationState[largest + 1];
        for (PathMigrationState constant : values()) {
            table[constant.value] = constant;
        }
        return table;
    }
}
