/** Starts the other processes of a benchmark and ends them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeCredentials, makePracticeFolder, practiceInput } from '../../src/practice/world.ts';

const root = join(import.meta.dirname, '../..');

/** A child that has said its first line. */
export interface BenchChild {
  readonly firstLine: string;
  /** Ends it and waits until it has gone. */
  end(): Promise<void>;
}

/** Starts one of the programs of bench-peer.ts; its first line is its port. */
export function startPeer(...words: readonly string[]): Promise<BenchChild> {
  return start([join(import.meta.dirname, 'bench-peer.ts'), ...words]);
}

/** Starts a gateway as a person would, with practice data, in front of the switch at this port; gives its station port. */
export async function startBenchGateway(switchPort: number): Promise<BenchChild & { readonly stationPort: number }> {
  const folder = await makePracticeFolder();
  const config = await practiceInput({
    folder: folder.path,
    simulatorPort: switchPort,
    credentials: makeCredentials(),
    clocks: { confirmRoutineMs: 60_000 },
    redis: { mode: 'none' },
  });
  const file = join(folder.path, 'gateway.yaml');
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const child = await start([join(root, 'src/cli/main.ts'), 'gateway', '--config', file]);
  const ready = JSON.parse(child.firstLine) as { station: { port: number } };
  return {
    ...child,
    stationPort: ready.station.port,
    async end() {
      await child.end();
      await folder.remove();
    },
  };
}

/** A benchmark may be killed, or its output closed: a peer ends with its input then, and a gateway with its channel. */
async function start(words: readonly string[]): Promise<BenchChild> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout } = child;
  if (stdout === null) throw new Error(`${words[0]} has no output`);
  const firstLine = await Promise.race([
    once(createInterface(stdout), 'line').then(([line]) => String(line)),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${words[0]} ended with ${code}`))),
  ]);
  return { firstLine, end: () => endChild(child) };
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.stdin?.end();
  child.kill('SIGTERM');
  await gone;
}
