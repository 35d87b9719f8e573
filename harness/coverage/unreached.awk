# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# unreached.def, then the output of gcov: the lines that were not executed, by
# function, each with the first explanation that fits it.

FNR == 1 { file++ }

# FUNCTION | TEXT | WHY: regular expressions, spaces around them do not count
file == 1 && !/^#/ && NF {
	n = split($0, part, / +\| +/)
	if (n == 3) {
		known++
		in_function[known] = "^(" part[1] ")$"
		text[known] = part[2]
		why[known] = part[3]
	} else {
		print "unreached.def:" FNR ": not FUNCTION | TEXT | WHY" > "/dev/stderr"
	}
}

file == 1 { next }

{
	source = $0
	sub(/^[^:]*:[^:]*:/, "", source)
	line = $0
	sub(/^[^:]*: */, "", line)
	sub(/:.*/, "", line)
}

# The kernel begins functions, and little else that has a parenthesis, at the
# beginning of a line.
source ~ /^[a-zA-Z_].*\(/ && source !~ /;[ \t]*$/ {
	name = source
	if (name ~ /^(SYSCALL_DEFINE|BPF_CALL_)/) {
		sub(/^[^(]*\(/, "", name)
		sub(/[,)].*/, "", name)
	} else {
		sub(/\(.*/, "", name)
		sub(/.*[ *]/, "", name)
	}
	function_now = name
}

/^ *(#####|=====)/ {
	sub(/^[ \t]+/, "", source)
	reason = ""
	for (i = 1; i <= known && !reason; i++)
		if (function_now ~ in_function[i] && source ~ text[i])
			reason = why[i]
	if (function_now != printed) {
		printf "%s**%s**\n\n", printed ? "\n" : "", function_now
		printed = function_now
	}
	gsub(/`/, "'", source)
	printf "- %d `%s`%s\n", line, source, reason ? ": " reason : " **(not explained)**"
	unexplained += !reason
}

END { printf "\n%d of them not explained.\n", unexplained }
