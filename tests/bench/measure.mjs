/*
 * CPU and memory of processes, out of /proc.
 */

import { readFileSync, readdirSync } from "node:fs";

import { descendants } from "../support/server.mjs";

/* Nanoseconds on a CPU so far, all threads. */
function cpuOf(pid)
{
	try {
		return readdirSync(`/proc/${pid}/task`).reduce((sum, tid) =>
			sum + Number(readFileSync(
				`/proc/${pid}/task/${tid}/schedstat`, "utf8")
				.split(" ")[0]), 0);
	} catch {
		return 0;	/* it ended */
	}
}

/* Of "pids" and all below them. */
export function cpu(...pids)
{
	return pids.flatMap(descendants)
		.reduce((sum, { pid }) => sum + cpuOf(pid), 0);
}

/* Proportional set size in kB of all below and with "pid". */
export function pss(pid)
{
	return descendants(pid).map((p) => {
		const text = readFileSync(`/proc/${p.pid}/smaps_rollup`,
			"utf8");
		return { ...p, kb: Number(/^Pss:\s+(\d+)/m.exec(text)[1]) };
	});
}

/* The postmaster of a cluster's folder. */
export function postmaster(dir)
{
	return Number(readFileSync(`${dir}/data/postmaster.pid`, "utf8")
		.split("\n")[0]);
}
