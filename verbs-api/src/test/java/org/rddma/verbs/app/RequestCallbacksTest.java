package org.rddma.verbs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionHandler;
import org.rddma.verbs.Errno;
import org.rddma.verbs.WorkCompletion;

/** A callback for each work request. */
final class RequestCallbacksTest {
    private static WorkCompletion completionOf(long id) {
        return new WorkCompletion().set(id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    @DisplayName("each completion finds its handler, in any order; ids are positive and never come back")
    void finds() {
        RequestCallbacks callbacks = new RequestCallbacks(3);
        Set<Long> ids = new HashSet<>();
        List<Integer> calls = new ArrayList<>();
        List<Long> open = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            int number = i;
            long id = callbacks.add(completion -> calls.add(number));
            if (id == RequestCallbacks.FULL) {
                assertThat(callbacks.size()).isEqualTo(3);
                long first = open.remove(i % open.size());
                callbacks.onCompletion(completionOf(first));
                refused("RequestCallbacks", Errno.EINVAL, () -> callbacks.onCompletion(completionOf(first)));
            } else {
                assertThat(id).isPositive();
                assertThat(ids.add(id)).isTrue();
                open.add(id);
            }
        }
        open.forEach(id -> callbacks.onCompletion(completionOf(id)));
        assertThat(callbacks.size()).isZero();
        assertThat(calls).hasSize(ids.size()).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("an id is free when its handler is called, so that the next request can have the place")
    void freeInHandler() {
        RequestCallbacks callbacks = new RequestCallbacks(1);
        List<Long> ids = new ArrayList<>();
        CompletionHandler[] again = new CompletionHandler[1];
        again[0] = completion -> ids.add(callbacks.add(again[0]));
        ids.add(callbacks.add(again[0]));
        for (int i = 0; i < 5; i++) {
            callbacks.onCompletion(completionOf(ids.get(i)));
        }
        assertThat(ids).hasSize(6).doesNotHaveDuplicates().allMatch(id -> id > 0);
        assertThat(callbacks.remove(ids.get(5))).isTrue();
        assertThat(callbacks.remove(ids.get(5))).isFalse();
        assertThat(callbacks.size()).isZero();
    }

    @Test
    @DisplayName("ids from nowhere are refused, whatever they are, and change nothing")
    void foreignIds() {
        RequestCallbacks callbacks = new RequestCallbacks(2);
        long id = callbacks.add(completion -> {});
        for (long wrong : new long[] {0, 1, -1, 2, id + 1, id + (1 << 24), id | Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(callbacks.remove(wrong)).isFalse();
            refused("RequestCallbacks", Errno.EINVAL, () -> callbacks.onCompletion(completionOf(wrong)));
        }
        assertThat(callbacks.size()).isEqualTo(1);
        assertThat(callbacks.remove(id)).isTrue();
        assertThat(callbacks.remove(0)).isFalse();
        assertThat(callbacks.size()).isZero();
        refused("RequestCallbacks.add", Errno.EINVAL, () -> callbacks.add(null));
        refused("RequestCallbacks", Errno.EINVAL, () -> new RequestCallbacks(0));
        refused("RequestCallbacks", Errno.EINVAL, () -> new RequestCallbacks((1 << 24) + 1));
    }
}
