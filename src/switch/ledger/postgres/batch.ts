/** What a batch of units makes of the tables, worked out before a single row is sent. Pure but for its chance. */

import type { Chance, MasterKey } from '../cipher.ts';
import type { CallOutcome, UnitOutcome } from '../commit-queue.ts';
import type { Head } from '../heads.ts';
import type { ReadyEntry, ReadyUnit } from '../prepare.ts';
import { makeRows, type Rows } from '../rows.ts';
import type { StateTable } from '../schema.ts';

/** Where a thing stands in the database; one that is not there has version 0. */
export interface Standing {
  readonly stream: string;
  readonly id: string;
  readonly version: number;
}

/** Where things stand, by `thingOf`. */
export type Versions = ReadonlyMap<string, Standing>;

export function thingOf(of: { readonly stream: string; readonly id: string }): string {
  return `${of.stream} ${of.id}`;
}

/** What one thing's row becomes: put whole, or only moved on when no entry carried a state. */
export type StateChange =
  | { readonly type: 'put'; readonly row: StateTable }
  | { readonly type: 'touch'; readonly stream: string; readonly id: string; version: number; updated_at_ms: number };

export interface Batch {
  readonly outcomes: readonly CallOutcome[];
  readonly rows: readonly Rows[];
  readonly states: readonly StateChange[];
  readonly purge: ReadyUnit['purge'];
  readonly dropTokens: ReadyUnit['purge'];
  readonly head: Head;
}

/**
 * Where everything that decides about these calls stands, as they themselves expect it: whoever mentions a thing first says so.
 * A plan made from this is right, its conflicts too, if and only if the database says the same.
 */
export function expectedBy(calls: readonly (readonly ReadyUnit[])[]): Versions {
  const things = new Map<string, Standing>();
  const expect = ({ stream, id }: Standing, version: number): void => {
    const key = thingOf({ stream, id });
    if (!things.has(key)) things.set(key, { stream, id, version });
  };
  for (const unit of calls.flat()) {
    for (const guard of unit.guards) expect(guard, guard.version);
    for (const entry of unit.entries) expect(entry, entry.version - 1);
  }
  return things;
}

/** Decides unit after unit as if each were written before the next is looked at. */
export function planBatch(
  calls: readonly (readonly ReadyUnit[])[],
  versions: Versions,
  how: { readonly writer: string; readonly master: MasterKey; readonly chance: Chance; readonly head: Head },
): Batch {
  const current = new Map(versions);
  const rows: Rows[] = [];
  const states = new Map<string, StateChange>();
  const purge: ReadyUnit['purge'][number][] = [];
  const dropTokens: ReadyUnit['purge'][number][] = [];
  let head = how.head;
  const write = (entry: ReadyEntry): number => {
    const made = makeRows(entry, { ...how, seq: head.seq + 1, prev: head.hash });
    rows.push(made);
    head = { seq: head.seq + 1, hash: made.event.hash };
    states.set(thingOf(entry), changeState(states.get(thingOf(entry)), entry));
    return head.seq;
  };
  const decide = (unit: ReadyUnit): UnitOutcome => {
    const conflict = conflictIn(unit, current);
    if (conflict !== undefined) return { ok: false, stream: conflict.stream, id: conflict.id };
    for (const entry of unit.entries) current.set(thingOf(entry), entry);
    purge.push(...unit.purge);
    dropTokens.push(...unit.dropTokens);
    return { ok: true, seqs: unit.entries.map(write) };
  };
  const outcomes = calls.map((units): CallOutcome => ({ ok: true, units: units.map(decide) }));
  return { outcomes, rows, states: [...states.values()], purge, dropTokens, head };
}

function conflictIn(unit: ReadyUnit, current: Versions): { stream: string; id: string } | undefined {
  const made = new Map<string, number>();
  const versionOf = (of: { stream: string; id: string }): number => current.get(thingOf(of))?.version ?? 0;
  for (const guard of unit.guards) {
    if (versionOf(guard) !== guard.version) return guard;
  }
  for (const entry of unit.entries) {
    if (entry.version !== (made.get(thingOf(entry)) ?? versionOf(entry)) + 1) return entry;
    made.set(thingOf(entry), entry.version);
  }
  return undefined;
}

function changeState(before: StateChange | undefined, entry: ReadyEntry): StateChange {
  const moved = { version: entry.version, updated_at_ms: entry.atMs };
  if (entry.state === null) {
    if (before?.type === 'put') return { type: 'put', row: { ...before.row, ...moved } };
    return { type: 'touch', stream: entry.stream, id: entry.id, ...moved };
  }
  const { dueAtMs, ...columns } = entry.state;
  const created = before?.type === 'put' ? before.row.created_at_ms : entry.atMs;
  return {
    type: 'put',
    row: { stream: entry.stream, id: entry.id, ...moved, ...columns, due_at_ms: dueAtMs, created_at_ms: created },
  };
}
