/** docs/wire.md shows a client written from that page alone: here it meets the simulated switch exactly as printed. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import { strictRules } from '../../../src/simulator/line/strict-rules.ts';
import { loadHotFiles } from '../../../src/simulator/records/load-hot-files.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import { BareSocket } from '../line.ts';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/wire.md'), 'utf8');

/** The first block of that language on the page that holds these words. */
function block(language: string, words = ''): string {
  const found = Array.from(
    page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g')),
    (one) => one[1],
  ).find((one) => one?.includes(words));
  if (found === undefined) throw new Error(`no ${language} on the page`);
  return found;
}

let simulator: Simulator;

beforeEach(async () => {
  const files = await loadHotFiles(join(root, 'fixtures/hot-files'));
  const options = { host: '127.0.0.1', port: 0, profile: 'foxtalk-1', clock: systemClock, files, seed: 1 } as const;
  simulator = await startSimulator(options);
});

afterEach(() => simulator.close());

describe('the page of the line', () => {
  it('has a session in hex that logs on, is acknowledged and gets an answer', async () => {
    const bare = new BareSocket(simulator.address.port);
    bare.write(block('hex').replace(/\s/g, ''));
    const deframer = wireProfile('foxtalk-1').makeDeframer(65_000);
    await bare.until(
      ({ received }) => received.length > 36 + 16 + 16 && received.subarray(-4).toString('hex') === '55aa00ff',
    );
    deframer.push(bare.received);
    const types = [deframer.next(), deframer.next(), deframer.next()].map((frame) => frame?.type);
    expect(types).toEqual(['connect', 'ack', 'data']);
  });

  it('names every mistake that the strict switch names', () => {
    for (const rule of Object.keys(strictRules)) expect(page).toContain(`| \`${rule}\` |`);
  });

  it('shows a client of the shell that gets its answer (skipped where bash or xxd is missing)', async ({ skip }) => {
    const line =
      block('sh', 'dev/tcp')
        .split('\n')
        .find((one) => one.includes('/dev/tcp')) ?? '';
    if (spawnSync('bash', ['-c', 'command -v xxd']).status !== 0) skip();
    const folder = mkdtempSync(join(tmpdir(), 'plain-client-'));
    writeFileSync(join(folder, 'session.hex'), block('hex'));
    // As printed, but for the port and for the time it listens.
    const command = line.replace('6555', String(simulator.address.port)).replace('timeout 2', 'timeout 1');
    const child = spawn('bash', ['-c', command], { cwd: folder });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await new Promise((resolve) => child.on('close', resolve));
    rmSync(folder, { recursive: true });
    const bytes = said
      .split('\n')
      .map((one) => one.slice(10, 50).replaceAll(' ', ''))
      .join('');
    const deframer = wireProfile('foxtalk-1').makeDeframer(65_000);
    deframer.push(Buffer.from(bytes, 'hex'));
    expect([deframer.next(), deframer.next(), deframer.next()].map((frame) => frame?.type)).toEqual([
      'connect',
      'ack',
      'data',
    ]);
  });

  const python = spawnSync('python3', ['--version']).status === 0;

  it.skipIf(!python)('has a client that gets a hit (skipped where python3 is missing)', async () => {
    const child = spawn('python3', ['-c', block('python'), String(simulator.address.port)]);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
    expect(said).toMatch(/^logged on; largest frame 65000 bytes\nacknowledged\n--- answer 1\n/);
    expect(said).toContain('NIC/W990000002');
    expect(said).toContain('NO STATE RECORD');
  });
});
