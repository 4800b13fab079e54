/**
 * The RDDMA driver as its applications see it: the command language, the device file, and the ways to wait.
 *
 * <p>The driver is asynchronous: a command that is written to its file may take long, and others are carried out
 * meanwhile. There is one reply to each command, on the same open file, and nothing else is ever read. What ties a reply
 * to its request is the order, or a tag that goes with the command ({@code request(tag)}) and comes back
 * ({@code reply(tag)}).
 *
 * <p>There are three layers, because no single interface suits all styles of application:
 *
 * <ol>
 *   <li>Close to the metal: {@link org.rddma.driver.DriverFile}, where lines are written and read.
 *   <li>Helpers: {@link org.rddma.driver.Command}, {@link org.rddma.driver.Commands} and
 *       {@link org.rddma.driver.Reply} for the language; connections and handles for the waiting.
 *   <li>Ready-made frames: {@link org.rddma.driver.SynchronousFrame},
 *       {@link org.rddma.driver.ThreadPerRequestFrame}, {@link org.rddma.driver.EventLoopFrame}.
 * </ol>
 *
 * <table>
 *   <caption>The ways to wait, by their names in the documents of the driver's first interface (2008)</caption>
 *   <tr><th>name</th><th>what it means</th><th>here</th></tr>
 *   <tr><td>BO</td><td>blocking ordered: one command at a time, its reply at once</td>
 *       <td>{@link org.rddma.driver.RddmaConnection#call}</td></tr>
 *   <tr><td>NBIO</td><td>non-blocking ordered: work between a command and its reply</td>
 *       <td>{@link org.rddma.driver.RddmaConnection#invoke}, {@link org.rddma.driver.RddmaConnection#result}</td></tr>
 *   <tr><td>NBOO</td><td>non-blocking out of order: many commands, replies as they come</td>
 *       <td>{@link org.rddma.driver.AsyncConnection}, {@link org.rddma.driver.AsyncHandle}</td></tr>
 *   <tr><td>AIO eventfd</td><td>asynchronous I/O, announced by an eventfd</td>
 *       <td>{@link org.rddma.driver.AioConnection}</td></tr>
 *   <tr><td>AIO signal</td><td>asynchronous I/O, announced by a signal</td>
 *       <td>{@link org.rddma.driver.SignalAioConnection}</td></tr>
 * </table>
 *
 * <p>The documents say of raw blocking, a file without {@code O_NONBLOCK} whose write returns when its command is done,
 * that it works but is not supported by the interface. It works here too: with {@link org.rddma.driver.DriverFile}.
 */
package org.rddma.driver;
