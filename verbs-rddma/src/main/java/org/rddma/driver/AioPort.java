package org.rddma.driver;

import java.nio.ByteBuffer;

/** Where asynchronous commands go in and their completions come out. Several threads submit, one at a time takes. */
interface AioPort {
    /** Is told of completions. */
    interface Sink {
        /** The reply is in the buffer that was submitted in this place. */
        void completed(int place, long result, int replyLength);

        /** Where the reply of this place goes; null when nothing is under way there. */
        ByteBuffer buffer(int place);
    }

    /** Hands a command over: 0, or the negative errno; -EAGAIN when it cannot be taken now. */
    int submit(int place, byte[] text, ByteBuffer reply, long cookie);

    /** Takes completions, and fails with EIO when there will be none any more. */
    int take(int most, Sink sink);

    /** The descriptor whose other end is closed when there will be none any more; negative for none. */
    int hangUp();

    /** Ends it and what it was made on. Nobody is in a call on it; what is under way may be so after the return. */
    void close(boolean underWay);
}
