/** How long this machine keeps a thread waiting that wants to run: on one with too much to do nothing can be in time. */
import { Worker } from 'node:worker_threads';

/** Runs apart from everything else, and adds up by how much each of its moments came late. */
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

export interface HeldUp {
  /** The milliseconds by which it was kept waiting since it began. */
  totalMs(): number;
  close(): Promise<void>;
}

export function watchMachine(): HeldUp {
  const shared = new SharedArrayBuffer(8);
  const total = new Float64Array(shared);
  const worker = new Worker(watcher, { eval: true, workerData: shared });
  worker.unref();
  return {
    totalMs: () => total[0] ?? 0,
    close: async () => void (await worker.terminate()),
  };
}
