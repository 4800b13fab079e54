package org.rddma.driver.emulator;

/** The driver's helping threads. */
final class Threads {
    private Threads() {}

    static Thread start(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /**
     * Interrupts a thread and waits until it has ended, whatever happens to the caller meanwhile.
     *
     * @param thread null for none
     */
    static void end(Thread thread) {
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
