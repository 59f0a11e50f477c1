/** How long this machine kept somebody waiting who wanted to run: on one with too much to do nothing can be in time. */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/**
 * What the kernel tells of itself: for how long any thread of the machine waited for a processor, a disk or memory. Who
 * sleeps most of the time is let in at once, so that by its own lateness alone no machine would look busy.
 */
const pressures = ['cpu', 'io', 'memory'] as const;

/** Runs apart from everything else, and adds up by how much each of its moments came late: a machine that stood still. */
const watcher = `
  const { workerData } = require('node:worker_threads');
  const total = new Float64Array(workerData);
  let lastMs = performance.now();
  setInterval(() => {
    const nowMs = performance.now();
    total[0] += Math.max(0, nowMs - lastMs - 20);
    lastMs = nowMs;
  }, 10);
`;
/** Threads that must have their turn one after another between a cause and what is seen of it. */
const turns = 3;

export interface HeldUp {
  /** The milliseconds for which somebody was kept waiting since it began. */
  totalMs(): number;
  close(): Promise<void>;
}

/** Milliseconds since the machine's start; 0 of what this kernel does not tell. */
function pressureMs(of: string): number {
  try {
    const [, microseconds = '0'] = /^some .*total=(\d+)/.exec(readFileSync(`/proc/pressure/${of}`, 'latin1')) ?? [];
    return Number(microseconds) / 1_000;
  } catch {
    return 0;
  }
}

export function watchMachine(): HeldUp {
  const shared = new SharedArrayBuffer(8);
  const stoodMs = new Float64Array(shared);
  const worker = new Worker(watcher, { eval: true, workerData: shared });
  worker.unref();
  const told = (): number => pressures.reduce((sum, one) => sum + pressureMs(one), 0);
  const beforeMs = told();
  return {
    totalMs: () => turns * (stoodMs[0] ?? 0) + told() - beforeMs,
    close: async () => void (await worker.terminate()),
  };
}

const machine = watchMachine();

/** Gives for how many milliseconds the machine has kept somebody waiting since this was called. */
export function heldUpSince(): () => number {
  const beforeMs = machine.totalMs();
  return () => machine.totalMs() - beforeMs;
}

/**
 * Begins to take the time. Gives how many milliseconds have passed, until now or a moment of `performance.now()`, less
 * those for which the machine kept somebody waiting: this is what a promise of a wall time can be held to anywhere.
 */
export function stopwatch(): (untilMs?: number) => number {
  const sinceMs = performance.now();
  const heldUpMs = heldUpSince();
  return (untilMs = performance.now()) => untilMs - sinceMs - heldUpMs();
}
