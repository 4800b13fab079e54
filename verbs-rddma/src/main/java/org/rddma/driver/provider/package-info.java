/**
 * Verbs over the RDDMA driver: devices whose regions are shared memory buffers and whose work is done by transfers.
 *
 * <table>
 *   <caption>What stands for what</caption>
 *   <tr><th>verbs</th><th>driver</th></tr>
 *   <tr><td>context</td><td>an open file, and a thread that reads its replies</td></tr>
 *   <tr><td>region</td><td>a shared memory buffer: of the driver's memory when it is allocated, of the caller's
 *       ({@code map_address}) when it is registered</td></tr>
 *   <tr><td>rights and domains</td><td>a directory in a buffer of each context, because the driver knows of none; that
 *       the buffer exists is the last word</td></tr>
 *   <tr><td>queue pair</td><td>a transfer, and a buffer that both ends map: its state, its posted receives, what has
 *       arrived</td></tr>
 *   <tr><td>work request</td><td>one bind for each piece, kept for the next request with the same pieces, and an
 *       {@code event_start}</td></tr>
 *   <tr><td>completion of a request</td><td>the reply, known by its tag. Of a queue pair one request is under way at a
 *       time, so the order of the requests is kept although replies overtake each other</td></tr>
 *   <tr><td>arrival of a message</td><td>the reply to an {@code event_start} that waits at the receiver, and is
 *       completed by the sender when the data are there</td></tr>
 *   <tr><td>no receive posted, nobody there</td><td>seen in the peer's buffer; tried again by a timer</td></tr>
 *   <tr><td>flush</td><td>done here: the driver has nothing of it</td></tr>
 * </table>
 *
 * <p>There are reliable connections with sends, writes, reads and immediate data. What has no counterpart in the driver
 * (datagrams, unreliable connections, atomics, shared receive queues, windows, inline data) is not declared in the
 * capabilities, and refused with EOPNOTSUPP. Completion queues, channels and all that belongs to them are those of every
 * provider.
 *
 * <p>A driver that answers -5 has failed to copy; what is said of it depends on which end is still there. One that does
 * not answer in time ({@code rddma.timeout}, in milliseconds) ends the request with RETRY_EXC_ERR, and what it was about is
 * kept until the answer comes after all.
 */
package org.rddma.driver.provider;
