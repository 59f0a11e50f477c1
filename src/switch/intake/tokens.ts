/** Which identifiers of a message can be searched for later: at most six, and only as keyed digests (DESIGN.md, section 5). */
import type { Message } from '../../formats/message.ts';
import type { TokenKind } from '../ledger/ledger.ts';

const kinds: readonly (readonly [string, TokenKind])[] = [
  ['NIC', 'NIC'],
  ['OCA', 'OCA'],
  ['NAM', 'NAM'],
  ['NAM', 'NAM1'],
  ['LIC', 'LIC'],
  ['VIN', 'VIN'],
  ['SER', 'SER'],
  ['FBI', 'FBI'],
];
const tokensMax = 6;

/** The identifiers of a message as tokens to be made. */
export function tokensOf(
  message: Pick<Message, 'fields'>,
): readonly { readonly kind: TokenKind; readonly value: string }[] {
  const found: { kind: TokenKind; value: string }[] = [];
  for (const [code, kind] of kinds) {
    for (const value of message.fields[code] ?? []) found.push({ kind, value });
  }
  return found.slice(0, tokensMax);
}
