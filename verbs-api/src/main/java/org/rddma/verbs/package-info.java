/**
 * The verbs: contexts, protection domains, memory regions, queue pairs, completion queues and completion channels, as
 * libibverbs has them, with the field's full words for names. {@link org.rddma.verbs.Verbs} is where a program begins.
 *
 * <p><b>Completions.</b> A {@link org.rddma.verbs.CompletionQueue} is a ring in user memory: polling it is reading
 * memory. To sleep instead, arm it; the next completion then puts one event into its {@link
 * org.rddma.verbs.CompletionChannel}, a real file descriptor. An event says that something was appended since the
 * arm, not how much, nor that it is still there. {@code org.rddma.verbs.app.CompletionWaiter} does the whole dance.
 *
 * <p><b>Results.</b> What a correct program meets on its fast path is a returned value: a full queue, an empty one,
 * no event yet. Everything else is a {@link org.rddma.verbs.VerbsException}, thrown before anything was changed. Work
 * that fails later says so in its completion.
 *
 * <p><b>Garbage.</b> Post, poll, arm, getEvent and acknowledge allocate nothing.
 *
 * <table>
 *   <caption>The functions of {@code infiniband/verbs.h} (all begin with {@code ibv_}), and what they are here</caption>
 *   <tr><th>libibverbs</th><th>here</th></tr>
 *   <tr><th colspan="2">Devices and contexts</th></tr>
 *   <tr><td>
 *     get_device_list, free_device_list
 *   </td><td>
 *     {@link Verbs#devices()}
 *   </td></tr>
 *   <tr><td>
 *     get_device_name, get_device_guid
 *   </td><td>
 *     {@link Device#name()}, {@link Device#nodeGuid()}
 *   </td></tr>
 *   <tr><td>
 *     get_device_index
 *   </td><td>
 *     none: it is the kernel's number of a device, and no provider here needs the kernel
 *   </td></tr>
 *   <tr><td>
 *     open_device, close_device
 *   </td><td>
 *     {@link Verbs#open(String)}, {@link Device#open()}; {@link Context#close()}
 *   </td></tr>
 *   <tr><td>
 *     query_device, query_device_ex
 *   </td><td>
 *     {@link Device#attributes()}
 *   </td></tr>
 *   <tr><td>
 *     query_port
 *   </td><td>
 *     {@link Context#queryPort}
 *   </td></tr>
 *   <tr><td>
 *     query_gid, query_gid_ex, query_gid_table
 *   </td><td>
 *     {@link Context#queryGid}, {@link Context#queryGidEntry}, {@link Context#queryGidTable}
 *   </td></tr>
 *   <tr><td>
 *     query_pkey, get_pkey_index
 *   </td><td>
 *     {@link Context#queryPkey}, {@link Context#pkeyIndex}
 *   </td></tr>
 *   <tr><td>
 *     query_rt_values_ex
 *   </td><td>
 *     {@link Context#queryRawClock}
 *   </td></tr>
 *   <tr><td>
 *     node_type_str, port_state_str, event_type_str
 *   </td><td>
 *     {@link NodeType#text()}, {@link PortState#text()}, {@link AsyncEventType#text()}
 *   </td></tr>
 *   <tr><td>
 *     wc_status_str, wr_opcode_str
 *   </td><td>
 *     {@link WorkCompletionStatus#text()}, {@link WorkRequestOpcode#text()}
 *   </td></tr>
 *   <tr><td>
 *     flow_label_to_udp_sport
 *   </td><td>
 *     {@link AddressVector#udpSourcePort}
 *   </td></tr>
 *   <tr><td>
 *     fork_init, is_fork_initialized
 *   </td><td>
 *     none: a virtual machine does not fork without exec, and every descriptor is closed on exec
 *   </td></tr>
 *   <tr><th colspan="2">Asynchronous events</th></tr>
 *   <tr><td>
 *     get_async_event
 *   </td><td>
 *     {@link Context#asyncEvents()}: {@link AsyncEventChannel#getEvent()} and its relatives
 *   </td></tr>
 *   <tr><td>
 *     ack_async_event
 *   </td><td>
 *     {@link AsyncEvent#acknowledge()}
 *   </td></tr>
 *   <tr><th colspan="2">Protection, thread and parent domains</th></tr>
 *   <tr><td>
 *     alloc_pd, dealloc_pd
 *   </td><td>
 *     {@link Context#allocateProtectionDomain()}, {@link ProtectionDomain#close()}
 *   </td></tr>
 *   <tr><td>
 *     alloc_td, dealloc_td
 *   </td><td>
 *     {@link Context#allocateThreadDomain()}, {@link ThreadDomain#close()}
 *   </td></tr>
 *   <tr><td>
 *     alloc_parent_domain
 *   </td><td>
 *     {@link Context#allocateParentDomain}
 *   </td></tr>
 *   <tr><th colspan="2">Memory</th></tr>
 *   <tr><td>
 *     reg_mr, dereg_mr
 *   </td><td>
 *     {@link ProtectionDomain#registerMemory(java.nio.ByteBuffer, int)}, {@link ProtectionDomain#allocateMemory};
 *     {@link MemoryRegion#close()}
 *   </td></tr>
 *   <tr><td>
 *     reg_mr of all memory, on demand
 *   </td><td>
 *     {@link ProtectionDomain#registerAll}
 *   </td></tr>
 *   <tr><td>
 *     reg_mr_iova
 *   </td><td>
 *     {@link ProtectionDomain#registerMemory(java.nio.ByteBuffer, int, int, int, long)}
 *   </td></tr>
 *   <tr><td>
 *     rereg_mr
 *   </td><td>
 *     {@link MemoryRegion#reregister}
 *   </td></tr>
 *   <tr><td>
 *     alloc_mw, dealloc_mw
 *   </td><td>
 *     {@link ProtectionDomain#allocateMemoryWindow}, {@link MemoryWindow#close()}
 *   </td></tr>
 *   <tr><td>
 *     bind_mw
 *   </td><td>
 *     {@link QueuePair#bindMemoryWindow}
 *   </td></tr>
 *   <tr><td>
 *     inc_rkey
 *   </td><td>
 *     {@link MemoryWindow#incrementRkey}
 *   </td></tr>
 *   <tr><th colspan="2">Completion channels and queues</th></tr>
 *   <tr><td>
 *     create_comp_channel, destroy_comp_channel
 *   </td><td>
 *     {@link Context#createCompletionChannel()}, {@link CompletionChannel#close()}
 *   </td></tr>
 *   <tr><td>
 *     create_cq, create_cq_ex, destroy_cq
 *   </td><td>
 *     {@link Context#createCompletionQueue(CompletionQueueAttributes)}, {@link CompletionQueue#close()}
 *   </td></tr>
 *   <tr><td>
 *     cq_ex_to_cq
 *   </td><td>
 *     none: there is one kind of completion queue
 *   </td></tr>
 *   <tr><td>
 *     req_notify_cq
 *   </td><td>
 *     {@link CompletionQueue#requestNotify}
 *   </td></tr>
 *   <tr><td>
 *     get_cq_event
 *   </td><td>
 *     {@link CompletionChannel#getEvent()}, {@link CompletionChannel#tryGetEvent()}
 *   </td></tr>
 *   <tr><td>
 *     ack_cq_events
 *   </td><td>
 *     {@link CompletionQueue#ackEvents}
 *   </td></tr>
 *   <tr><td>
 *     poll_cq
 *   </td><td>
 *     {@link CompletionQueue#poll(WorkCompletion[])} and its relatives
 *   </td></tr>
 *   <tr><td>
 *     resize_cq
 *   </td><td>
 *     {@link CompletionQueue#resize}
 *   </td></tr>
 *   <tr><td>
 *     modify_cq
 *   </td><td>
 *     {@link CompletionQueue#moderate}
 *   </td></tr>
 *   <tr><td>
 *     start_poll, next_poll, end_poll
 *   </td><td>
 *     {@link CompletionQueue#cursor()}, {@link CompletionCursor#next()}; there is nothing to end
 *   </td></tr>
 *   <tr><td>
 *     wc_read_opcode, wc_read_vendor_err, wc_read_byte_len, wc_read_imm_data, wc_read_invalidated_rkey,
 *     wc_read_qp_num, wc_read_src_qp, wc_read_wc_flags, wc_read_slid, wc_read_sl, wc_read_dlid_path_bits
 *   </td><td>
 *     {@link CompletionCursor#opcode()}, {@link CompletionCursor#vendorError()},
 *     {@link CompletionCursor#byteLength()}, {@link CompletionCursor#immediate()},
 *     {@link CompletionCursor#invalidatedRkey()}, {@link CompletionCursor#queuePairNumber()},
 *     {@link CompletionCursor#sourceQueuePair()}, {@link CompletionCursor#flags()},
 *     {@link CompletionCursor#sourceLid()}, {@link CompletionCursor#serviceLevel()},
 *     {@link CompletionCursor#destinationPathBits()}
 *   </td></tr>
 *   <tr><td>
 *     wc_read_completion_ts, wc_read_completion_wallclock_ns
 *   </td><td>
 *     {@link CompletionCursor#completionTimestamp()}, {@link CompletionCursor#wallClockNanos()}
 *   </td></tr>
 *   <tr><th colspan="2">Shared receive queues</th></tr>
 *   <tr><td>
 *     create_srq, destroy_srq
 *   </td><td>
 *     {@link ProtectionDomain#createSharedReceiveQueue}, {@link SharedReceiveQueue#close()}
 *   </td></tr>
 *   <tr><td>
 *     modify_srq, query_srq
 *   </td><td>
 *     {@link SharedReceiveQueue#armLimit}, {@link SharedReceiveQueue#resize}; {@link SharedReceiveQueue#limit()},
 *     {@link SharedReceiveQueue#maxRequests()}
 *   </td></tr>
 *   <tr><td>
 *     post_srq_recv
 *   </td><td>
 *     {@link SharedReceiveQueue#postReceive}
 *   </td></tr>
 *   <tr><td>
 *     create_srq_ex, get_srq_num, open_xrcd, close_xrcd, wr_set_xrc_srqn
 *   </td><td>
 *     {@link SharedReceiveQueueAttributes#xrc}, {@link SharedReceiveQueue#number()}, {@link Context#openXrcDomain()},
 *     {@link XrcDomain#close()}, {@link SendBuilder#xrcSharedReceiveQueue}
 *   </td></tr>
 *   <tr><th colspan="2">Queue pairs</th></tr>
 *   <tr><td>
 *     create_qp, create_qp_ex, destroy_qp
 *   </td><td>
 *     {@link ProtectionDomain#createQueuePair}, {@link QueuePair#close()}
 *   </td></tr>
 *   <tr><td>
 *     modify_qp, query_qp
 *   </td><td>
 *     {@link QueuePair#modify}, {@link QueuePair#query()}
 *   </td></tr>
 *   <tr><td>
 *     post_send, post_recv
 *   </td><td>
 *     {@link QueuePair#postSend}, {@link QueuePair#postReceive}
 *   </td></tr>
 *   <tr><td>
 *     qp_to_qp_ex
 *   </td><td>
 *     {@link QueuePair#sendBuilder()}
 *   </td></tr>
 *   <tr><td>
 *     wr_start, wr_complete, wr_abort
 *   </td><td>
 *     {@link SendBuilder#start()}, {@link SendBuilder#complete()}, {@link SendBuilder#abort()}
 *   </td></tr>
 *   <tr><td>
 *     wr_send, wr_send_imm, wr_send_inv
 *   </td><td>
 *     {@link SendBuilder#send()}, {@link SendBuilder#sendWithImmediate}, {@link SendBuilder#sendWithInvalidate}
 *   </td></tr>
 *   <tr><td>
 *     wr_rdma_write, wr_rdma_write_imm, wr_rdma_read
 *   </td><td>
 *     {@link SendBuilder#write}, {@link SendBuilder#writeWithImmediate}, {@link SendBuilder#read}
 *   </td></tr>
 *   <tr><td>
 *     wr_atomic_cmp_swp, wr_atomic_fetch_add, wr_atomic_write, wr_flush
 *   </td><td>
 *     {@link SendBuilder#compareAndSwap}, {@link SendBuilder#fetchAndAdd}, {@link SendBuilder#atomicWrite},
 *     {@link SendBuilder#flush}
 *   </td></tr>
 *   <tr><td>
 *     wr_bind_mw, wr_local_inv
 *   </td><td>
 *     {@link SendBuilder#bindMemoryWindow}, {@link SendBuilder#invalidateLocal}
 *   </td></tr>
 *   <tr><td>
 *     wr_set_sge, wr_set_sge_list
 *   </td><td>
 *     {@link SendBuilder#sge}, {@link SendBuilder#sges}
 *   </td></tr>
 *   <tr><td>
 *     wr_set_inline_data, wr_set_inline_data_list
 *   </td><td>
 *     {@link SendBuilder#inlineData}; a list of pieces is one buffer here, or elements with {@link SendFlags#INLINE}
 *   </td></tr>
 *   <tr><td>
 *     wr_set_ud_addr
 *   </td><td>
 *     {@link SendBuilder#datagram}
 *   </td></tr>
 *   <tr><th colspan="2">Address handles and multicast</th></tr>
 *   <tr><td>
 *     create_ah, destroy_ah
 *   </td><td>
 *     {@link ProtectionDomain#createAddressHandle(AddressVector)}, {@link AddressHandle#close()}
 *   </td></tr>
 *   <tr><td>
 *     init_ah_from_wc, create_ah_from_wc
 *   </td><td>
 *     {@link Context#addressVector},
 *     {@link ProtectionDomain#createAddressHandle(int, WorkCompletion, java.nio.ByteBuffer)}
 *   </td></tr>
 *   <tr><td>
 *     attach_mcast, detach_mcast
 *   </td><td>
 *     {@link QueuePair#attachMulticast}, {@link QueuePair#detachMulticast}
 *   </td></tr>
 *   <tr><th colspan="2">What no verb here does</th></tr>
 *   <tr><td>
 *     import_*, unimport_*, reg_dmabuf_mr, reg_mr_ex, advise_mr, alloc_null_mr, alloc_buf, alloc_dm, alloc_dmah and
 *     their relatives
 *   </td><td>
 *     on-demand paging, memory of devices, and sharing objects between processes: no provider of this project has
 *     them
 *   </td></tr>
 *   <tr><td>
 *     create_comp_cntr and its relatives
 *   </td><td>
 *     counters instead of completions: hardware of 2026
 *   </td></tr>
 *   <tr><td>
 *     create_wq, create_rwq_ind_table, create_flow, create_counters, wr_send_tso, modify_qp_rate_limit, post_srq_ops
 *     and their relatives
 *   </td><td>
 *     offloads of network cards for raw packets, steering and tag matching
 *   </td></tr>
 *   <tr><td>
 *     open_qp, query_qp_data_in_order, set_ece, query_ece, rate_to_mult and its relatives
 *   </td><td>
 *     sharing a queue pair between processes, vendors' options, and rates of InfiniBand links
 *   </td></tr>
 * </table>
 */
package org.rddma.verbs;
