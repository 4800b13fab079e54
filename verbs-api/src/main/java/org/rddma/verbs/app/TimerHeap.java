package org.rddma.verbs.app;

import java.util.Arrays;

/** A binary heap of timers: the first to go off is on top. Each timer knows its place, so that it can be taken out. */
final class TimerHeap {
    private LoopTimer[] heap = new LoopTimer[8];
    private int size;
    private long started;

    int size() {
        return size;
    }

    /** The first to go off, or null. */
    LoopTimer first() {
        return heap[0];
    }

    void add(LoopTimer timer) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        timer.number = started++;
        rise(timer, size++);
    }

    boolean remove(LoopTimer timer) {
        int place = timer.place;
        if (place < 0) {
            return false;
        }
        timer.place = -1;
        LoopTimer moved = heap[--size];
        heap[size] = null;
        if (moved != timer) {
            sink(moved, place);
            rise(moved, moved.place);
        }
        return true;
    }

    private void rise(LoopTimer timer, int from) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) / 2;
            if (isBefore(heap[parent], timer)) {
                break;
            }
            put(heap[parent], place);
            place = parent;
        }
        put(timer, place);
    }

    private void sink(LoopTimer timer, int from) {
        int place = from;
        for (int child = 2 * place + 1; child < size; child = 2 * place + 1) {
            if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
                child++;
            }
            if (isBefore(timer, heap[child])) {
                break;
            }
            put(heap[child], place);
            place = child;
        }
        put(timer, place);
    }

    private void put(LoopTimer timer, int place) {
        heap[place] = timer;
        timer.place = place;
    }

    /** The clock may run over: only differences count. */
    private static boolean isBefore(LoopTimer a, LoopTimer b) {
        return a.deadline == b.deadline ? a.number < b.number : a.deadline - b.deadline < 0;
    }
}
