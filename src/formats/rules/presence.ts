/**
 * Which fields of a key a message holds, as bits, and which of the key's rules those bits leave anything to say. Most messages are
 * in order: for them a few bits are compared in place of looking every field of every rule up.
 */
import type { FieldUse, KeyTable } from '../key-table.ts';
import { dateOrders, pointingCodes, universalCodes } from './named-rules.ts';

/** Places in a key's table as bits: the first 31 in `low`, the next 31 in `high`. */
export interface FieldBits {
  readonly low: number;
  readonly high: number;
}

/** The fields met in one message, by their place in the key's table. */
export interface Presence {
  low: number;
  high: number;
  /** True when a field was met that has no bit: one the key does not declare, or too far down its table. */
  beyond: boolean;
}

/** Two fields of a key that a rule looks at together, by their places. */
export interface RankPair {
  readonly first: number;
  readonly second: number;
}

/** The rules between the fields of one key as bits. */
export interface RuleBits {
  readonly musts: FieldBits;
  readonly groups: readonly FieldBits[];
  readonly partners: readonly RankPair[];
  /** Fields that only some types of record take. */
  readonly conditional: FieldBits;
  /** Fields without which no universal rule but the order of dates has anything to say. */
  readonly universal: FieldBits;
  readonly dates: readonly (RankPair & { readonly earlier: string; readonly later: string })[];
  /** Fields whose code may say that more stands in MIS, and the place of MIS. */
  readonly pointing: FieldBits;
  readonly description: number;
}

const bitsPerWord = 31;

/** Nothing met yet. */
export function noneMet(): Presence {
  return { low: 0, high: 0, beyond: false };
}

/** Notes that the field at this place of the key's table was met; Infinity for one that the key does not declare. */
export function meet(present: Presence, rank: number): void {
  if (rank < bitsPerWord) present.low |= 1 << rank;
  else if (rank < 2 * bitsPerWord) present.high |= 1 << (rank - bitsPerWord);
  else present.beyond = true;
}

/** True when the field at this place of the key's table was met. */
export function isMet(present: FieldBits, rank: number): boolean {
  if (rank < bitsPerWord) return ((present.low >> rank) & 1) === 1;
  return rank < 2 * bitsPerWord && ((present.high >> (rank - bitsPerWord)) & 1) === 1;
}

/** True when every one of the fields was met. */
export function metAll(present: FieldBits, wanted: FieldBits): boolean {
  return (present.low & wanted.low) === wanted.low && (present.high & wanted.high) === wanted.high;
}

/** True when one of the fields was met. */
export function metAny(present: FieldBits, wanted: FieldBits): boolean {
  return (present.low & wanted.low) !== 0 || (present.high & wanted.high) !== 0;
}

/** True when of every pair both fields were met or none. */
export function metTogether(present: FieldBits, pairs: readonly RankPair[]): boolean {
  for (const pair of pairs) if (isMet(present, pair.first) !== isMet(present, pair.second)) return false;
  return true;
}

/** The rules of a key as bits; undefined when its table is too long for them, and then every rule is always asked. */
export function ruleBitsOf(table: KeyTable): RuleBits | undefined {
  if (table.fields.length > 2 * bitsPerWord) return undefined;
  const ranks = new Map(table.fields.map((use, rank) => [use.code, rank]));
  const rankOf = (code: string) => ranks.get(code) ?? Number.POSITIVE_INFINITY;
  const bitsOf = (wanted: (use: FieldUse) => boolean): FieldBits => {
    const bits = noneMet();
    for (const use of table.fields) if (wanted(use)) meet(bits, rankOf(use.code));
    return bits;
  };
  const groups = new Set(table.fields.flatMap((use) => use.group ?? []));
  return {
    musts: bitsOf((use) => use.need === 'must'),
    groups: [...groups].map((group) => bitsOf((use) => use.group === group)),
    partners: table.fields.flatMap((use) =>
      use.with === undefined ? [] : { first: rankOf(use.code), second: rankOf(use.with) },
    ),
    conditional: bitsOf((use) => use.only !== undefined),
    universal: bitsOf((use) => universalCodes.has(use.code)),
    dates: dateOrders
      .map(([earlier, later]) => ({ earlier, later, first: rankOf(earlier), second: rankOf(later) }))
      .filter((pair) => Number.isFinite(pair.first) && Number.isFinite(pair.second)),
    pointing: bitsOf((use) => pointingCodes.has(use.code)),
    description: rankOf('MIS'),
  };
}
