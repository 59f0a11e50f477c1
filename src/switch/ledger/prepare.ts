/** Entries made ready for a committer: JSON as text, texts sealed, tokens as digests, columns in their order. */
import { HitlineError } from '../../faults/fault.ts';
import { type StateColumns, sha256Hex } from './chain.ts';
import type { Chance } from './cipher.ts';
import type { Entry, State, Unit } from './ledger.ts';
import { type Tokens, tokenBytes } from './tokens.ts';
import { purgedRows, tokensDroppedType, tombstoneType } from './tombstone.ts';
import { type FreshText, sealText } from './vault.ts';

/** One entry as a committer takes it: plain data that can go to a worker thread. */
export interface ReadyEntry {
  readonly stream: string;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly atMs: number;
  readonly monoMs: number;
  readonly actor: string;
  readonly data: string;
  readonly state: StateColumns | null;
  /** Sealed already: no clear text goes to the committer. */
  readonly texts: readonly FreshText[];
  /** The digests of the ciphertexts, as the chain holds them. */
  readonly digests: string | null;
  /** 16 bytes each, one after another. */
  readonly tokens: Uint8Array | null;
  readonly tokensSha256: string | null;
}

export interface ReadyGuard {
  readonly stream: string;
  readonly id: string;
  readonly version: number;
}

export interface ReadyUnit {
  readonly entries: readonly ReadyEntry[];
  readonly guards: readonly ReadyGuard[];
  readonly purge: readonly { readonly writer: string; readonly seq: number }[];
  readonly dropTokens: readonly { readonly writer: string; readonly seq: number }[];
}

/** Plain columns hold what both databases can: no NUL and no half of a surrogate pair. */
function plain(text: string): string {
  return text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '\ufffd');
}

function optional(text: string | undefined): string | null {
  return text === undefined ? null : plain(text);
}

function readyState(state: State): StateColumns {
  return {
    status: plain(state.status),
    key: optional(state.key),
    ori: optional(state.ori),
    osn: optional(state.osn),
    link: optional(state.link),
    parent: optional(state.parent),
    dueAtMs: state.dueAtMs ?? null,
    body: JSON.stringify(state.body),
  };
}

function readyTokens(entry: Entry, tokens: Tokens): Uint8Array | null {
  if (entry.tokens === undefined || entry.tokens.length === 0) return null;
  const digests = new Map<string, Buffer>();
  for (const token of entry.tokens) {
    const digest = tokens.of(token.kind, token.value);
    digests.set(digest.toString('latin1'), digest);
  }
  const all = new Uint8Array(digests.size * tokenBytes);
  let offset = 0;
  for (const digest of digests.values()) {
    all.set(digest, offset);
    offset += tokenBytes;
  }
  return all;
}

/** What entries are made ready with. */
export interface Sealing {
  readonly tokens: Tokens;
  readonly chance: Chance;
}

function readyTexts(entry: Entry, chance: Chance): Pick<ReadyEntry, 'texts' | 'digests'> {
  const texts = Object.entries(entry.texts ?? {}).map(([name, clear]) => sealText(clear, plain(name), chance));
  if (texts.length === 0) return { texts, digests: null };
  const digests = texts.map(({ name, ciphertext }) => [name, sha256Hex(ciphertext)]);
  return { texts, digests: JSON.stringify(Object.fromEntries(digests)) };
}

function readyEntry(entry: Entry, sealing: Sealing): ReadyEntry {
  const wellNumbered = Number.isSafeInteger(entry.version) && entry.version >= 1;
  if (!wellNumbered || !Number.isFinite(entry.atMs) || !Number.isFinite(entry.monoMs)) {
    throw new HitlineError('LEDGER_FAILED', { detail: 'An entry has a version or a time that is no number.' });
  }
  if (entry.state?.dueAtMs !== undefined && !Number.isFinite(entry.state.dueAtMs)) {
    throw new HitlineError('LEDGER_FAILED', { detail: 'A deadline has a time that is no number.' });
  }
  const tokens = readyTokens(entry, sealing.tokens);
  return {
    stream: entry.stream,
    id: plain(entry.id),
    version: entry.version,
    type: plain(entry.type),
    atMs: entry.atMs,
    monoMs: entry.monoMs,
    actor: plain(entry.actor),
    data: JSON.stringify(entry.data),
    state: entry.state === undefined ? null : readyState(entry.state),
    ...readyTexts(entry, sealing.chance),
    tokens,
    tokensSha256: tokens === null ? null : sha256Hex(tokens),
  };
}

/** Rows taken from without an entry that names the same rows would be a hole that `verify` must call a break. */
function checkedRows(unit: Unit, rows: Unit['purge'], type: string): ReadyUnit['purge'] {
  if (rows === undefined || rows.length === 0) return [];
  const naming = unit.entries.filter((entry) => entry.stream === 'system' && entry.type === type);
  const named = naming.flatMap((entry) => purgedRows(JSON.stringify(entry.data)));
  const key = (row: { writer: string; seq: number }): string => `${row.writer} ${row.seq}`;
  if (named.map(key).toSorted().join() !== rows.map(key).toSorted().join()) {
    throw new HitlineError('LEDGER_FAILED', { detail: 'A purge needs a tombstone that names its rows.' });
  }
  return rows;
}

/** Makes a unit ready. Throws LEDGER_FAILED when it could not be kept by any disk. */
export function readyUnit(unit: Unit, sealing: Sealing): ReadyUnit {
  if (unit.entries.length === 0) throw new HitlineError('LEDGER_FAILED', { detail: 'A unit needs an entry.' });
  return {
    entries: unit.entries.map((entry) => readyEntry(entry, sealing)),
    guards: (unit.guards ?? []).map((guard) => ({ ...guard, id: plain(guard.id) })),
    purge: checkedRows(unit, unit.purge, tombstoneType),
    dropTokens: checkedRows(unit, unit.dropTokens, tokensDroppedType),
  };
}
