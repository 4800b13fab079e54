package org.rddma.verbs;

/**
 * A populated entry of a port's GID table ({@code struct ibv_gid_entry}).
 *
 * @param port port number, from 1
 * @param index index into the table
 * @param gid the identifier
 * @param type the protocol that it stands for
 */
public record GidEntry(int port, int index, Gid gid, GidType type) {}
