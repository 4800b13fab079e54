package org.rddma.softdev.link.roce;

/** Where packets are written down. */
public final class PacketCapture {
    private PacketCapture() {}
}
