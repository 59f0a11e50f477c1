/** What `hitline simulate` can be told about its line and its records, by the real process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { decodeText, encodeText, type TextCoding } from '../../src/wire/charsets/charset.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { type DialOptions, dialLink } from '../../src/wire/sockets/dial.ts';
import { Authority, opensslPresent } from '../wire/certificates.ts';
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

/** Says a text until an answer holds these words, and gives that answer; throws when the text is not taken. */
async function ask(
  how: Pick<DialOptions, 'port' | 'profile' | 'settings' | 'tls'> & { readonly coding?: TextCoding },
  text: string,
  words: string,
): Promise<string> {
  const { coding = { charset: 'ascii' }, ...line } = how;
  let found: (answer: string) => void = () => undefined;
  const answer = new Promise<string>((resolve) => {
    found = resolve;
  });
  const link = await dialLink({
    ...line,
    host: '127.0.0.1',
    clock: systemClock,
    events: {
      onMessage(_link, incoming) {
        const decoded = decodeText(incoming.payload, coding);
        incoming.acknowledge();
        if (decoded.ok && decoded.text.includes(words)) found(decoded.text);
      },
    },
  });
  const encoded = encodeText(text, coding);
  if (!encoded.ok) throw new Error('no such bytes');
  const fate = await link.send(encoded.bytes, { repeatable: false, exchangeId: link.reserveExchangeId() });
  if (fate.type !== 'acked') throw new Error(`not taken: ${fate.type}`);
  const got = await answer;
  await link.close();
  return got;
}

const cancel = '1N01C1.XW.WY0990200.NIC/W990000002.NAM/RECORD, ROBIN';
const query = '1N01C2.QW.CO0990100.NIC/W990000002.NAM/RECORD,ROBIN.DOB/19800202';

test('an EBCDIC client is served in its code page, and what it changed is there at the next start', async () => {
  const ebcdic = ['--profile', 'stx-etx', '--control-bytes', 'ebcdic', '--charset', 'cp037', '--line-end', 'NEL'];
  const saved = join(folder, 'records');
  const first = await simulate(...ebcdic, '--save', saved);
  const profile = wireProfile('stx-etx', { controlBytes: 'ebcdic' });
  const coding = { charset: 'cp037', lineEnd: 'NEL' } as const;
  expect(await ask({ port: first.port, profile, coding }, cancel, '\nCANCEL NIC/')).toContain('W990000002');
  expect(await first.end()).toBe(0);
  const second = await simulate('--profile', 'mllp-r2', '--hot-files', saved);
  const mllp = wireProfile('mllp-r2');
  expect(await ask({ port: second.port, profile: mllp }, cancel, 'REJ')).toContain('REJ - ALREADY CANCELED');
  await second.end();
});

test('a client of version 1.0 is taken as the rule says, and --strict does not end with 1 for it', async () => {
  const strict = await simulate('--profile', 'foxtalk-1', '--strict');
  const how = {
    port: strict.port,
    profile: wireProfile('foxtalk-1'),
    settings: { wish: { minor: 0, coding: 'NON', newline: 'LF' } },
  } as const;
  expect(await ask(how, query, 'NIC/W990000002')).toContain('IMMED CONFIRM');
  expect(await strict.end()).toBe(0);
});

test.skipIf(!opensslPresent)(
  'it speaks TLS to clients that its authority signed (skipped without openssl)',
  async () => {
    const authority = new Authority();
    const [door, client] = [authority.issue('switch'), authority.issue('client')];
    const pem = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const certificates = [
      '--tls-certificate',
      pem('door.pem', door.certificate),
      '--tls-key',
      pem('door.key', door.key),
    ];
    const secure = await simulate(
      ...['--profile', 'mllp-r2', ...certificates],
      ...['--tls-authority', pem('ca.pem', authority.certificate)],
    );
    const tls = { authority: authority.certificate, certificate: client.certificate, key: client.key };
    const how = { port: secure.port, profile: wireProfile('mllp-r2') };
    expect(await ask({ ...how, tls }, query, 'NIC/W990000002')).toContain('IMMED CONFIRM');
    const stranger = { authority: authority.certificate };
    await expect(ask({ ...how, tls: stranger }, query, 'NIC')).rejects.toThrow();
    expect(await secure.end()).toBe(0);
    authority.remove();
  },
);

test('beyond this machine it listens only with TLS', async () => {
  const ended = await runInside(['simulate', '--listen', '0.0.0.0:0', '--profile', 'foxtalk-1']);
  expect(ended.code).not.toBe(0);
  expect(`${ended.stdout}${ended.stderr}`).toContain('TLS_REQUIRED');
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
