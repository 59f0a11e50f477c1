/** A gateway as a process of its own, started as its launcher starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { systemClock } from '../../src/host/clock.ts';
import { hangMs } from '../support/until.ts';

const root = join(import.meta.dirname, '../..');
const launcher = createRequire(import.meta.url)('../../bin/setup.cjs') as {
  nodeFlags(words: readonly string[]): readonly string[];
};

/** The addresses a running gateway printed. */
export interface Ready {
  readonly station: { readonly host: string; readonly port: number };
  readonly console: { readonly host: string; readonly port: number };
  readonly scheduler: string;
}

/** Waits, asking again each time something may have changed, until the probe gives something. */
export async function until<T>(what: string, probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const endMs = performance.now() + hangMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`did not happen in ${hangMs} ms: ${what}`);
    await new Promise<void>((resolve) => systemClock.after(25, resolve));
  }
}

/** Starts it, and waits until it says that it is ready. */
export async function startGatewayProcess(
  configFile: string,
  logFile: string,
): Promise<{ readonly child: ChildProcess; readonly ready: Ready }> {
  const own = ['gateway', '--config', configFile];
  const words = [...launcher.nodeFlags(own), join(root, 'src/cli/main.ts'), ...own];
  // As the launcher does: what was compiled once need not be compiled at every start.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/hitline/compile') };
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  let complained = '';
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    complained += bytes.toString();
  });
  const ready = await until('the gateway is ready', () => {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}: ${complained}`);
    return said.includes('\n') ? (JSON.parse(said.slice(0, said.indexOf('\n'))) as Ready) : undefined;
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    const log = readFileSync(logFile, 'utf8').split('\n').slice(-15).join('\n');
    throw new Error(`${String(error)}\nstderr: ${complained}\nlog: ${log}`);
  });
  return { child, ready };
}
