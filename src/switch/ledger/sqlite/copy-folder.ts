/**
 * A copy of a ledger: a folder with a ledger's file and a manifest. Its form is the same whichever database the ledger is
 * in, so that a copy of either can be proved without a server and put back into either.
 */
import { createHash, createHmac, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HitlineError } from '../../../faults/fault.ts';
import { openMasterKey, sameCode } from '../cipher.ts';
import { HeadSeal } from '../heads.ts';
import type { VerifyReport } from '../ledger.ts';
import { headsOfCopy } from '../second-place/copy-heads.ts';
import { readSecondPlace } from '../second-place/reading.ts';
import { markRestored, type RestoreMark } from '../second-place/restoring.ts';
import { noText, type SecondPlaceText, said } from '../second-place/said.ts';
import { restoreOf } from '../second-place/seen.ts';
import { readSecrets } from '../secrets.ts';
import { kyselyOn } from './node-sqlite.ts';
import { ledgerFile, openReading } from './open-database.ts';
import { proveFile } from './prove-file.ts';

/** What opens a copy, and the second place to hold it against. */
export interface CopyKeys {
  readonly masterKey: Uint8Array;
  readonly headsFile?: string | undefined;
  /** The public key to test the signatures of the seals with. */
  readonly trusted?: KeyObject | undefined;
}

/** What stands beside a copy. */
interface Manifest {
  readonly format: 'hitline-backup-1';
  readonly madeAtMs: number;
  readonly bytes: number;
  readonly sha256: string;
  /** HMAC over the lines above with a key of the ledger, so that only a copy that this ledger made is restored. */
  readonly mac: string;
}

/** A copy whose bytes are those that the ledger copied. */
export interface AuthenticCopy {
  readonly file: string;
  readonly madeAtMs: number;
  /** That of the ledger it was made of. */
  readonly seal: HeadSeal;
}

const manifestName = 'manifest.json';

export function unusable(detail: string, cause?: unknown): HitlineError {
  return new HitlineError('BACKUP_UNUSABLE', { detail, ...(cause === undefined ? {} : { cause }) });
}

async function fileSha256(file: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const piece of createReadStream(file)) digest.update(piece as Buffer);
  return digest.digest('hex');
}

function manifestMac(seal: HeadSeal, said: Omit<Manifest, 'mac'>): string {
  const statement = JSON.stringify([said.format, said.madeAtMs, said.bytes, said.sha256]);
  return createHmac('sha256', seal.mac('backup', { seq: 0, hash: said.sha256 }))
    .update(statement)
    .digest('hex');
}

/** Waits until the disk has a file or the names in a folder. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync();
  await handle.close();
}

export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/**
 * Opens the ledger's file of a folder and proves it, against the second place as far as the copy reaches; and against all of
 * `known`, what stood there before the copy was begun.
 */
export async function proveCopy(
  folder: string,
  keys: CopyKeys & { readonly known?: SecondPlaceText },
): Promise<VerifyReport> {
  const { headsFile, masterKey, trusted, known = noText } = keys;
  return proveFile(() => openReading(folder), {
    master: openMasterKey(masterKey),
    trusted,
    async second(seal, db) {
      if (headsFile === undefined) return undefined;
      const reached = await headsOfCopy(db, await readSecondPlace(headsFile), seal);
      return { ...reached, heads: [...said(known, seal).heads, ...reached.heads] };
    },
  });
}

/** The key of the heads that stands in a ledger's file. Faults: LEDGER_KEY_WRONG, LEDGER_BROKEN. */
async function sealIn(folder: string, masterKey: Uint8Array): Promise<HeadSeal> {
  const connection = openReading(folder);
  try {
    return new HeadSeal((await readSecrets(kyselyOn(connection), openMasterKey(masterKey))).head);
  } finally {
    connection.close();
  }
}

/**
 * Makes a copy in a new folder: `write` fills the empty file it is given; then it is proved, and vouched for. Gives the
 * copy's report. Faults: BACKUP_UNUSABLE (the folder is there, the copy cannot be written or does not verify), and those
 * of `write`.
 */
