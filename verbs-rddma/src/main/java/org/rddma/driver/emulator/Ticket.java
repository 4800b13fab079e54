package org.rddma.driver.emulator;

/**
 * Leave to map pages of a buffer.
 *
 * @param number what mmap(2) is given as its offset
 * @param buffer whose pages
 * @param firstPage byte offset of the first page in the buffer's memory
 * @param length in bytes, whole pages
 */
record Ticket(long number, SharedBuffer buffer, long firstPage, long length) {
    /**
     * What a ticket is found by.
     *
     * @param offset of the first byte that was asked for
     * @param extent how many bytes were asked for
     * @param pid of the process that asked; 0 for a ticket of all
     */
    record Key(long offset, long extent, int pid) {}
}
