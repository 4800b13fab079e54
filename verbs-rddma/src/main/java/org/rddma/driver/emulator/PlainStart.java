package org.rddma.driver.emulator;

/**
 * {@code event_start} in its plainest form, letters, digits and underscores only, with or without a tag of digits. Such
 * a line leaves nothing to misread, and it is by far the most frequent one: it is taken apart here with a fraction of
 * the grammar's objects. Every other line, and one that cannot be carried out at once, goes the long way.
 */
final class PlainStart implements EventRun.Starter {
    private static final String HEAD = "event_start://";
    private static final String TAG = "?request(";
    private static final int LONGEST = 200;

    final String event;
    final String location;
    private final String text;
    private final int specEnd;
    private final Replies.Address answer;

    private PlainStart(String text, int dot, int specEnd, Replies.Address answer) {
        this.text = text;
        this.specEnd = specEnd;
        this.answer = answer;
        event = text.substring(HEAD.length(), dot);
        location = text.substring(dot + 1, specEnd);
    }

    /**
     * Reads a line.
     *
     * @return null when it is not of this form
     */
    static PlainStart read(String text, Replies.Address answer) {
        int length = text.length();
        if (length > LONGEST || !text.startsWith(HEAD)) {
            return null;
        }
        int dot = word(text, HEAD.length());
        int end = dot;
        while (end < length && text.charAt(end) == '.') {
            int next = word(text, end + 1);
            if (next == end + 1) {
                return null;
            }
            end = next;
        }
        boolean named = dot > HEAD.length() && end > dot;
        return named && (end == length || tagged(text, end)) ? new PlainStart(text, dot, end, answer) : null;
    }

    private static boolean tagged(String text, int from) {
        int digits = from + TAG.length();
        return text.startsWith(TAG, from)
                && word(text, digits) == text.length() - 1
                && text.endsWith(")")
                && digits < text.length() - 1;
    }

    /** Where a word ends. */
    private static int word(String text, int from) {
        int at = from;
        while (at < text.length() && isPlain(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isPlain(char letter) {
        return letter >= 'a' && letter <= 'z'
                || letter >= '0' && letter <= '9'
                || letter >= 'A' && letter <= 'Z'
                || letter == '_';
    }

    @Override
    public void over(int result) {
        StringBuilder reply = new StringBuilder(text.length() + 24);
        reply.append(text, 0, specEnd).append("?result(").append(result).append("),reply(");
        if (specEnd == text.length()) {
            reply.append(Request.NULL).append(')');
        } else {
            reply.append(text, specEnd + TAG.length(), text.length());
        }
        answer.reply(reply.toString());
    }
}
