/** A ledger in memory for tests of the rooms: it keeps the contract of versions and guards, and can be made to fail. */
import { HitlineError } from '../../src/faults/fault.ts';
import type {
  Entry,
  EventQuery,
  Ledger,
  Receipt,
  StateQuery,
  StoredEvent,
  StoredState,
  Unit,
} from '../../src/switch/ledger/ledger.ts';

export interface MemoryLedger extends Ledger {
  /** While true, nothing is kept, as on a full disk. */
  failing: boolean;
}

type Kept = StoredEvent & { readonly texts: Readonly<Record<string, Uint8Array>> };

export function memoryLedger(): MemoryLedger {
  const events: Kept[] = [];
  const rows = new Map<string, StoredState & { tokens: Entry['tokens']; order: number }>();
  const versions = new Map<string, number>();
  const name = (stream: string, id: string): string => `${stream} ${id}`;

  const conflictOf = (unit: Unit): { stream: Entry['stream']; id: string } | undefined => {
    const seen = new Map<string, number>();
    const versionOf = (stream: string, id: string): number =>
      seen.get(name(stream, id)) ?? versions.get(name(stream, id)) ?? 0;
    for (const guard of unit.guards ?? []) if (versionOf(guard.stream, guard.id) !== guard.version) return guard;
    for (const entry of unit.entries) {
      if (versionOf(entry.stream, entry.id) !== entry.version - 1) return entry;
      seen.set(name(entry.stream, entry.id), entry.version);
    }
    return undefined;
  };
  const keep = (entry: Entry): { writer: string; seq: number } => {
    const { stream, id, version, state, texts = {}, tokens, ...rest } = entry;
    const seq = events.length + 1;
    events.push({ writer: 'A', seq, stream, id, version, ...rest, textNames: Object.keys(texts), texts });
    versions.set(name(stream, id), version);
    const before = rows.get(name(stream, id));
    if (state !== undefined) {
      const createdAtMs = before?.createdAtMs ?? entry.atMs;
      const order = before?.order ?? seq;
      const all = tokens ?? before?.tokens;
      rows.set(name(stream, id), {
        ...state,
        stream,
        id,
        version,
        createdAtMs,
        updatedAtMs: entry.atMs,
        tokens: all,
        order,
      });
    }
    return { writer: 'A', seq };
  };
  const fits = (row: StoredState & { tokens: Entry['tokens'] }, query: StateQuery): boolean =>
    row.stream === query.stream &&
    (query.status === undefined || query.status.includes(row.status)) &&
    (['key', 'ori', 'osn', 'link', 'parent'] as const).every(
      (one) => query[one] === undefined || query[one] === row[one],
    ) &&
    (query.dueAtOrBeforeMs === undefined || (row.dueAtMs ?? Number.POSITIVE_INFINITY) <= query.dueAtOrBeforeMs) &&
    (query.fromMs === undefined || row.createdAtMs >= query.fromMs) &&
    (query.untilMs === undefined || row.createdAtMs <= query.untilMs) &&
    (query.token === undefined ||
      (row.tokens ?? []).some((one) => one.kind === query.token?.kind && one.value === query.token.value));

  return {
    failing: false,
    async append(units) {
      if (this.failing) throw new HitlineError('LEDGER_FAILED');
      return units.map((unit): Receipt => {
        const conflict = conflictOf(unit);
        if (conflict !== undefined) return { ok: false, code: 'CONFLICT', stream: conflict.stream, id: conflict.id };
        return { ok: true, entries: unit.entries.map(keep) };
      });
    },
    state: async (stream, id) => rows.get(name(stream, id)),
    async states(query) {
      const found = [...rows.values()].filter((row) => fits(row, query));
      if (query.order === 'due') found.sort((a, b) => (a.dueAtMs ?? 0) - (b.dueAtMs ?? 0));
      else found.sort((a, b) => (query.order === 'newest' ? b.order - a.order : a.order - b.order));
      return found.slice(0, query.limit);
    },
    history: async (stream, id) => events.filter((one) => one.stream === stream && one.id === id),
    events: async (query: EventQuery) =>
      events
        .filter(
          (one) =>
            (query.stream === undefined || one.stream === query.stream) &&
            (query.type === undefined || one.type === query.type) &&
            (query.actor === undefined || one.actor === query.actor),
        )
        .slice(0, query.limit),
    text: async (event, wanted) => events[event.seq - 1]?.texts[wanted],
    token: (kind, value) => `${kind} token of ${value.length} characters ${value.split('').reverse().join('')}`,
    verify: async () => ({ ok: true, eventCount: events.length, writers: [] }),
    close: async () => undefined,
  };
}
