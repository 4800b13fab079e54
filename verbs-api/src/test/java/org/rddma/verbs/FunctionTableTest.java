package org.rddma.verbs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The table in the package page: complete, and what it names exists. */
final class FunctionTableTest {
    /** All that verbs-semantics §3 marks as essential or expected; typed off that list, not off the table. */
    private static final String FUNCTIONS = """
            get_device_list free_device_list get_device_name get_device_guid get_device_index open_device close_device
            query_device query_device_ex query_port query_gid query_gid_ex query_gid_table query_pkey get_pkey_index
            node_type_str port_state_str event_type_str wc_status_str wr_opcode_str flow_label_to_udp_sport
            fork_init is_fork_initialized get_async_event ack_async_event
            alloc_pd dealloc_pd alloc_td dealloc_td alloc_parent_domain
            reg_mr reg_mr_iova rereg_mr dereg_mr alloc_mw dealloc_mw bind_mw inc_rkey
            create_comp_channel destroy_comp_channel create_cq destroy_cq req_notify_cq get_cq_event ack_cq_events
            poll_cq resize_cq modify_cq create_cq_ex cq_ex_to_cq start_poll next_poll end_poll
            wc_read_opcode wc_read_vendor_err wc_read_byte_len wc_read_imm_data wc_read_invalidated_rkey
            wc_read_qp_num wc_read_src_qp wc_read_wc_flags wc_read_slid wc_read_sl wc_read_dlid_path_bits
            wc_read_completion_ts wc_read_completion_wallclock_ns
            create_srq modify_srq query_srq destroy_srq post_srq_recv
            create_qp modify_qp query_qp destroy_qp post_send post_recv create_qp_ex qp_to_qp_ex
            wr_start wr_complete wr_abort wr_send wr_send_imm wr_send_inv wr_rdma_write wr_rdma_write_imm
            wr_rdma_read wr_atomic_cmp_swp wr_atomic_fetch_add wr_bind_mw wr_local_inv
            wr_set_sge wr_set_sge_list wr_set_inline_data wr_set_inline_data_list wr_set_ud_addr
            create_ah destroy_ah init_ah_from_wc create_ah_from_wc attach_mcast detach_mcast
            """;

    private static final Pattern LINK = Pattern.compile("\\{@link ([A-Z]\\w*)#(\\w+)(\\([^)]*\\))?\\}");

    private static String page() throws IOException {
        return Files.readString(Path.of("src/main/java/org/rddma/verbs/package-info.java"));
    }

    @Test
    @DisplayName("§3 every essential and every expected function is in the table")
    void complete() throws IOException {
        Set<String> named = new TreeSet<>(Arrays.asList(page().split("\\W+", -1)));
        assertThat(named).contains(FUNCTIONS.strip().split("\\s+", -1));
    }

    @Test
    @DisplayName("every method that the table names exists")
    void exists() throws IOException, ClassNotFoundException {
        Matcher link = LINK.matcher(page());
        int links = 0;
        while (link.find()) {
            Class<?> type = Class.forName("org.rddma.verbs." + link.group(1));
            Set<String> members = new TreeSet<>();
            for (Method method : type.getMethods()) {
                members.add(method.getName());
            }
            for (Field field : type.getFields()) {
                members.add(field.getName());
            }
            assertThat(members).as("members of %s", type).contains(link.group(2));
            links++;
        }
        assertThat(links).isGreaterThan(80);
    }

    @Test
    @DisplayName("ibv_flow_label_to_udp_sport: both halves of the label count, and it is a dynamic port")
    void flowLabels() {
        assertThat(AddressVector.udpSourcePort(0)).isEqualTo(0xC000);
        assertThat(AddressVector.udpSourcePort(0x3FFF)).isEqualTo(0xFFFF);
        assertThat(AddressVector.udpSourcePort(0x4000)).isEqualTo(0xC001);
        assertThat(AddressVector.udpSourcePort(0xFFFFF)).isEqualTo(0xC000 | 0x3FFF ^ 0x3F);
    }
}
