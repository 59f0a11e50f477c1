/**
 * Texts at rest: each under a data key of its own, which stands beside it wrapped by the master key, in no chain. A new
 * master key re-wraps the data keys and leaves ciphertext and chain as they are; a purge destroys both.
 */
import { createSecretKey } from 'node:crypto';
import { type Chance, decrypt, encrypt, type MasterKey } from './cipher.ts';

/** Bytes of a data key. */
export const dataKeyBytes = 32;

/** Where a text stands: its data key opens nowhere else, and no other key opens its ciphertext. */
export interface TextPlace {
  readonly writer: string;
  readonly seq: number;
  readonly name: string;
}

/** One text as it lies on disk. */
export interface SealedText {
  readonly keyId: string;
  readonly ciphertext: Uint8Array;
  readonly masterId: string;
  readonly wrappedKey: Uint8Array;
}

/** A text that is sealed and has no place yet: whoever gives it one wraps its data key for that place. */
export interface FreshText {
  readonly name: string;
  readonly keyId: string;
  /** 32 bytes. */
  readonly dataKey: Uint8Array;
  readonly ciphertext: Uint8Array;
}

function boundText(name: string, keyId: string): string {
  return JSON.stringify(['text', name, keyId]);
}

function boundKey(place: TextPlace, keyId: string, masterId: string): string {
  return JSON.stringify(['data_key', place.writer, place.seq, place.name, keyId, masterId]);
}

/** Encrypts a text under a fresh data key. */
export function sealText(clear: Uint8Array, name: string, chance: Chance): FreshText {
  const dataKey = chance.take(dataKeyBytes);
  const keyId = chance.take(8).toString('hex');
  const ciphertext = encrypt(createSecretKey(dataKey), clear, { bound: boundText(name, keyId), chance });
  return { name, keyId, dataKey, ciphertext };
}

/** Gives a sealed text its place: its data key, wrapped by the master key, opens there and nowhere else. */
export function placeText(
  text: FreshText,
  place: TextPlace,
  how: { readonly master: MasterKey; readonly chance: Chance },
): SealedText {
  const { keyId, ciphertext, dataKey } = text;
  const masterId = how.master.id;
  const bound = boundKey(place, keyId, masterId);
  return {
    keyId,
    ciphertext,
    masterId,
    wrappedKey: encrypt(how.master.wrapping, dataKey, { bound, chance: how.chance }),
  };
}

/** The data key of a text, or undefined when the master key is another one or a byte was changed. */
function openDataKey(sealed: Omit<SealedText, 'ciphertext'>, place: TextPlace, master: MasterKey): Buffer | undefined {
  return decrypt(master.wrapping, sealed.wrappedKey, boundKey(place, sealed.keyId, sealed.masterId));
}

/** Whether the data key of a text still opens under this master key. */
export function dataKeyOpens(sealed: Omit<SealedText, 'ciphertext'>, place: TextPlace, master: MasterKey): boolean {
  return openDataKey(sealed, place, master) !== undefined;
}

/** The clear text, or undefined when a key or a byte is not the one it was sealed with. */
export function openText(sealed: SealedText, place: TextPlace, master: MasterKey): Buffer | undefined {
  const dataKey = openDataKey(sealed, place, master);
  if (dataKey === undefined) return undefined;
  return decrypt(createSecretKey(dataKey), sealed.ciphertext, boundText(place.name, sealed.keyId));
}

/** The data key of a text wrapped by another master key; undefined when it does not open with the old one. */
export function rewrapDataKey(
  sealed: Omit<SealedText, 'ciphertext'>,
  place: TextPlace,
  how: { readonly from: MasterKey; readonly to: MasterKey; readonly chance: Chance },
): Uint8Array | undefined {
  const dataKey = openDataKey(sealed, place, how.from);
  if (dataKey === undefined) return undefined;
  const bound = boundKey(place, sealed.keyId, how.to.id);
  return encrypt(how.to.wrapping, dataKey, { bound, chance: how.chance });
}

/** The data key of one text, for a packet that proves the text without the ledger. */
export function exportDataKey(sealed: SealedText, place: TextPlace, master: MasterKey): Uint8Array | undefined {
  return openDataKey(sealed, place, master);
}

/** Opens a text with its bare data key, as the check of a packet does. */
export function openWithDataKey(
  dataKey: Uint8Array,
  sealed: { readonly keyId: string; readonly ciphertext: Uint8Array },
  name: string,
): Uint8Array | undefined {
  if (dataKey.length !== dataKeyBytes) return undefined;
  return decrypt(createSecretKey(dataKey), sealed.ciphertext, boundText(name, sealed.keyId));
}
