/** The master key: 32 bytes in a file of its own, outside the data folder, or a systemd credential. */
import { createPrivateKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HitlineError } from '../faults/fault.ts';
import { createDurableFile } from './durable-file.ts';

const keyBytes = 32;
const credentialName = 'hitline-master-key';
const liveMark = 'hitline-master-key-1';
const practiceMark = 'hitline-practice-key-1';

export interface MasterKeySource {
  /** The file; when absent, the systemd credential `hitline-master-key`. */
  readonly file?: string | undefined;
  /** A live system refuses a practice key, and practice a live one (DESIGN.md, law 10). */
  readonly practice: boolean;
  /** The key may not lie in here, whatever the links on the way. */
  readonly dataFolder: string;
  /** Makes the file when there is none. */
  readonly create: boolean;
  /** systemd's folder of credentials: `process.env.CREDENTIALS_DIRECTORY`. */
  readonly credentialsFolder?: string | undefined;
}

/** Reads the master key, and makes it first when asked to and there is none. Fault: KEY_FILE_UNUSABLE. */
export function loadMasterKey(source: MasterKeySource): Uint8Array {
  if (source.file === undefined) {
    if (source.credentialsFolder === undefined) throw unusable('Neither keys.file nor a systemd credential is set.');
    return parseKey(readKeyFile(join(source.credentialsFolder, credentialName)), source.practice);
  }
  const file = resolve(source.file);
  if (source.create && !exists(file)) createMasterKey(file, source.practice);
  if (isInside(file, source.dataFolder)) throw unusable('It lies in the data folder.');
  if ((statOf(file).mode & 0o077) !== 0) throw unusable('Others may read it; it must have mode 0600.');
  return parseKey(readKeyFile(file), source.practice);
}

/**
 * Makes a key file of mode 0600 that holds a new key of the machine's chance, on disk when this returns. The file appears
 * whole or not at all, and one that is there is never touched. Fault: KEY_FILE_UNUSABLE.
 */
export function createMasterKey(file: string, practice: boolean): Uint8Array {
  const key = randomBytes(keyBytes);
  const line = `${practice ? practiceMark : liveMark} ${masterKeyId(key)} ${key.toString('base64')}\n`;
  try {
    createDurableFile(file, line);
  } catch (cause) {
    throw unusable('It could not be made.', cause);
  }
  return new Uint8Array(key);
}

/**
 * Reads the Ed25519 private key (PEM) that seals and packets are signed with; it lies outside the data folder with mode
 * 0600, as the master key does. Fault: KEY_FILE_UNUSABLE.
 */
export function loadSealKey(source: { readonly file: string; readonly dataFolder: string }): KeyObject {
  const file = resolve(source.file);
  if (isInside(file, source.dataFolder)) throw unusable('It lies in the data folder.');
  if ((statOf(file).mode & 0o077) !== 0) throw unusable('Others may read it; it must have mode 0600.');
  const key = ed25519Of(readKeyFile(file));
  if (key === undefined) throw unusable('It does not hold an Ed25519 private key (PEM).');
  return key;
}

const passwordCredential = 'hitline-ledger-password';
const passwordCharsMax = 1_000;

/**
 * Reads the password of the ledger's database: one line in a file outside the data folder with mode 0600, or the systemd
 * credential `hitline-ledger-password`. Undefined where there is neither: the server then trusts by other means. Fault:
 * KEY_FILE_UNUSABLE.
 */
export function loadPassword(
  source: Pick<MasterKeySource, 'file' | 'dataFolder' | 'credentialsFolder'>,
): string | undefined {
  const { credentialsFolder } = source;
  const credential = credentialsFolder === undefined ? undefined : join(credentialsFolder, passwordCredential);
  if (source.file === undefined) return credential !== undefined && exists(credential) ? lineOf(credential) : undefined;
  const file = resolve(source.file);
  if (isInside(file, source.dataFolder)) throw unusable('It lies in the data folder.');
  if ((statOf(file).mode & 0o077) !== 0) throw unusable('Others may read it; it must have mode 0600.');
  return lineOf(file);
}

function lineOf(file: string): string {
  const [line = '', ...rest] = readKeyFile(file)
    .replace(/\r?\n$/, '')
    .split('\n');
  if (line === '' || line.length > passwordCharsMax || rest.length > 0) throw unusable('It does not hold one line.');
  return line;
}

function ed25519Of(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    // The words of the parser could quote the file.
    return undefined;
  }
}

/** The name of a master key: told from the key itself, and telling nothing about it. 16 hexadecimal digits. */
export function masterKeyId(key: Uint8Array): string {
  return Buffer.from(hkdfSync('sha256', key, 'hitline ledger', 'id', 8)).toString('hex');
}

function parseKey(text: string, practice: boolean): Uint8Array {
  const [mark, id, value, ...rest] = text.trim().split(' ');
  const key = Buffer.from(value ?? '', 'base64');
  const known = mark === liveMark || mark === practiceMark;
  if (!known || rest.length > 0 || key.length !== keyBytes || masterKeyId(key) !== id) {
    throw unusable('It does not hold a key with its check value.');
  }
  if ((mark === practiceMark) !== practice) {
    throw unusable(practice ? 'It is the key of a live system.' : 'It is the key of a practice system.');
  }
  return new Uint8Array(key);
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw unusable('It cannot be read.', cause);
  }
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function statOf(file: string): { readonly mode: number } {
  try {
    return statSync(file);
  } catch (cause) {
    throw unusable('It cannot be read.', cause);
  }
}

function isInside(file: string, folder: string): boolean {
  if (!exists(folder) || !exists(file)) return false;
  return `${dirname(realpathSync(file))}/`.startsWith(`${realpathSync(folder)}/`);
}

function unusable(detail: string, cause?: unknown): HitlineError {
  return new HitlineError('KEY_FILE_UNUSABLE', { detail, ...(cause === undefined ? {} : { cause }) });
}
