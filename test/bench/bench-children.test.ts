import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

/** A benchmark that has started its switch and its gateway, and says so. */
const program = `
  import { startBenchGateway, startPeer } from './test/bench/bench-children.ts';
  const behind = await startPeer('switch');
  await startBenchGateway(Number(behind.firstLine));
  console.log('started');
`;

test('the children of a benchmark that is killed end by themselves', async () => {
  // What it would have put away goes with this folder.
  const folder = mkdtempSync(join(tmpdir(), 'hitline-bench-'));
  const words = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', program];
  const benchmark = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  });
  benchmark.stderr.resume();
  // One that never said so has its children end all the same.
  onTestFinished(() => void benchmark.kill('SIGKILL'));
  expect(await once(createInterface(benchmark.stdout), 'line')).toEqual(['started']);
  // Its standard error is theirs too: it closes when the last of them has gone.
  const allGone = once(benchmark, 'close');
  benchmark.kill('SIGKILL');
  await allGone;
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});
