/** The row of a text, and what opens it. */
import { HitlineError } from '../../../faults/fault.ts';
import type { MasterKey } from '../cipher.ts';
import type { TextTable } from '../schema.ts';
import { openText, type SealedText, type TextPlace } from '../vault.ts';

/** What of a row is needed to open its text. */
export type TextRow = Pick<TextTable, 'key_id' | 'ciphertext' | 'master_id' | 'wrapped'>;

export function sealedText(row: TextRow): SealedText {
  return { keyId: row.key_id, ciphertext: row.ciphertext, masterId: row.master_id, wrappedKey: row.wrapped };
}

/** The clear text of a row. Fault: LEDGER_BROKEN when a key or a byte is not the one it was sealed with. */
export function clearText(row: TextRow, place: TextPlace, master: MasterKey): Uint8Array {
  const clear = openText(sealedText(row), place, master);
  if (clear === undefined) throw new HitlineError('LEDGER_BROKEN', { detail: 'A text does not open.' });
  return clear;
}
