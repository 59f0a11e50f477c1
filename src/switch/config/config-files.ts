/**
 * What the settings name on this machine, looked at before anything starts, so that a person gets every missing or unfit
 * file at once and by the setting's path. Whoever uses a file later still judges it for himself: it may change meanwhile.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type ConfigFault, pathText, valueAt } from '../../host/config-file.ts';

type Path = readonly string[];
/** What is wrong with the thing at this place, in a sentence; undefined when nothing is. */
type Look = (place: string) => string | undefined;

const fileBytesMax = 1_048_576;
const tlsSections: readonly Path[] = [
  ['ledger', 'postgres'],
  ['doors', 'station', 'tls'],
  ['doors', 'console', 'tls'],
  ['upstream', 'tls'],
];

const looks: readonly { readonly path: Path; readonly look: Look }[] = [
  { path: ['dataFolder'], look: dataFolder },
  { path: ['keys', 'file'], look: masterKey },
  { path: ['ledger', 'postgres', 'passwordFile'], look: secret },
  { path: ['ledger', 'sealKeyFile'], look: sealKey },
  { path: ['doors', 'station', 'blockKeyFile'], look: secret },
  { path: ['upstream', 'blockKeyFile'], look: secret },
  ...tlsSections.flatMap((section) => [
    { path: [...section, 'certificateFile'], look: certificate },
    { path: [...section, 'keyFile'], look: privateKey },
    { path: [...section, 'caFile'], look: certificate },
  ]),
  { path: ['sourcesFolder'], look: folder },
  { path: ['log', 'file'], look: writtenTo },
];

/**
 * Gives a fault for each setting whose file or folder is missing, cannot be read by this user, or holds something else than
 * it must. `data` is the configuration as it stands in the file, whatever its shape; its paths are relative to `from`. The
 * second place is left out: it may lie on another machine, whose absence is an alarm and stops no start.
 */
export function checkFiles(data: unknown, from: string): readonly ConfigFault[] {
  const placeOf = (path: Path): string | undefined => {
    const value = valueAt(data, path);
    return typeof value === 'string' && value !== '' ? resolve(from, value) : undefined;
  };
  const faults: ConfigFault[] = [];
  for (const { path, look } of looks) {
    const place = placeOf(path);
    const text = place === undefined ? undefined : look(place);
    if (text !== undefined) faults.push({ path: pathText(path), text });
  }
  for (const section of tlsSections) {
    const [certificateFile, keyFile] = [placeOf([...section, 'certificateFile']), placeOf([...section, 'keyFile'])];
    if (certificateFile === undefined || keyFile === undefined || belongTogether(certificateFile, keyFile)) continue;
    faults.push({ path: pathText([...section, 'keyFile']), text: 'This key does not belong to the certificate.' });
  }
  return faults;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file. Paths are relative to the folder of the configuration.',
  EACCES: 'The user that hitline runs as may not read it.',
  EISDIR: 'This is a folder, not a file.',
  ENOTDIR: 'A part of this path is not a folder.',
};

/** Reads a file, or says why it cannot be read. */
function read(place: string): { readonly text: string } | string {
  try {
    if (statSync(place).size > fileBytesMax) return `The file is larger than ${fileBytesMax} bytes.`;
    return { text: readFileSync(place, 'utf8') };
  } catch (error) {
    return because(error);
  }
}

function because(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  return reasons[code] ?? `It cannot be read (${code}).`;
}

function certificate(place: string): string | undefined {
  const found = read(place);
  if (typeof found === 'string') return found;
  return certificateOf(found.text) === undefined ? 'It holds no certificate (PEM).' : undefined;
}

function privateKey(place: string): string | undefined {
  const found = read(place);
  if (typeof found === 'string') return found;
  return keyOf(found.text) === undefined ? 'It holds no private key (PEM), or one under a passphrase.' : undefined;
}

function sealKey(place: string): string | undefined {
  const unfit = secret(place);
  if (unfit !== undefined) return unfit;
  const found = read(place);
  const key = typeof found === 'string' ? undefined : keyOf(found.text);
  return key?.asymmetricKeyType === 'ed25519' ? undefined : 'It holds no Ed25519 private key (PEM).';
}

/** A file that nobody else may read. */
function secret(place: string): string | undefined {
  const found = read(place);
  if (typeof found === 'string') return found;
  return (statSync(place).mode & 0o077) === 0 ? undefined : 'Others may read it; it must have mode 0600.';
}

/** The key is made at the first start, so that only its folder must be there. */
function masterKey(place: string): string | undefined {
  return isThere(place) ? secret(place) : writable(dirname(place), 'The folder in which it is to be made');
}

/** The data folder is made at the first start. */
function dataFolder(place: string): string | undefined {
  if (isThere(place)) return folder(place) ?? writable(place, 'The folder');
  let above = dirname(place);
  while (!isThere(above) && above !== dirname(above)) above = dirname(above);
  return writable(above, 'The folder in which it is to be made');
}

function folder(place: string): string | undefined {
  try {
    return statSync(place).isDirectory() ? undefined : 'This is a file, not a folder.';
  } catch (error) {
    return because(error).replace('no such file', 'no such folder');
  }
}

function writtenTo(place: string): string | undefined {
  if (!isThere(place)) return writable(dirname(place), 'The folder in which it is to be made');
  if (statSync(place).isDirectory()) return 'This is a folder, not a file.';
  return writable(place, 'The file');
}

function writable(place: string, what: string): string | undefined {
  if (!isThere(place)) return `${what} is not there.`;
  try {
    accessSync(place, constants.W_OK);
    return undefined;
  } catch {
    return `${what} cannot be written by the user that hitline runs as.`;
  }
}

function isThere(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false }) !== undefined;
}

/** True unless both can be used and are not of one pair: what cannot be used has its own fault. */
function belongTogether(certificateFile: string, keyFile: string): boolean {
  const [pem, keyPem] = [read(certificateFile), read(keyFile)];
  if (typeof pem === 'string' || typeof keyPem === 'string') return true;
  const [found, key] = [certificateOf(pem.text), keyOf(keyPem.text)];
  return found === undefined || key === undefined || found.checkPrivateKey(key);
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function keyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    // The words of the parser could quote the file.
    return undefined;
  }
}
