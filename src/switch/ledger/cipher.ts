/** Encryption at rest: AES-256-GCM, the master key at work, and what it wraps. Key bytes never reach an error or a row. */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { HitlineError } from '../../faults/fault.ts';
import { masterKeyId } from '../../host/keys.ts';

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Chance in small pieces, fetched in large ones. */
export class Chance {
  #pool: Buffer = Buffer.alloc(0);
  #used = 0;

  take(bytes: number): Buffer {
    if (this.#used + bytes > this.#pool.length) {
      this.#pool = randomBytes(16_384);
      this.#used = 0;
    }
    this.#used += bytes;
    return this.#pool.subarray(this.#used - bytes, this.#used);
  }
}

/** AES-256-GCM (a KeyObject takes a third of the time that bare bytes take): nonce, ciphertext and tag in one. `bound` is authenticated beside it. */
export function encrypt(key: KeyObject, clear: Uint8Array, how: { bound: string; chance: Chance }): Buffer {
  const nonce = how.chance.take(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(how.bound, 'utf8'));
  const body = cipher.update(clear);
  cipher.final();
  return Buffer.concat([nonce, body, cipher.getAuthTag()]);
}

/** Undoes `encrypt`; undefined when the key, the bound text or a single byte is not the same. */
export function decrypt(key: KeyObject, sealed: Uint8Array, bound: string): Buffer | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes));
  decipher.setAAD(Buffer.from(bound, 'utf8'));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const clear = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return clear;
}

/** The master key at work: its id, and the key that wraps others, derived from it. */
export interface MasterKey {
  readonly id: string;
  readonly wrapping: KeyObject;
}

/** Prepares a master key of 32 bytes. Fault: KEY_FILE_UNUSABLE when it has another length. */
export function openMasterKey(bytes: Uint8Array): MasterKey {
  if (bytes.length !== keyBytes) throw new HitlineError('KEY_FILE_UNUSABLE', { detail: 'A key has 32 bytes.' });
  return {
    id: masterKeyId(bytes),
    wrapping: createSecretKey(Buffer.from(hkdfSync('sha256', bytes, 'hitline ledger', 'wrap', keyBytes))),
  };
}

/**
 * A secret of the ledger itself (the search key, the key of the heads) under the master key. Made once and wrapped, so
 * that a new master key changes neither the tokens nor the heads.
 */
export function wrapSecret(master: MasterKey, name: string, secret: Uint8Array): Buffer {
  return encrypt(master.wrapping, secret, { bound: `secret ${name} ${master.id}`, chance: new Chance() });
}

/** Gives the secret back, or undefined when the master key is another one or a byte was changed. */
export function unwrapSecret(master: MasterKey, name: string, wrapped: Uint8Array): Uint8Array | undefined {
  const secret = decrypt(master.wrapping, wrapped, `secret ${name} ${master.id}`);
  return secret === undefined ? undefined : new Uint8Array(secret);
}

/** Whether two codes are the same, told in a time that does not depend on where they differ. */
export function sameCode(a: string, b: string): boolean {
  const left = Buffer.from(a, 'utf8');
  const right = Buffer.from(b, 'utf8');
  return left.length === right.length && timingSafeEqual(left, right);
}
