/**
 * What moves the data: {@link org.rddma.softdev.engine.QueuePairEngine} ties a send queue and its requester to a
 * receive queue and its responder. A requester runs in the thread that rings the doorbell and hands each message to
 * its link.
 */
package org.rddma.softdev.engine;
