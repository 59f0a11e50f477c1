/** Certificates for one test run, made by openssl in a folder that is removed afterwards. */
import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Identity {
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly sha256: string;
}

/** False where the machine has no openssl: the tests that need certificates say so and are skipped. */
export const opensslPresent = spawnSync('openssl', ['version']).status === 0;

function openssl(folder: string, words: readonly string[]): void {
  const done = spawnSync('openssl', words, { cwd: folder });
  if (done.status !== 0) throw new Error(`openssl ${words[0]}: ${done.stderr.toString()}`);
}

export class Authority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hitline-tls-'));
  #count = 0;

  constructor() {
    const subject = ['-subj', '/CN=Pine Ridge practice authority'];
    openssl(this.#folder, [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      ...subject,
    ]);
  }

  get certificate(): string {
    return readFileSync(join(this.#folder, 'ca.pem'), 'utf8');
  }

  /** A certificate this authority signed, good for 127.0.0.1 and localhost unless said otherwise, and for two days. */
  issue(name: string, { names = 'IP:127.0.0.1,DNS:localhost', days = 2 } = {}): Identity {
    this.#count += 1;
    const base = `id${this.#count}`;
    const at = (end: string) => join(this.#folder, `${base}.${end}`);
    writeFileSync(at('ext'), `subjectAltName=${names}\n`);
    openssl(this.#folder, [
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      at('key'),
      '-out',
      at('csr'),
      '-subj',
      `/CN=${name}`,
    ]);
    openssl(this.#folder, [
      'x509',
      '-req',
      '-in',
      at('csr'),
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      at('pem'),
      '-days',
      String(days),
      '-extfile',
      at('ext'),
    ]);
    const certificate = readFileSync(at('pem'), 'utf8');
    const der = new X509Certificate(certificate).raw;
    return {
      certificate,
      key: readFileSync(at('key'), 'utf8'),
      sha256: createHash('sha256').update(der).digest('hex'),
    };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
