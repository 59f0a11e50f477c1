/** Reads the PEM files a door or the upstream names. Fault: CONFIG_INVALID when one cannot be read. */
import { readFileSync } from 'node:fs';
import { HitlineError } from '../../faults/fault.ts';
import type { TlsSettings } from '../../wire/sockets/tls.ts';

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new HitlineError('CONFIG_INVALID', { detail: 'A certificate or key file cannot be read.', cause });
  }
}

/** The settings of TLS with the files' contents. */
export function readTls(files: {
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly caFile?: string | undefined;
  readonly serverName?: string | undefined;
}): TlsSettings {
  return {
    ...(files.certificateFile === undefined ? {} : { certificate: read(files.certificateFile) }),
    ...(files.keyFile === undefined ? {} : { key: read(files.keyFile) }),
    ...(files.caFile === undefined ? {} : { authority: read(files.caFile) }),
    ...(files.serverName === undefined ? {} : { serverName: files.serverName }),
  };
}