export async function makeCopy(
  keys: CopyKeys & { readonly to: string; readonly nowMs: number },
  write: (file: string) => Promise<void>,
): Promise<VerifyReport> {
  await mkdir(keys.to, { mode: 0o700 }).catch((cause: unknown) => {
    throw unusable('The folder for it must be a new one.', cause);
  });
  // What stands there now was on disk before, so the copy must have it: else a ledger whose tail was cut would be vouched for.
  const known = keys.headsFile === undefined ? noText : await readSecondPlace(keys.headsFile);
  const copy = ledgerFile(keys.to);
  await writeFile(copy, '', { mode: 0o600 });
  try {
    await write(copy);
  } catch (cause) {
    if (cause instanceof HitlineError) throw cause;
    throw unusable('The copy could not be written.', cause);
  }
  const report = await proveCopy(keys.to, { ...keys, known });
  if (!report.ok) throw unusable('The copy does not verify.');
  const statement = {
    format: 'hitline-backup-1',
    madeAtMs: keys.nowMs,
    bytes: (await stat(copy)).size,
    sha256: await fileSha256(copy),
  } as const;
  const mac = manifestMac(await sealIn(keys.to, keys.masterKey), statement);
  const manifest: Manifest = { ...statement, mac };
  const beside = join(keys.to, manifestName);
  await writeFile(beside, `${JSON.stringify(manifest)}\n`, { mode: 0o600 });
  for (const path of [copy, beside, keys.to]) await sync(path);
  return report;
}

/** Looks whether a copy is one that this ledger made, to the byte. Faults: BACKUP_UNUSABLE, LEDGER_KEY_WRONG. */
export async function openCopy(from: string, masterKey: Uint8Array): Promise<AuthenticCopy> {
  const file = ledgerFile(from);
  const manifest = await readManifest(from);
  try {
    if ((await fileSha256(file)) !== manifest.sha256) throw unusable('Its bytes are not those that were copied.');
    const seal = await sealIn(from, masterKey);
    if (!sameCode(manifestMac(seal, manifest), manifest.mac)) throw unusable('Its manifest is not authentic.');
    return { file, madeAtMs: manifest.madeAtMs, seal };
  } catch (cause) {
    if (cause instanceof HitlineError) throw cause;
    throw unusable('It cannot be read.', cause);
  }
}

/**
 * Proves a copy where it lies, as a restore would before it counts. Faults: BACKUP_UNUSABLE when its bytes are not those that
 * were copied, LEDGER_KEY_WRONG.
 */
export async function verifyCopy(from: string, keys: CopyKeys): Promise<VerifyReport> {
  const copy = await openCopy(from, keys.masterKey);
  const { headsFile } = await secondPlaceFor(copy, keys.headsFile);
  return proveCopy(from, { ...keys, headsFile });
}

async function readManifest(folder: string): Promise<Manifest> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, manifestName), 'utf8')) as Manifest;
    if (manifest.format !== 'hitline-backup-1') throw new Error('an unknown format');
    return { ...manifest, mac: String(manifest.mac) };
  } catch (cause) {
    throw unusable('Its manifest cannot be read.', cause);
  }
}

/** The second place as a copy meets it: a machine that never had this ledger has none, and nothing can be held against it. */
export async function secondPlaceFor(
  copy: AuthenticCopy,
  headsFile: string | undefined,
): Promise<{
  readonly headsFile: string | undefined;
  /** Says there that the copy takes the place of the ledger, and adds that to the copy's report. */
  readonly mark: (report: VerifyReport, mark: RestoreMark) => Promise<VerifyReport>;
}> {
  const isKnown = headsFile !== undefined && (await isThere(headsFile));
  return {
    headsFile: isKnown ? headsFile : undefined,
    async mark(report, mark) {
      if (headsFile === undefined) return report;
      const connection = openReading(dirname(copy.file));
      const row = connection.prepare('SELECT hash FROM event WHERE writer = ? AND seq = ?');
      const hashAt = async (writer: string, seq: number): Promise<string | undefined> =>
        row.get(writer, seq)?.['hash'] as string | undefined;
      try {
        const restored = await markRestored(headsFile, { ...copy, writers: report.writers, hashAt }, mark);
        return { ...report, restores: [...(report.restores ?? []), restoreOf(restored)] };
      } catch (cause) {
        throw unusable('The second place cannot be written.', cause);
      } finally {
        connection.close();
      }
    },
  };
}
