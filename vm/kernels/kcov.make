# What make is told besides: kbuild asks per object whether it is instrumented
# for KCOV, and is answered from this list.
KCOV_INSTRUMENT=$(if $(filter kernel/bpf/% kernel/trace/bpf_trace.% net/% drivers/net/netkit.% arch/x86/net/%,$@),y)
