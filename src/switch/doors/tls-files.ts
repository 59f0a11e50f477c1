import { readFileSync } from 'node:fs';
import { HitlineError } from '../../faults/fault.ts';
import { type TlsSettings, tlsContext } from '../../wire/sockets/tls.ts';

/** The TLS section of a door or of the upstream, as the configuration has it: names of PEM files. */
export interface TlsFiles {
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly caFile?: string | undefined;
  readonly serverName?: string | undefined;
}

/** Reads the files of a TLS section and tries them. Throws TLS_SETTINGS when one cannot be read or used. */
export function readTls(files: TlsFiles): TlsSettings {
  const settings: TlsSettings = {
    ...(files.certificateFile === undefined ? {} : { certificate: read(files.certificateFile) }),
    ...(files.keyFile === undefined ? {} : { key: read(files.keyFile) }),
    ...(files.caFile === undefined ? {} : { authority: read(files.caFile) }),
    ...(files.serverName === undefined ? {} : { serverName: files.serverName }),
  };
  tlsContext(settings);
  return settings;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new HitlineError('TLS_SETTINGS', { cause });
  }
}
