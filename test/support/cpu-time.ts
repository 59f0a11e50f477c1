/**
 * What a call takes of the processor, in milliseconds, in this thread alone: neither a busy machine nor the collector's and
 * the compiler's own threads count.
 */
export function cpuMs(call: () => void): number {
  const before = process.threadCpuUsage();
  call();
  const used = process.threadCpuUsage(before);
  return (used.user + used.system) / 1_000;
}

/** The least of so many calls: what comes in between only ever adds. */
export function leastCpuMs(times: number, call: () => void): number {
  return Math.min(...Array.from({ length: times }, () => cpuMs(call)));
}
