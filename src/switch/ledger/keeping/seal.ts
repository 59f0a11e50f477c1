/**
 * The daily seal: one event that joins the heads of all chains, so that no writer's chain can be cut or rewritten apart
 * from the others. With an Ed25519 key it is signed, and then anybody with the public key can test it.
 */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { HitlineError } from '../../../faults/fault.ts';
import type { JsonObject, Unit } from '../ledger.ts';

/** The head of one chain, as a seal joins it. */
export interface SealedHead {
  readonly writer: string;
  readonly seq: number;
  readonly hash: string;
}

/** What the data of a seal's event holds. */
export interface Seal {
  /** The day (UTC), such as `2026-11-02`. */
  readonly day: string;
  readonly heads: readonly SealedHead[];
  /** Ed25519 over `sealStatement`, base64; absent when no key is configured. */
  readonly signature?: string;
  /** The public key (SPKI, base64), to tell which key to test with; trust comes from the caller's own copy. */
  readonly publicKey?: string;
}

/** The type of a seal's event, on the stream `system`. */
export const sealType = 'DAY_SEALED';

/** The id of a day's seal on that stream. */
export function sealId(day: string): string {
  return `seal-${day}`;
}

/** The exact words that are signed. */
export function sealStatement(day: string, heads: readonly SealedHead[]): string {
  const sorted = heads.toSorted((a, b) => (a.writer < b.writer ? -1 : 1));
  return JSON.stringify(['hitline seal', day, sorted.map(({ writer, seq, hash }) => [writer, seq, hash])]);
}

function publicText(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}

/** The unit that files the seal of a day. `signingKey` is an Ed25519 private key. */
export function sealUnit(
  day: string,
  heads: readonly SealedHead[],
  at: { readonly atMs: number; readonly monoMs: number; readonly signingKey?: KeyObject },
): Unit {
  if (at.signingKey !== undefined && at.signingKey.asymmetricKeyType !== 'ed25519') {
    throw new HitlineError('KEY_FILE_UNUSABLE', { detail: 'A seal is signed with an Ed25519 key.' });
  }
  const signed: JsonObject =
    at.signingKey === undefined
      ? {}
      : {
          signature: sign(null, Buffer.from(sealStatement(day, heads)), at.signingKey).toString('base64'),
          publicKey: publicText(createPublicKey(at.signingKey)),
        };
  const data: JsonObject = { day, heads: heads.map(({ writer, seq, hash }) => ({ writer, seq, hash })), ...signed };
  return {
    entries: [
      {
        stream: 'system',
        id: sealId(day),
        version: 1,
        type: sealType,
        atMs: at.atMs,
        monoMs: at.monoMs,
        actor: 'system',
        data,
      },
    ],
  };
}

/** What is wrong with a seal's signature: undefined when it holds for the public key that the caller trusts. */
export function sealFault(seal: Seal, trusted: KeyObject): string | undefined {
  if (seal.signature === undefined) return 'the seal is not signed';
  const statement = Buffer.from(sealStatement(seal.day, seal.heads));
  if (verify(null, statement, trusted, Buffer.from(seal.signature, 'base64'))) return undefined;
  return 'the signature of the seal does not hold';
}
