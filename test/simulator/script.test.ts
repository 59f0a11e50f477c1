import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadHotFiles } from '../../src/simulator/records/load-hot-files.ts';
import { loadScript, parseScript } from '../../src/simulator/script.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hitline-script-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('every script of the fixtures loads', async () => {
  const names = (await readdir(join(fixtures, 'scripts'), { recursive: true })).filter((one) => one.endsWith('.yaml'));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect((await loadScript(join(fixtures, 'scripts', name))).name).not.toBe('');
});

test('every mistake of a script is named by its path and never by its value', () => {
  const wrong = { name: 'x', seed: 'SECRETVALUE', agencies: [{ ori: 'SHORT', name: 'a', phone: '1' }], extra: 1 };
  let message = '';
  try {
    parseScript(wrong);
  } catch (error) {
    message = error instanceof Error ? error.message : '';
  }
  for (const path of ['seed', 'agencies.0.ori', 'agencies.0.phone', 'script: unrecognized_keys']) {
    expect(message).toContain(path);
  }
  expect(message).not.toContain('SECRETVALUE');
});

test('a file that is not there, or is no YAML, says so', async () => {
  await expect(loadScript(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  await writeFile(join(folder, 'bad.yaml'), 'a: [b');
  await expect(loadScript(join(folder, 'bad.yaml'))).rejects.toMatchObject({ code: 'SCRIPT_INVALID' });
});

test('the fixtures hold a record of every hot file, all of them synthetic and found by their NIC', async () => {
  const { records, registers } = await loadHotFiles(join(fixtures, 'hot-files'));
  expect(new Set([...records.byNic.values()].map((record) => record.file)).size).toBe(10);
  for (const record of records.byNic.values()) {
    expect(record.nic).toMatch(/^[A-Z]9900000\d\d$/);
    expect(record.ori).toMatch(/^(CO|WY)0990\d00$/);
  }
  expect(registers.histories.length).toBeGreaterThan(0);
});

test('a hot-file folder with a strange file or a wrong record is refused, naming the path', async () => {
  const wrong = join(folder, 'wrong');
  await mkdir(wrong);
  await writeFile(
    join(wrong, 'wanted.yaml'),
    '- { nic: BAD, ori: CO0990100, key: EW, entered: 2026-01-01T00:00:00Z, fields: {} }',
  );
  const failure = await loadHotFiles(wrong).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'HOT_FILES_INVALID' });
  expect(String(failure)).toContain('wanted 0.nic');
  const strange = join(folder, 'strange');
  await mkdir(strange);
  await writeFile(join(strange, 'aircraft.yaml'), '[]');
  await expect(loadHotFiles(strange)).rejects.toMatchObject({ code: 'HOT_FILES_INVALID' });
  await expect(loadHotFiles(join(folder, 'none'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});
