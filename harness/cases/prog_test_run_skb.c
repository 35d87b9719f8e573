// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_TEST_RUN: what a caller may set of struct __sk_buff reaches the
 * program and comes back, and how large it may be. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"
#include "test_run.h"

#define PACKET_SIZE 64
/* struct __sk_buff to its end of 7.3, whatever our <linux/bpf.h> says. */
#define SKB_SIZE	192
#define INGRESS_IFINDEX offsetof(struct __sk_buff, ingress_ifindex)
#define TSTAMP		offsetof(struct __sk_buff, tstamp)
#define WIRE_LEN	offsetof(struct __sk_buff, wire_len)
#define GSO_SEGS	offsetof(struct __sk_buff, gso_segs)
#define GSO_SIZE	offsetof(struct __sk_buff, gso_size)
#define HWTSTAMP	184

struct skb_field {
	const char *name;
	size_t offset;
	uint32_t size;
	uint64_t value;
	bool late; /* to be set since 5.15 or 5.16 */
};

static const struct skb_field fields[] = {
	{"tstamp", TSTAMP, 8, 0x1122334455667788, false},
	{"wire_len", WIRE_LEN, 4, 1000, false},
	{"gso_segs", GSO_SEGS, 4, 3, false},
	{"gso_size", GSO_SIZE, 4, 100, false},
	{"ingress_ifindex", INGRESS_IFINDEX, 4, 7, true},
	{"hwtstamp", HWTSTAMP, 8, 0x2233445566778899, true},
};

/* One that keeps the first COUNT fields, as it finds them, in counters, and
 * then adds 1 to tstamp, which alone of them it may write. */
static int make_reader(void **state, int counters_fd, size_t count)
{
	struct bpf_insn insns[7 + 2 * COUNT_OF(fields)] = {
		LD_MAP_VALUE(BPF_REG_7, counters_fd, 0),
	};
	size_t n = 2;

	for (size_t i = 0; i < count; i++) {
		insns[n++] =
			LDX(fields[i].size == 8 ? BPF_DW : BPF_W, BPF_REG_0,
			    BPF_REG_1, (int16_t)fields[i].offset);
		insns[n++] =
			STX(BPF_DW, BPF_REG_7, BPF_REG_0, (int16_t)(8 * i));
	}
	insns[n++] = LDX(BPF_DW, BPF_REG_0, BPF_REG_1, TSTAMP);
	insns[n++] = ADD64_IMM(BPF_REG_0, 1);
	insns[n++] = STX(BPF_DW, BPF_REG_1, BPF_REG_0, TSTAMP);
	insns[n++] = MOV64_IMM(BPF_REG_0, 0);
	insns[n++] = EXIT();
	return make_hook_prog(state, BPF_PROG_TYPE_SCHED_CLS, insns,
			      (uint32_t)n);
}

static void fill_run(struct bpfsys_prog_test_run_attr *attr, const uint8_t *ctx,
		     uint32_t size)
{
	static uint8_t packet[PACKET_SIZE];

	memset(attr, 0, sizeof(*attr));
	attr->data_in = bpfsys_ptr(packet);
	attr->data_size_in = sizeof(packet);
	attr->ctx_in = bpfsys_ptr(ctx);
	attr->ctx_size_in = size;
}

static void set(uint8_t *ctx, const struct skb_field *field)
{
	uint32_t half = (uint32_t)field->value;

	if (field->size == sizeof(half))
		memcpy(ctx + field->offset, &half, sizeof(half));
	else
		memcpy(ctx + field->offset, &field->value,
		       sizeof(field->value));
}

void prog_test_run__ctx_reaches_program(void **state)
{
	uint8_t ctx[SKB_SIZE] = {0}, out[SKB_SIZE];
	const uint32_t loopback = 1;
	struct bpfsys_prog_test_run_attr attr;
	uint64_t tstamp, counters[COUNTERS];
	size_t count = COUNT_OF(fields);
	int fd, map_fd = make_counters(state);

	if (!kernel_offers(state, "__sk_buff.hwtstamp", BPFSYS_KV(5, 16)))
		while (fields[count - 1].late)
			count--;
	for (size_t i = 0; i < count; i++)
		set(ctx, &fields[i]);
	fd = make_reader(state, map_fd, count);
	fill_run(&attr, ctx, sizeof(ctx));
	attr.ctx_out = bpfsys_ptr(out);
	attr.ctx_size_out = sizeof(out);
	attr.prog_fd = (uint32_t)fd;
	memset(out, 0, sizeof(out));
	expect_ok(state, "BPF_PROG_TEST_RUN", bpfsys_prog_test_run(&attr));
	read_counters(state, map_fd, counters);
	close(fd);
	close(map_fd);
	for (size_t i = 0; i < count; i++)
		expect_u64(state, fields[i].name, fields[i].value, counters[i]);
	tstamp = fields[0].value + 1;
	memcpy(ctx + TSTAMP, &tstamp, sizeof(tstamp));
	/* Nobody set it: the run was on this device. */
	memcpy(ctx + offsetof(struct __sk_buff, ifindex), &loopback,
	       sizeof(loopback));
	expect_mem(state, "ctx_out", ctx, out, attr.ctx_size_out);
}

/* The run of a program on a context with VALUE at OFFSET. */
static int run_with(int fd, size_t offset, uint32_t value)
{
	struct bpfsys_prog_test_run_attr attr;
	uint8_t ctx[SKB_SIZE] = {0};

	memcpy(ctx + offset, &value, sizeof(value));
	fill_run(&attr, ctx, sizeof(ctx));
	attr.prog_fd = (uint32_t)fd;
	return bpfsys_prog_test_run(&attr);
}

/* Both ends of what wire_len and gso_segs may be. */
void prog_test_run__ctx_limits(void **state)
{
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_SCHED_CLS, 0);

	expect_ok(state, "wire_len of the packet",
		  run_with(fd, WIRE_LEN, PACKET_SIZE));
	expect_error(state, "wire_len of less", EINVAL,
		     run_with(fd, WIRE_LEN, PACKET_SIZE - 1));
	expect_ok(state, "wire_len 65536", run_with(fd, WIRE_LEN, 65536));
	expect_error(state, "wire_len 65537", EINVAL,
		     run_with(fd, WIRE_LEN, 65537));
	expect_ok(state, "gso_segs 65535", run_with(fd, GSO_SEGS, 65535));
	expect_error(state, "gso_segs 65536", EINVAL,
		     run_with(fd, GSO_SEGS, 65536));
	close(fd);
}

/* Whoever gives no size has room for all of it. */
void prog_test_run__data_out_without_size(void **state)
{
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_SCHED_CLS, 5);
	uint8_t in[PACKET_SIZE], out[PACKET_SIZE + 1];
	struct bpfsys_prog_test_run_attr attr;

	for (unsigned int i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(0x80 + i);
	memset(out, 0x7f, sizeof(out));
	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)fd;
	attr.data_in = bpfsys_ptr(in);
	attr.data_size_in = sizeof(in);
	attr.data_out = bpfsys_ptr(out);
	expect_ok(state, "BPF_PROG_TEST_RUN", bpfsys_prog_test_run(&attr));
	close(fd);
	expect_u64(state, "data_size_out", sizeof(in), attr.data_size_out);
	expect_mem(state, "data_out", in, out, sizeof(in));
	expect_u64(state, "byte behind data_out", 0x7f, out[sizeof(in)]);
}
