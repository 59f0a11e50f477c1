import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decrypt, openMasterKey } from '../../../src/switch/ledger/cipher.ts';
import { openSealedFile } from '../../../src/switch/traces/sealed-file.ts';
import {
  boundRecord,
  makeTraceKey,
  readSealed,
  sealedPath,
  type TraceFolder,
  type TraceKey,
  traceFolder,
} from '../../../src/switch/traces/trace-folder.ts';

let root: string;
let folder: TraceFolder;
let key: TraceKey;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hitline-sealed-'));
  folder = traceFolder(root, { kind: 'practice', master: openMasterKey(new Uint8Array(32).fill(7)) });
  key = makeTraceKey(folder, 'trace-1', 1_000);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Everything that the file holds, in clear. */
function clear(): string {
  const { records } = readSealed(sealedPath(folder, key.id), 0, Number.POSITIVE_INFINITY) ?? { records: [] };
  return records
    .map((record, place) => decrypt(key.key, record, boundRecord(folder, key, place))?.toString('latin1') ?? '?')
    .join('');
}

test('a file grows no further than its cap, and whoever records is told once', async () => {
  const ends: string[] = [];
  const file = await openSealedFile({ folder, key, bytesMax: 1_000, onEnd: (why) => void ends.push(why) });
  for (let count = 0; count < 100; count += 1) file.write('A LINE OF A TRACE\n');
  await file.close();
  expect(ends).toEqual(['full']);
  expect(statSync(sealedPath(folder, key.id)).size).toBeLessThanOrEqual(1_000);
  expect(clear()).toMatch(/^(A LINE OF A TRACE\n){10,30}$/);
});

test('a line longer than a record is cut, and comes together again', async () => {
  const line = `${'53414D504C45'.repeat(40_000)}\n`;
  const file = await openSealedFile({ folder, key, onEnd: () => undefined });
  file.write(line);
  await file.close();
  const { records } = readSealed(sealedPath(folder, key.id), 0, Number.POSITIVE_INFINITY) ?? { records: [] };
  expect(records.length).toBe(4);
  expect(Math.max(...records.map((record) => record.length))).toBeLessThan(140_000);
  expect(clear()).toBe(line);
});

test('parts are read on from where the last one ended, whole records only', async () => {
  const file = await openSealedFile({ folder, key, onEnd: () => undefined });
  for (let count = 0; count < 5; count += 1) file.write(`${count}`);
  await file.close();
  const path = sealedPath(folder, key.id);
  const counts: number[] = [];
  let from = 0;
  for (;;) {
    const part = readSealed(path, from, 50);
    if (part === undefined || part.records.length === 0) break;
    counts.push(part.records.length);
    from = part.next;
  }
  expect(counts).toEqual([2, 2, 1]);
  writeFileSync(path, Buffer.from([0, 0, 0, 9, 1, 2]), { flag: 'a' });
  expect(readSealed(path, from, 50)).toEqual({ records: [], next: from });
});

test('a file that is there is never written over', async () => {
  const file = await openSealedFile({ folder, key, onEnd: () => undefined });
  await file.close();
  await expect(openSealedFile({ folder, key, onEnd: () => undefined })).rejects.toMatchObject({ code: 'TRACE_FILE' });
  expect(() => makeTraceKey(folder, 'trace-1', 2_000)).toThrow(/trace/);
});
