#!/usr/bin/python3
"""A program of libibverbs (through pyverbs) that reads, writes and counts in its peer's memory, and lets the peer do the same here.

    rxe_peer.py DEVICE GID_INDEX MTU PORT          waits for the peer on this TCP port, and is the target first
    rxe_peer.py DEVICE GID_INDEX MTU PORT HOST     goes to the peer, and is the initiator first

The steps, and the lines of text that keep both sides together, are the same in org.rddma.perftest.KernelPeer.
"""
import socket
import sys
import time

import pyverbs.enums as e
from pyverbs.addr import AHAttr, GID, GlobalRoute
from pyverbs.cq import CQ
from pyverbs.device import Context
from pyverbs.mr import MR
from pyverbs.pd import PD
from pyverbs.qp import QP, QPAttr, QPCap, QPInitAttr
from pyverbs.wr import RecvWR, SendWR, SGE

BYTES = 1 << 17
SIZES = (1, 7, 64, 1023, 1024, 1025, 4096, 4097, 65536)
SECONDS = 60


def pattern(size, seed):
    return bytes((i * 31 + (i >> 8) + seed) & 0xFF for i in range(size))


class Peer:
    def __init__(self, device, gid_index, mtu, stream):
        self.stream = stream
        context = Context(name=device)
        domain = PD(context)
        self.queue = CQ(context, 64)
        rights = (e.IBV_ACCESS_LOCAL_WRITE | e.IBV_ACCESS_REMOTE_WRITE | e.IBV_ACCESS_REMOTE_READ
                  | e.IBV_ACCESS_REMOTE_ATOMIC)
        self.memory = MR(domain, BYTES, rights)
        self.local = MR(domain, BYTES, rights)
        cap = QPCap(max_send_wr=16, max_recv_wr=16, max_send_sge=1, max_recv_sge=1)
        self.pair = QP(domain, QPInitAttr(qp_type=e.IBV_QPT_RC, scq=self.queue, rcq=self.queue, cap=cap, sq_sig_all=1))
        self.objects = (context, domain)
        gid = context.query_gid(1, gid_index)
        own_psn = 0xABCDE
        self.say("%d %d %s %d %d" % (self.pair.qp_num, own_psn, socket.inet_pton(socket.AF_INET6, str(gid)).hex(),
                                     self.memory.buf, self.memory.rkey))
        number, psn, gid, self.address, self.key = self.hear().split()
        route = GlobalRoute(dgid=GID(":".join(gid[i:i + 4] for i in range(0, 32, 4))), sgid_index=gid_index)
        route.hop_limit = 4
        attributes = QPAttr(port_num=1)
        attributes.qp_access_flags = rights
        attributes.path_mtu = {1024: e.IBV_MTU_1024, 4096: e.IBV_MTU_4096}[mtu]
        attributes.dest_qp_num = int(number)
        attributes.rq_psn = int(psn)
        attributes.sq_psn = own_psn
        attributes.max_rd_atomic = 4
        attributes.max_dest_rd_atomic = 4
        attributes.min_rnr_timer = 12
        attributes.timeout = 14
        attributes.retry_cnt = 7
        attributes.rnr_retry = 7
        attributes.ah_attr = AHAttr(port_num=1, is_global=1, gr=route)
        self.pair.to_rts(attributes)
        self.say("ready")
        self.expect("ready")

    def say(self, line):
        self.stream.write(line + "\n")
        self.stream.flush()

    def hear(self):
        line = self.stream.readline().strip()
        if not line:
            raise SystemExit("the peer has gone")
        return line

    def expect(self, line):
        heard = self.hear()
        if heard != line:
            raise SystemExit("'%s' was expected, and '%s' came" % (line, heard))

    def completion(self):
        end = time.time() + SECONDS
        while time.time() < end:
            count, completions = self.queue.poll(1)
            if count:
                if completions[0].status != e.IBV_WC_SUCCESS:
                    raise SystemExit("completion with status %d" % completions[0].status)
                return completions[0]
        raise SystemExit("no completion")

    def post(self, opcode, size, immediate=0, compare_add=0, swap=0):
        request = SendWR(opcode=opcode, num_sge=1, sg=[SGE(self.local.buf, size, self.local.lkey)], imm_data=immediate)
        if opcode in (e.IBV_WR_ATOMIC_CMP_AND_SWP, e.IBV_WR_ATOMIC_FETCH_AND_ADD):
            request.set_wr_atomic(int(self.key), int(self.address), compare_add, swap)
        else:
            request.set_wr_rdma(int(self.key), int(self.address))
        self.pair.post_send(request)
        self.completion()

    def word(self, memory):
        return int.from_bytes(memory.read(8, 0), sys.byteorder)

    def check(self, condition, what):
        if not condition:
            raise SystemExit("wrong: " + what)

    def initiate(self):
        self.expect("filled")
        for size in SIZES:
            self.local.write(bytes(size), size)
            self.post(e.IBV_WR_RDMA_READ, size)
            self.check(self.local.read(size, 0) == pattern(size, 3), "what was read, %d bytes" % size)
        for size in SIZES:
            self.local.write(pattern(size, size), size)
            self.post(e.IBV_WR_RDMA_WRITE, size)
            self.say("written %d" % size)
            self.expect("ok")
        self.say("immediate")
        self.expect("posted")
        self.local.write(pattern(5000, 9), 5000)
        self.post(e.IBV_WR_RDMA_WRITE_WITH_IMM, 5000, immediate=socket.htonl(0x01020304))  # the verbs keep network order
        self.expect("ok")
        self.say("atomics")
        self.expect("posted")
        for opcode, compare_add, swap, before in (
                (e.IBV_WR_ATOMIC_FETCH_AND_ADD, 5, 0, 1000), (e.IBV_WR_ATOMIC_CMP_AND_SWP, 1005, 77, 1005),
                (e.IBV_WR_ATOMIC_CMP_AND_SWP, 1, 2, 77)):
            self.post(opcode, 8, compare_add=compare_add, swap=swap)
            self.check(self.word(self.local) == before, "what an atomic found: %d" % self.word(self.local))
        self.say("counted")
        self.expect("ok")

    def serve(self):
        self.memory.write(pattern(BYTES, 3), BYTES)
        self.say("filled")
        for size in SIZES:
            self.expect("written %d" % size)
            self.check(self.memory.read(size, 0) == pattern(size, size), "what was written, %d bytes" % size)
            self.say("ok")
        self.expect("immediate")
        self.pair.post_recv(RecvWR(num_sge=1, sg=[SGE(self.local.buf, 64, self.local.lkey)]))
        self.say("posted")
        completion = self.completion()
        self.check(completion.opcode == e.IBV_WC_RECV_RDMA_WITH_IMM and socket.ntohl(completion.imm_data) == 0x01020304,
                   "immediate data: %x" % completion.imm_data)
        self.check(self.memory.read(5000, 0) == pattern(5000, 9), "what was written with immediate data")
        self.say("ok")
        self.expect("atomics")
        self.memory.write((1000).to_bytes(8, sys.byteorder), 8)
        self.say("posted")
        self.expect("counted")
        self.check(self.word(self.memory) == 77, "what atomics left: %d" % self.word(self.memory))
        self.say("ok")


def main():
    device, gid_index, mtu, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    if len(sys.argv) > 5:
        connection = socket.create_connection((sys.argv[5], port), SECONDS)
    else:
        with socket.create_server(("", port)) as server:
            server.settimeout(SECONDS)
            connection = server.accept()[0]
    connection.settimeout(SECONDS)
    peer = Peer(device, gid_index, mtu, connection.makefile("rw", encoding="ascii"))
    for step in (peer.initiate, peer.serve) if len(sys.argv) > 5 else (peer.serve, peer.initiate):
        step()
    print("both ways: read, write, write with immediate, atomics")


main()
