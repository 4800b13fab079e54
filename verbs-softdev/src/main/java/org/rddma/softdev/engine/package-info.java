/**
 * What moves the data: {@link org.rddma.softdev.engine.QueuePairEngine} ties a send queue and its requester to a
 * receive queue and its responder. A requester runs in the thread that rings the doorbell. There are two kinds of each:
 * {@code Requester} hands each message to its link, whose answer is there at once, and {@code Responder} carries it out;
 * {@code PacketRequester} sends packets and learns of answers later, and {@code PacketResponder} takes them one by one.
 */
package org.rddma.softdev.engine;
