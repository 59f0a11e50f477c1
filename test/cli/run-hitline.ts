/** Runs the command line as a person does: the launcher, as a child process, with pipes. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCommandLine } from '../../src/cli/command-line.ts';

export const launcher = join(import.meta.dirname, '../../bin/hitline.cjs');

export interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The launcher with these words; standard input is `input` and then its end. */
export function runHitline(words: readonly string[], input: string | Uint8Array = ''): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [launcher, ...words]);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }));
    child.stdin.end(input);
  });
}

/** The same inside this process, which is quicker; `isTTY` says whether standard output is a screen. */
export async function runInside(
  words: readonly string[],
  { input = '', isTTY = false }: { input?: string | Uint8Array; isTTY?: boolean } = {},
): Promise<Ended> {
  const stdin = new PassThrough();
  stdin.end(Buffer.from(input));
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const stderr = new PassThrough();
  const code = await runCommandLine(words, { stdin, stdout, stderr });
  const all = (stream: PassThrough): Buffer => (stream.read() as Buffer | null) ?? Buffer.alloc(0);
  return { code, stdout: all(stdout), stderr: all(stderr).toString() };
}

/** The JSON lines of an output. */
export function jsonLines(output: Buffer): unknown[] {
  return output
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
