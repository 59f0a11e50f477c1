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
  Stream,
  TokenKind,
  Unit,
  VerifyReport,
} from '../../src/switch/ledger/ledger.ts';

export interface MemoryLedger extends Ledger {
  /** While true, nothing is kept, as on a full disk. */
  failing: boolean;
}

type Kept = StoredEvent & { readonly texts: Readonly<Record<string, Uint8Array>> };
type Row = StoredState & { readonly tokens: Entry['tokens']; readonly order: number };

const name = (stream: string, id: string): string => `${stream} ${id}`;

function fits(row: Row, query: StateQuery): boolean {
  const columns = ['stream', 'key', 'ori', 'osn', 'link', 'parent'] as const;
  return (
    columns.every((one) => query[one] === undefined || query[one] === row[one]) &&
    (query.status === undefined || query.status.includes(row.status)) &&
    (query.dueAtOrBeforeMs === undefined || (row.dueAtMs ?? Number.POSITIVE_INFINITY) <= query.dueAtOrBeforeMs) &&
    (query.fromMs === undefined || row.createdAtMs >= query.fromMs) &&
    (query.untilMs === undefined || row.createdAtMs <= query.untilMs) &&
    (query.token === undefined ||
      (row.tokens ?? []).some((one) => one.kind === query.token?.kind && one.value === query.token.value))
  );
}

class InMemory implements MemoryLedger {
  failing = false;
  readonly #events: Kept[] = [];
  readonly #rows = new Map<string, Row>();
  readonly #versions = new Map<string, number>();

  async append(units: readonly Unit[]): Promise<readonly Receipt[]> {
    if (this.failing) throw new HitlineError('LEDGER_FAILED');
    return units.map((unit): Receipt => {
      const conflict = this.#conflictOf(unit);
      if (conflict !== undefined) return { ok: false, code: 'CONFLICT', stream: conflict.stream, id: conflict.id };
      return { ok: true, entries: unit.entries.map((entry) => this.#keep(entry)) };
    });
  }
  async state(stream: Stream, id: string): Promise<StoredState | undefined> {
    return this.#rows.get(name(stream, id));
  }
  async states(query: StateQuery): Promise<readonly StoredState[]> {
    const found = [...this.#rows.values()].filter((row) => fits(row, query));
    if (query.order === 'due') found.sort((a, b) => (a.dueAtMs ?? 0) - (b.dueAtMs ?? 0));
    else found.sort((a, b) => (query.order === 'newest' ? b.order - a.order : a.order - b.order));
    return found.slice(0, query.limit);
  }
  async history(stream: Stream, id: string): Promise<readonly StoredEvent[]> {
    return this.#events.filter((one) => one.stream === stream && one.id === id);
  }
  async events(query: EventQuery): Promise<readonly StoredEvent[]> {
    const columns = ['stream', 'type', 'actor'] as const;
    const { fromMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = query;
    const found = this.#events.filter(
      (event) =>
        event.atMs >= fromMs &&
        event.atMs < untilMs &&
        columns.every((one) => query[one] === undefined || query[one] === event[one]),
    );
    return found.slice(0, query.limit);
  }
  async text(event: { readonly seq: number }, wanted: string): Promise<Uint8Array | undefined> {
    return this.#events[event.seq - 1]?.texts[wanted];
  }
  token(kind: TokenKind, value: string): string {
    return `${kind} token of ${[...value].reverse().join('')}`;
  }
  async verify(): Promise<VerifyReport> {
    return { ok: true, eventCount: this.#events.length, writers: [] };
  }
  async close(): Promise<void> {}

  #conflictOf(unit: Unit): { readonly stream: Stream; readonly id: string } | undefined {
    const seen = new Map(this.#versions);
    const versionOf = (one: { stream: Stream; id: string }): number => seen.get(name(one.stream, one.id)) ?? 0;
    for (const guard of unit.guards ?? []) if (versionOf(guard) !== guard.version) return guard;
    for (const entry of unit.entries) {
      if (versionOf(entry) !== entry.version - 1) return entry;
      seen.set(name(entry.stream, entry.id), entry.version);
    }
    return undefined;
  }

  #keep(entry: Entry): { writer: string; seq: number } {
    const { stream, id, version, state, texts = {}, tokens, ...rest } = entry;
    const seq = this.#events.length + 1;
    this.#events.push({ writer: 'A', seq, stream, id, version, ...rest, textNames: Object.keys(texts), texts });
    this.#versions.set(name(stream, id), version);
    const before = this.#rows.get(name(stream, id));
    if (state !== undefined) {
      const times = { createdAtMs: before?.createdAtMs ?? entry.atMs, updatedAtMs: entry.atMs };
      const more = { tokens: tokens ?? before?.tokens, order: before?.order ?? seq };
      this.#rows.set(name(stream, id), { ...state, stream, id, version, ...times, ...more });
    }
    return { writer: 'A', seq };
  }
}

/** Makes an empty one. */
export function memoryLedger(): MemoryLedger {
  return new InMemory();
}
