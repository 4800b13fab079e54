package org.rddma.driver.emulator;

import org.rddma.driver.Descriptor;
import org.rddma.driver.DriverGrammar;
import org.rddma.driver.Triple;

/** One command on its way: who asked, the node that carries it out, and where its only reply goes. */
final class Request {
    private static final int LONGEST_WAY = 8;
    /** How the driver prints a text that is not there. */
    static final String NULL = "<NULL>";

    final Client client;
    final Node node;
    private final DriverGrammar.Line line;
    private final Replies.Address answer;
    private final boolean substringQuirk;
    /** How often it has been sent from node to node. */
    private final int hops;

    Request(Client client, Node node, DriverGrammar.Line line, Replies.Address answer, boolean substringQuirk) {
        this(client, node, line, answer, substringQuirk, 0);
    }

    private Request(
            Client client,
            Node node,
            DriverGrammar.Line line,
            Replies.Address answer,
            boolean substringQuirk,
            int hops) {
        this.client = client;
        this.node = node;
        this.line = line;
        this.answer = answer;
        this.substringQuirk = substringQuirk;
        this.hops = hops;
    }

    /** The same for another node. */
    Request on(Node other) {
        return new Request(client, other, line, answer, substringQuirk, hops + 1);
    }

    boolean tooFar() {
        return hops >= LONGEST_WAY;
    }

    DriverGrammar.Line line() {
        return line;
    }

    /** The only term, or the transfer of a triple. */
    Descriptor descriptor() {
        return line.subject() instanceof Triple triple ? triple.transfer() : (Descriptor) line.subject();
    }

    Triple triple() {
        return (Triple) line.subject();
    }

    /**
     * What the driver finds among a term's options. Between nodes only event names travel.
     *
     * @return null when there is none
     */
    String option(Descriptor term, String key) {
        return hops > 0 && !key.equals("event_name") ? null : term.options().lookup(key, substringQuirk);
    }

    /** Answers with the command's own text. */
    void reply(int result) {
        reply(line.subject() instanceof Triple triple ? echo(triple) : echo(descriptor()), result);
    }

    /** Answers with name and location only. */
    void replyName(int result) {
        reply(name(descriptor()), result);
    }

    void reply(String object, int result) {
        reply(object, result, "");
    }

    /**
     * Answers.
     *
     * @param object what the command is about, as printed
     * @param after what follows the tag
     */
    void reply(String object, int result, String after) {
        reply(line.operation().toString(), object, result, after);
    }

    void reply(String operation, String object, int result, String after) {
        String tag = line.tag(substringQuirk);
        StringBuilder text = new StringBuilder(operation.length() + object.length() + after.length() + 48);
        text.append(operation).append("://").append(object).append("?result(").append(result);
        text.append("),reply(").append(tag == null ? NULL : tag).append(')').append(after);
        answer.reply(text.toString());
    }

    /** Name and location, as the driver prints them. */
    static String name(Descriptor term) {
        return term.name() + "." + (term.location() == null ? NULL : term.location());
    }

    /** A term with its place. */
    static String at(String name, long offset, long extent) {
        return name + "#" + Long.toHexString(offset) + ":" + Long.toHexString(extent);
    }

    static String at(Descriptor term, long offset, long extent) {
        return at(name(term), offset, extent);
    }

    private static String echo(Triple triple) {
        return echo(triple.transfer()) + "/" + echo(triple.destination()) + "=" + echo(triple.source());
    }

    /** A term with the place it was given. */
    static String echo(Descriptor term) {
        return at(term, term.offset().orElse(0), term.extent().orElse(0));
    }
}
