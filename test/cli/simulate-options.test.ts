/** What `hitline simulate` can be told about its line and its records, by the real process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { decodeText, encodeText, type TextCoding } from '../../src/wire/charsets/charset.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { type DialOptions, dialLink } from '../../src/wire/sockets/dial.ts';
import { launcher, runInside } from './run-hitline.ts';

const folder = mkdtempSync(join(tmpdir(), 'hitline-simulate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A running switch: its port, and a way to end it that gives its exit code. */
async function simulate(...words: readonly string[]) {
  const child = spawn(process.execPath, [launcher, 'simulate', '--listen', '127.0.0.1:0', ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface(child.stdout);
  const [first] = (await once(lines, 'line')) as [string];
  return {
    port: (JSON.parse(first) as { port: number }).port,
    async end(): Promise<number | null> {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = (await gone) as [number | null];
      return code;
    },
  };
}

/** Says each text, and gives the answers of the last. */
async function ask(how: Pick<DialOptions, 'port' | 'profile' | 'settings'>, coding: TextCoding, texts: string[]) {
  const answers: string[] = [];
  let told: () => void = () => undefined;
  const link = await dialLink({
    ...how,
    host: '127.0.0.1',
    clock: systemClock,
    events: {
      onMessage(_link, incoming) {
        const decoded = decodeText(incoming.payload, coding);
        incoming.acknowledge();
        answers.push(decoded.ok ? decoded.text : '');
        told();
      },
    },
  });
  for (const text of texts) {
    answers.length = 0;
    const bytes = encodeText(text, coding);
    if (!bytes.ok) throw new Error('no such bytes');
    await link.send(bytes.bytes, { repeatable: false, exchangeId: link.reserveExchangeId() });
    while (answers.length === 0) {
      await new Promise<void>((resolve) => {
        told = resolve;
      });
    }
  }
  await link.close();
  return answers.join('\n');
}

const cancel = '1N01C1.XW.WY0990200.NIC/W990000002.NAM/RECORD, ROBIN';
const query = '1N01C2.QW.CO0990100.NIC/W990000002.NAM/RECORD,ROBIN.DOB/19800202';

test('an EBCDIC client is served in its code page, and what it changed is there at the next start', async () => {
  const ebcdic = ['--profile', 'stx-etx', '--control-bytes', 'ebcdic', '--charset', 'cp037', '--line-end', 'NEL'];
  const saved = join(folder, 'records');
  const first = await simulate(...ebcdic, '--save', saved);
  const profile = wireProfile('stx-etx', { controlBytes: 'ebcdic' });
  const coding = { charset: 'cp037', lineEnd: 'NEL' } as const;
  expect(await ask({ port: first.port, profile }, coding, [cancel])).toContain('\nCANCEL NIC/W990000002');
  expect(await first.end()).toBe(0);
  const second = await simulate('--profile', 'mllp-r2', '--hot-files', saved);
  const mllp = wireProfile('mllp-r2');
  const answers = await ask({ port: second.port, profile: mllp }, { charset: 'ascii' }, [query, cancel]);
  expect(answers).toContain('REJ - ALREADY CANCELED');
  await second.end();
});

test('a client of version 1.0 is taken as the rule says, and --strict does not end with 1 for it', async () => {
  const strict = await simulate('--profile', 'foxtalk-1', '--strict');
  const how = {
    port: strict.port,
    profile: wireProfile('foxtalk-1'),
    settings: { wish: { minor: 0, coding: 'NON', newline: 'LF' } },
  } as const;
  expect(await ask(how, { charset: 'ascii' }, [query])).toContain('W990000002');
  expect(await strict.end()).toBe(0);
});

test.each([
  ['--control-bytes', 'latin'],
  ['--length-bytes', '3'],
  ['--length-excludes', '99'],
  ['--charset', 'cp9'],
  ['--line-end', 'DOT'],
])('%s %s is wrong usage', async (...words) => {
  const call = ['simulate', '--listen', '127.0.0.1:0', '--profile', 'stx-etx', ...words];
  expect((await runInside(call)).code).toBe(2);
});

test('frames with deviations are read and written by the same options', async () => {
  const words = ['--profile', 'stx-etx', '--control-bytes', 'ebcdic'];
  const bytes = Buffer.from('10701061106B3D2D3710373202C1C203', 'hex');
  const decoded = await runInside(['frame', 'decode', ...words], { input: bytes });
  expect(decoded.code).toBe(0);
  const encoded = await runInside(['frame', 'encode', ...words], { input: decoded.stdout });
  expect(encoded.stdout.toString('hex')).toBe(bytes.toString('hex'));
});
