/** Everything that is read from the ledger, for both databases. */
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import { HitlineError } from '../../faults/fault.ts';
import type { MasterKey } from './cipher.ts';
import type { PacketRow, PacketText, PacketThing } from './keeping/packet.ts';
import type { PurgeableRow, PurgeQuery } from './keeping/purge.ts';
import type { SealedHead } from './keeping/seal.ts';
import {
  type EventQuery,
  type JsonObject,
  type StateQuery,
  type StoredEvent,
  type StoredState,
  type Stream,
  streams,
} from './ledger.ts';
import { asKept, askStates, inOrder, narrowed } from './reading/state-questions.ts';
import { clearText, sealedText, type TextRow } from './reading/text-rows.ts';
import { type EventTable, type LedgerTables, machineActor, type StateTable } from './schema.ts';
import { blockOf, blockRows, hasToken, type Tokens } from './tokens.ts';
import { exportDataKey, type TextPlace } from './vault.ts';

/** The most rows one question gives. */
export const rowsMax = 5_000;

function storedState(row: StateTable): StoredState {
  return {
    stream: row.stream as Stream,
    id: row.id,
    version: row.version,
    status: row.status,
    ...(row.key === null ? {} : { key: row.key }),
    ...(row.ori === null ? {} : { ori: row.ori }),
    ...(row.osn === null ? {} : { osn: row.osn }),
    ...(row.link === null ? {} : { link: row.link }),
    ...(row.parent === null ? {} : { parent: row.parent }),
    ...(row.due_at_ms === null ? {} : { dueAtMs: row.due_at_ms }),
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    body: JSON.parse(row.body) as JsonObject,
  };
}

function storedEvent(row: EventTable): StoredEvent {
  return {
    writer: row.writer,
    seq: row.seq,
    stream: row.stream as Stream,
    id: row.id,
    version: row.version,
    type: row.type,
    atMs: row.at_ms,
    monoMs: row.mono_ms,
    actor: row.actor,
    data: JSON.parse(row.data) as JsonObject,
    textNames: row.texts === null ? [] : Object.keys(JSON.parse(row.texts) as object),
  };
}

function rowLimit(limit: number): number {
  return Math.max(0, Math.min(Math.floor(limit), rowsMax));
}

/** Events that fit a question, the newest first. */
function newestEvents(db: Kysely<LedgerTables>, query: EventQuery) {
  let rows = db.selectFrom('event').selectAll();
  for (const column of ['stream', 'type', 'actor'] as const) {
    const value = query[column];
    if (value !== undefined) rows = rows.where(column, '=', asKept(value));
  }
  if (query.actor !== undefined && query.actor !== machineActor) {
    // Said in so many words, because only then may the database use its index of the actors that are no machine.
    rows = rows.where('actor', '<>', sql.lit(machineActor));
  }
  if (query.fromMs !== undefined) rows = rows.where('at_ms', '>=', query.fromMs);
  if (query.untilMs !== undefined) rows = rows.where('at_ms', '<', query.untilMs);
  return rows.orderBy('at_ms', 'desc').orderBy('writer', 'desc').orderBy('seq', 'desc');
}

/** Reads through one connection that writes nothing. */
export class LedgerReader {
  readonly #db: Kysely<LedgerTables>;
  readonly #master: MasterKey;
  readonly #tokens: Tokens;
  readonly #isServer: boolean;

  /** A server is asked to look for tokens itself where it must, or it would send the tokens of a whole block. */
  constructor(
    db: Kysely<LedgerTables>,
    keys: { readonly master: MasterKey; readonly tokens: Tokens; readonly isServer?: boolean },
  ) {
    this.#isServer = keys.isServer === true;
    this.#db = db;
    this.#master = keys.master;
    this.#tokens = keys.tokens;
  }

  async state(stream: Stream, id: string): Promise<StoredState | undefined> {
    const row = await this.#db
      .selectFrom('state')
      .selectAll()
      .where('stream', '=', stream)
      .where('id', '=', asKept(id))
      .executeTakeFirst();
    return row === undefined ? undefined : storedState(row);
  }

