import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readConsolePlace } from '../../src/cli/console-place.ts';

const folder = mkdtempSync(join(tmpdir(), 'hitline-place-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function placeFile(...more: readonly string[]): string {
  const file = join(folder, 'coj1.yaml');
  writeFileSync(file, ['url: wss://gateway.invalid:7443', 'consoleId: COJ1', ...more, ''].join('\n'));
  return file;
}

test('the files of a console are looked for beside the file that names them, wherever one stands', async () => {
  writeFileSync(join(folder, 'our-ca.pem'), 'the authority');
  expect(await readConsolePlace(placeFile('ca: our-ca.pem'))).toEqual({
    url: 'wss://gateway.invalid:7443',
    consoleId: 'COJ1',
    tls: { ca: 'the authority' },
  });
  expect(await readConsolePlace(placeFile())).toEqual({ url: 'wss://gateway.invalid:7443', consoleId: 'COJ1' });
});

test('each of them that cannot be read is named, all at once', async () => {
  const file = placeFile('ca: none.pem', 'certificate: none.pem', `key: ${folder}`);
  const faults = await readConsolePlace(file).catch((error: { faults: readonly { text: string }[] }) => error.faults);
  expect(
    (faults as readonly { text: string }[]).map(({ text }) => /(\w+): This file cannot be read/.exec(text)?.[1]),
  ).toEqual(['ca', 'certificate', 'key']);
});