  async states(query: StateQuery): Promise<readonly StoredState[]> {
    const limit = rowLimit(query.limit);
    if (limit === 0 || query.status?.length === 0) return [];
    if (query.token !== undefined) return this.#byToken(query, limit);
    const found = new Map((await askStates(this.#db, query, limit)).map((row) => [row.id, row]));
    return inOrder([...found.values()], query.order)
      .slice(0, limit)
      .map(storedState);
  }

  async history(stream: Stream, id: string): Promise<readonly StoredEvent[]> {
    const rows = await this.#db
      .selectFrom('event')
      .selectAll()
      .where('stream', '=', stream)
      .where('id', '=', asKept(id))
      .orderBy('version', 'asc')
      .execute();
    return rows.map(storedEvent);
  }

  /** Newest first. */
  async events(query: EventQuery): Promise<readonly StoredEvent[]> {
    const { stream, actor } = query;
    const limit = rowLimit(query.limit);
    // The indexes begin with the stream or the actor: without either each stream is asked for its newest.
    const isIndexed = stream !== undefined || (actor !== undefined && actor !== machineActor);
    const parts = (isIndexed ? [query] : streams.map((one) => ({ ...query, stream: one }))).map((part) =>
      this.#db.selectFrom(newestEvents(this.#db, part).limit(limit).as('part')).selectAll(),
    );
    const [first, ...others] = parts;
    if (first === undefined) return [];
    const all = others.reduce((union, part) => union.unionAll(part), first);
    const rows = this.#db.selectFrom(all.as('event')).selectAll();
    const newest = rows.orderBy('at_ms', 'desc').orderBy('writer', 'desc').orderBy('seq', 'desc').limit(limit);
    return (await newest.execute()).map(storedEvent);
  }

  /** When the oldest row of any chain was filed. */
  async firstAtMs(): Promise<number | undefined> {
    const writers = await this.#db.selectFrom('head').select('writer').execute();
    const names = writers.map((row) => row.writer);
    if (names.length === 0) return undefined;
    const firsts = await this.#db
      .selectFrom('event')
      .select('at_ms')
      .where('writer', 'in', names)
      .where('seq', '=', 1)
      .execute();
    return firsts.length === 0 ? undefined : Math.min(...firsts.map((row) => row.at_ms));
  }

  /** Where every chain stands, by the name of its writer. */
  async chainHeads(): Promise<readonly SealedHead[]> {
    const rows = await this.#db.selectFrom('head').select(['writer', 'seq', 'hash']).orderBy('writer').execute();
    return rows.map(({ writer, seq, hash }) => ({ writer, seq: Number(seq), hash }));
  }

  /** All rows of these things with their texts and all that proves them, in the order of each chain. */
  async packetRows(things: readonly PacketThing[]): Promise<readonly PacketRow[]> {
    const rows: PacketRow[] = [];
    for (const { stream, below, ...thing } of things) {
      const id = asKept(thing.id);
      const ofStream = this.#db.selectFrom('event').selectAll().where('stream', '=', stream);
      // '0' is the character after '/', and both databases compare by bytes.
      const own =
        below === true
          ? ofStream.where('id', '>=', `${id}/`).where('id', '<', `${id}0`)
          : ofStream.where('id', '=', id);
      const events = await own
        .orderBy('id')
        .orderBy('version')
        .limit(rowsMax + 1)
        .execute();
      // A packet that leaves something out proves nothing.
      if (events.length > rowsMax) throw new HitlineError('PACKET_TOO_LARGE');
      for (const event of events) rows.push(await this.#packetRow(event));
    }
    return rows;
  }

  async #packetRow(event: EventTable): Promise<PacketRow> {
    const { at_ms: atMs, mono_ms: monoMs, tokens_sha256: tokensSha256, tokens: _tokens, ...same } = event;
    const content: PacketText[] = [];
    for (const name of Object.keys(JSON.parse(event.texts ?? '{}') as object)) {
      const place = { writer: event.writer, seq: event.seq, name };
      const row = await this.#textRow(place);
      if (row === undefined) continue;
      const sealed = sealedText(row);
      const clear = clearText(row, place, this.#master);
      const dataKey = exportDataKey(sealed, place, this.#master);
      if (dataKey === undefined) throw new HitlineError('LEDGER_BROKEN', { detail: 'A text does not open.' });
      const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
      const { keyId } = sealed;
      content.push({
        name,
        keyId,
        dataKey: base64(dataKey),
        ciphertext: base64(sealed.ciphertext),
        clear: base64(clear),
      });
    }
    return { ...same, atMs, monoMs, tokensSha256, content };
  }

  async #textRow({ writer, seq, name }: TextPlace): Promise<TextRow | undefined> {
    return this.#db
      .selectFrom('text')
      .select(['key_id', 'ciphertext', 'master_id', 'wrapped'])
      .where('writer', '=', writer)
      .where('seq', '=', seq)
      .where('name', '=', name)
      .executeTakeFirst();
  }

  /** Rows of a stream filed before a moment that still have texts or search tokens, the oldest first. */
  async purgeable(query: PurgeQuery): Promise<readonly PurgeableRow[]> {
    return this.#db
      .selectFrom('event')
      .select(['event.writer', 'event.seq', 'stream', 'id', 'at_ms as atMs'])
      .where('stream', '=', query.stream)
      .where('at_ms', '>=', query.fromMs ?? Number.MIN_SAFE_INTEGER)
      .where('at_ms', '<', query.beforeMs)
      .where(notInUse)
      .where((eb) =>
        eb.or([
          eb('tokens', 'is not', null),
          eb.exists(
            eb
              .selectFrom('text')
              .select('text.name')
              .whereRef('text.writer', '=', 'event.writer')
              .whereRef('text.seq', '=', 'event.seq'),
          ),
        ]),
      )
      .orderBy('at_ms')
      .limit(rowLimit(query.limit))
      .execute();
  }

  /**
   * Looks block by block in the order of filing, the newest first, so that the common question touches few of them; the
   * open block is in no index yet, and its events are looked through. What was found is then put in the order asked for.
   */
  async #byToken(query: StateQuery, limit: number): Promise<readonly StoredState[]> {
    const heads = await this.#db.selectFrom('head').select(['writer', 'seq']).execute();
    const found = new Map<string, StateTable>();
    for (const head of heads) {
      for (const row of await this.#byTokenOf(head, query, limit)) found.set(row.id, row);
    }
    return inOrder([...found.values()], query.order)
      .slice(0, limit)
      .map(storedState);
  }

  async #byTokenOf(head: { writer: string; seq: number }, query: StateQuery, limit: number): Promise<StateTable[]> {
    const { token } = query;
    if (token === undefined) return [];
    const digest = this.#tokens.of(token.kind, token.value);
    const found = new Map<string, StateTable>();
    const oldestFirst = query.order === 'oldest';
    for await (const marked of this.#marked(head, digest, oldestFirst)) {
      const seqs = marked.map((row) => row.seq).sort((a, b) => (oldestFirst ? a - b : b - a));
      for (let from = 0; from < seqs.length; from += seqsAtOnce) {
        const rows = await this.#sideBySide(seqs.slice(from, from + seqsAtOnce), (some) =>
          this.#statesOf(head.writer, some, query),
        );
        for (const row of rows) found.set(row.id, row);
        if (found.size >= limit && query.order !== 'due') return [...found.values()];
      }
    }
    return [...found.values()];
  }

  /** Portions of the rows that bear a token, in the order of filing or against it. */
  async *#marked(
    head: { writer: string; seq: number },
    token: Uint8Array,
    oldestFirst: boolean,
  ): AsyncGenerator<readonly { readonly seq: number }[]> {
    const open = blockOf(head.seq);
    if (!oldestFirst) yield this.#markedFrom(head.writer, open * blockRows, token);
    for (const blocks of blocksBefore(open, oldestFirst, this.#isServer ? serverPortions : filePortions)) {
      yield await this.#sideBySide(blocks, (some) =>
        this.#db
          .selectFrom('token')
          .select('seq')
          .where('writer', '=', head.writer)
          .where(this.#among('block', some))
          .where('token', '=', token)
          .execute(),
      );
    }
    if (oldestFirst) yield this.#markedFrom(head.writer, open * blockRows, token);
  }

  /** A server takes a list as one value; to read hundreds of them one by one takes it longer than to look them up. */
  #among(column: 'block' | 'seq' | 'state.id', values: readonly (number | string)[]) {
    if (this.#isServer) return sql<boolean>`${sql.ref(column)} = any(${values})`;
    return sql<boolean>`${sql.ref(column)} in (${sql.join(values)})`;
  }

  /** Asks a server in several connections at once: where an index is not in memory, most of a search is waiting for a disk. */
  async #sideBySide<Row>(
    all: readonly number[],
    ask: (some: readonly number[]) => Promise<readonly Row[]>,
  ): Promise<readonly Row[]> {
    const size = this.#isServer ? Math.max(sliceMin, Math.ceil(all.length / slicesMax)) : all.length;
    const slices = Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
    return (await Promise.all(slices.map(ask))).flat();
  }

  /** Looks through the events themselves, up to the newest: what was filed meanwhile is found too. */
  async #markedFrom(writer: string, seq: number, token: Uint8Array): Promise<readonly { readonly seq: number }[]> {
    let marked = this.#db
      .selectFrom('event')
      .select(['seq', 'tokens'])
      .where('writer', '=', writer)
      .where('seq', '>=', seq)
      .where('tokens', 'is not', null);
    // It may also find the end of one token and the beginning of the next.
    if (this.#isServer) marked = marked.where(sql<boolean>`position(${token}::bytea in tokens) > 0`);
    const rows = await marked.execute();
    return rows.filter((row) => row.tokens !== null && hasToken(row.tokens, token));
  }

  /** The rows of the things that these events moved, as far as the question asks for them. */
  async #statesOf(writer: string, seqs: readonly number[], query: StateQuery): Promise<readonly StateTable[]> {
    const events = await this.#db
      .selectFrom('event')
      .select(['stream', 'id'])
      .where('writer', '=', writer)
      .where(this.#among('seq', seqs))
      .execute();
    const ids = new Set(events.filter((event) => event.stream === query.stream).map((event) => event.id));
    if (ids.size === 0) return [];
    const rows = this.#db
      .selectFrom('state')
      .selectAll('state')
      .where(this.#among('state.id', [...ids]));
    return narrowed(rows, query).execute();
  }
}

/** Not the hash that somebody still logs on with: it may go only when a newer one stands. */
function notInUse(eb: ExpressionBuilder<LedgerTables, 'event'>) {
  const newer = eb
    .selectFrom('event as later')
    .select('later.seq')
    .whereRef('later.stream', '=', 'event.stream')
    .whereRef('later.id', '=', 'event.id')
    .whereRef('later.version', '>', 'event.version')
    .where('later.texts', 'like', '%"hash":%');
  return eb.or([
    eb('event.stream', '<>', 'person'),
    eb('event.texts', 'not like', '%"hash":%'),
    eb('event.texts', 'is', null),
    eb.exists(newer),
  ]);
}

/** How many marked rows are looked at in one question. */
const seqsAtOnce = 500;

/** Into how many questions one to a server is cut, and what is too little to be cut. */
const slicesMax = 4;
const sliceMin = 32;

/** How many times as many blocks the next question is about, and how many at most. A server is further away than a file. */
interface Portions {
  readonly growth: number;
  readonly blocksMax: number;
}
const filePortions: Portions = { growth: 2, blocksMax: 512 };
const serverPortions: Portions = { growth: 8, blocksMax: 1_024 };

/** The numbers of the blocks before an open one, in growing portions: few at first, because most answers are near. */
function* blocksBefore(open: number, oldestFirst: boolean, { growth, blocksMax }: Portions): Generator<number[]> {
  const all = Array.from({ length: open }, (_, block) => block);
  if (!oldestFirst) all.reverse();
  let size = 16;
  for (let from = 0; from < all.length; size = Math.min(size * growth, blocksMax)) {
    yield all.slice(from, from + size);
    from += size;
  }
}
