/** Proves the ledger: every chain, every text, every search token, every state row, every head. */
import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { genesisHash, hashOf, sha256Hex } from './chain.ts';
import type { MasterKey } from './cipher.ts';
import { foldedState } from './folded-state.ts';
import type { HeadSeal } from './heads.ts';
import { type Seal, sealFault, sealType } from './keeping/seal.ts';
import type { VerifyReport } from './ledger.ts';
import { type EventTable, isMigratedWhole, type LedgerTables, type StateTable } from './schema.ts';
import type { SecondPlace } from './second-place/said.ts';
import { placeFault, placeSeen } from './second-place/seen.ts';
import { secretNames } from './secrets.ts';
import { blockOf, splitTokens } from './tokens.ts';
import { purgedRows, tokensDroppedType, tombstoneType } from './tombstone.ts';
import { dataKeyOpens, openText } from './vault.ts';

/** Rows read at once. */
const pageRows = 500;

export interface VerifyOptions {
  readonly master: MasterKey;
  readonly seal: HeadSeal;
  /** What the second place says; absent when there is none. */
  readonly second?: SecondPlace;
  /** The public key that the caller trusts: from the first signed seal on, every seal must be signed with it. */
  readonly trusted?: KeyObject | undefined;
  /** The database's own check of its pages; gives what it found wrong. */
  readonly integrity?: () => Promise<string | undefined>;
}

/** Where the ledger first does not hold. */
type Broken = NonNullable<VerifyReport['firstBroken']>;

/** What a walk over the chains counts, to be held against the other tables. */
interface Tally {
  events: number;
  eventsWithState: number;
  texts: number;
  tokens: number;
}

class Walk {
  readonly #db: Kysely<LedgerTables>;
  readonly #options: VerifyOptions;
  readonly #purged = new Set<string>();
  readonly #untokened = new Set<string>();
  readonly #seals: { readonly writer: string; readonly seq: number; readonly seal: Seal }[] = [];
  #block: { writer: string; block: number; bySeq: ReadonlyMap<number, readonly string[]> } | undefined;
  readonly tally: Tally = { events: 0, eventsWithState: 0, texts: 0, tokens: 0 };

  constructor(db: Kysely<LedgerTables>, options: VerifyOptions) {
    this.#db = db;
    this.#options = options;
  }

  /** Reads tombstones and seals; a false one would break the chain it stands in, which the walk then names. */
  async readSystem(): Promise<void> {
    const rows = await this.#db
      .selectFrom('event')
      .select(['writer', 'seq', 'type', 'data'])
      .where('stream', '=', 'system')
      .where('type', 'in', [tombstoneType, tokensDroppedType, sealType])
      .execute();
    for (const row of rows) {
      const { writer, seq } = row;
      if (!isJson(row.data)) continue;
      if (row.type === sealType) this.#seals.push({ writer, seq, seal: JSON.parse(row.data) as Seal });
      else {
        const gone = row.type === tombstoneType ? this.#purged : this.#untokened;
        for (const one of purgedRows(row.data)) gone.add(`${one.writer} ${one.seq}`);
      }
    }
  }

  /** Walks the chain of one writer up to its head. */
  async chain(writer: string): Promise<{ head: { seq: number; hash: string }; broken?: Broken }> {
    let head = { seq: 0, hash: genesisHash };
    const written = this.#secondHeads(writer);
    const open = blockOf(await this.#lastSeq(writer));
    for (;;) {
      const page = await this.#db
        .selectFrom('event')
        .selectAll()
        .where('writer', '=', writer)
        .where('seq', '>', head.seq)
        .orderBy('seq', 'asc')
        .limit(pageRows)
        .execute();
      for (const event of page) {
        const what = linkFault(event, head) ?? headFault(event, written);
        if (what !== undefined) return { head, broken: { writer, seq: head.seq + 1, what } };
        head = { seq: event.seq, hash: event.hash };
      }
      const broken = (await this.#texts(writer, page)) ?? (await this.#tokens(page, open));
      if (broken !== undefined) return { head, broken };
      if (page.length < pageRows) break;
    }
    const what = await this.#endFault(writer, head, written);
    return what === undefined ? { head } : { head, broken: { writer, seq: head.seq + 1, what } };
  }

  /** Where the chain ends by its events or by its head, whichever says more: the tokens of its last block are not indexed. */
  async #lastSeq(writer: string): Promise<number> {
    const seqs = ['event', 'head'] as const;
    const rows = await Promise.all(
      seqs.map((table) =>
        this.#db
          .selectFrom(table)
          .select((eb) => eb.fn.max<number>('seq').as('seq'))
          .where('writer', '=', writer)
          .executeTakeFirst(),
      ),
    );
    return Math.max(0, ...rows.map((row) => Number(row?.seq ?? 0)));
  }

  /** Heads of a chain that were written down elsewhere: in the second place, and in the daily seals of all chains. */
  #secondHeads(writer: string): Map<number, string> {
    const heads = [...(this.#options.second?.heads ?? []), ...this.#seals.flatMap((one) => one.seal.heads)];
    const own = new Map<number, string>();
    for (const { seq, hash } of heads.filter((head) => head.writer === writer)) {
      // Of two that differ, one was made by a chain that is no longer there, and no row can be both.
      own.set(seq, (own.get(seq) ?? hash) === hash ? hash : 'two');
    }
    return own;
  }

  /** How many seals are signed, and the first whose signature does not hold for the key that the caller trusts. */
  signatures(trusted: KeyObject): { readonly seals: NonNullable<VerifyReport['seals']>; readonly broken?: Broken } {
    const inOrder = this.#seals.toSorted((a, b) => (a.seal.day < b.seal.day ? -1 : 1));
    const first = inOrder.findIndex((one) => one.seal.signature !== undefined);
    const signed = first < 0 ? [] : inOrder.slice(first);
    const seals = { count: inOrder.length, signedCount: signed.length };
    for (const { writer, seq, seal } of signed) {
      const what = sealFault(seal, trusted);
      if (what !== undefined) return { seals, broken: { writer, seq, what } };
    }
    return { seals };
  }

  async #endFault(
    writer: string,
    head: { seq: number; hash: string },
    written: ReadonlyMap<number, string>,
  ): Promise<string | undefined> {
    for (const seq of written.keys()) {
      if (seq > head.seq) return 'the tail is cut: the second place or a seal knows a later row';
    }
    const { second, seal } = this.#options;
    if (second !== undefined && !second.heads.some((known) => known.writer === writer))
      return 'the second place knows nothing of this chain';
    const row = await this.#db.selectFrom('head').selectAll().where('writer', '=', writer).executeTakeFirst();
    if (row === undefined) return head.seq === 0 ? undefined : 'the head is missing';
    if (!seal.holds(writer, { seq: row.seq, hash: row.hash }, row.mac)) return 'the head is not authentic';
    if (row.seq > head.seq) return 'the tail is cut: the head knows a later row';
    return row.seq === head.seq && row.hash === head.hash ? undefined : 'the head is not the last row';
  }

  /** Each ciphertext has the digest that the chain holds, and opens: a key of the same place may be another text's. */
  async #texts(writer: string, page: readonly EventTable[]): Promise<Broken | undefined> {
    const first = page[0];
    const last = page.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const rows = await this.#db
      .selectFrom('text')
      .select(['seq', 'name', 'key_id', 'ciphertext', 'master_id', 'wrapped'])
      .where('writer', '=', writer)
      .where('seq', '>=', first.seq)
      .where('seq', '<=', last.seq)
      .execute();
    const found = new Map(rows.map((row) => [`${row.seq} ${row.name}`, row]));
    for (const event of page) {
      if (event.texts === null) continue;
      for (const [name, digest] of Object.entries(JSON.parse(event.texts) as Record<string, string>)) {
        const row = found.get(`${event.seq} ${name}`);
        this.tally.texts += 1;
        const broken = (what: string): Broken => ({ writer, seq: event.seq, what });
        if (this.#purged.has(`${writer} ${event.seq}`)) {
          if (row !== undefined) return broken('a text is there although it was purged');
          this.tally.texts -= 1;
          continue;
        }
        if (row === undefined) return broken('a text is missing');
        if (sha256Hex(row.ciphertext) !== digest) return broken('a text was changed');
        const { key_id: keyId, master_id: masterId, wrapped: wrappedKey, ciphertext } = row;
        const sealed = { keyId, masterId, wrappedKey, ciphertext };
        const place = { writer, seq: event.seq, name };
        const { master } = this.#options;
        if (!dataKeyOpens(sealed, place, master)) return broken('the key of a text does not open');
        if (openText(sealed, place, master) === undefined) return broken('a text does not open with its key');
      }
    }
    return undefined;
  }

  /** The search index holds the tokens of each event of a block that is full, and no others. */
  async #tokens(page: readonly EventTable[], open: number): Promise<Broken | undefined> {
    for (const event of page) {
      this.tally.events += 1;
      if (event.state !== null) this.tally.eventsWithState += 1;
      const indexed = await this.#indexed(event.writer, event.seq);
      const broken = (what: string): Broken => ({ writer: event.writer, seq: event.seq, what });
      const place = `${event.writer} ${event.seq}`;
      const mayBeGone = event.tokens_sha256 === null || this.#purged.has(place) || this.#untokened.has(place);
      if (event.tokens === null && mayBeGone && indexed.length === 0) continue;
      if (this.#untokened.has(place) || this.#purged.has(place)) {
        return broken('a search token is there although it was removed');
      }
      if (!isBytes(event.tokens) || sha256Hex(event.tokens) !== event.tokens_sha256) {
        return broken('the search tokens were changed');
      }
      const isFull = blockOf(event.seq) < open;
      const own = isFull ? splitTokens(event.tokens).map((token) => Buffer.from(token).toString('hex')) : [];
      if (own.toSorted().join() !== indexed.toSorted().join()) return broken('the search index is not that of the row');
      this.tally.tokens += own.length;
    }
    return undefined;
  }

  /** The indexed tokens of a row as lower-case hex; a block is read once. */
  async #indexed(writer: string, seq: number): Promise<readonly string[]> {
    const block = blockOf(seq);
    if (this.#block?.writer !== writer || this.#block.block !== block) {
      const rows = await this.#db
        .selectFrom('token')
        .select(['seq', 'token'])
        .where('writer', '=', writer)
        .where('block', '=', block)
        .execute();
      const bySeq = new Map<number, string[]>();
      for (const row of rows) {
        // Letters with the same bytes are no token: no search finds them.
        const hex = isBytes(row.token) ? Buffer.from(row.token).toString('hex') : '';
        const own = bySeq.get(row.seq);
        if (own === undefined) bySeq.set(row.seq, [hex]);
        else own.push(hex);
      }
      this.#block = { writer, block, bySeq };
    }
    return this.#block.bySeq.get(seq) ?? [];
  }
}

/** SQLite keeps in any column what it is given, whatever the column was made for. */
function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function linkFault(event: EventTable, before: { seq: number; hash: string }): string | undefined {
  if (event.seq !== before.seq + 1) return 'a row is missing';
  if (event.prev !== before.hash) return 'the row does not follow the one before it';
  const hash = hashOf(event.prev, {
    writer: event.writer,
    seq: event.seq,
    stream: event.stream,
    id: event.id,
    version: event.version,
    type: event.type,
    atMs: event.at_ms,
    monoMs: event.mono_ms,
    actor: event.actor,
    data: event.data,
    state: event.state,
    texts: event.texts,
    tokensSha256: event.tokens_sha256,
  });
  return hash === event.hash ? undefined : 'the row was changed';
}

function headFault(event: EventTable, written: ReadonlyMap<number, string>): string | undefined {
  const known = written.get(event.seq);
  return known === undefined || known === event.hash ? undefined : 'the second place knows another row';
}

function sameRow(a: StateTable, b: StateTable): boolean {
  return Object.entries(a).every(([name, value]) => b[name as keyof StateTable] === value);
}

/** Holds every state row against the events it was made by. */
async function statesFault(db: Kysely<LedgerTables>, eventsWithState: number): Promise<Broken | undefined> {
  let after = { stream: '', id: '' };
  let seen = 0;
  for (;;) {
    const page = await db
      .selectFrom('state')
      .selectAll()
      .where((eb) =>
        eb.or([eb('stream', '>', after.stream), eb.and([eb('stream', '=', after.stream), eb('id', '>', after.id)])]),
      )
      .orderBy('stream')
      .orderBy('id')
      .limit(pageRows)
      .execute();
    for (const [stream, rows] of Map.groupBy(page, (row) => row.stream)) {
      const ids = rows.map((row) => row.id);
      const events = await db
        .selectFrom('event')
        .selectAll()
        .where('stream', '=', stream)
        .where('id', 'in', ids)
        .orderBy('version')
        .execute();
      const byThing = Map.groupBy(events, (event) => event.id);
      for (const row of rows) {
        const own = byThing.get(row.id) ?? [];
        const folded = foldedState(own);
        const last = own.at(-1);
        if (folded === undefined || !sameRow(folded, row) || (row.settled !== 0 && row.settled !== 1)) {
          return {
            writer: last?.writer ?? '',
            seq: last?.seq ?? 0,
            what: 'a state row does not follow from its events',
          };
        }
        seen += own.filter((event) => event.state !== null).length;
      }
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageRows) break;
    after = { stream: last.stream, id: last.id };
  }
  return seen === eventsWithState ? undefined : { writer: '', seq: 0, what: 'a state row is missing' };
}

async function countsFault(db: Kysely<LedgerTables>, tally: Tally): Promise<Broken | undefined> {
  const count = async (table: 'text' | 'token'): Promise<number> => {
    const row = await db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow();
    return Number(row.n);
  };
  const surplus = (what: string): Broken => ({ writer: '', seq: 0, what });
  if ((await count('text')) !== tally.texts) return surplus('there is a text that no event names');
  if ((await count('token')) !== tally.tokens) return surplus('there is a search token that no event names');
  const secrets = await db.selectFrom('secret').select('name').execute();
  if (secrets.length !== secretNames.length) return surplus('there is a secret that this ledger did not make');
  if (!(await isMigratedWhole(db))) return surplus('the book of migrations is not that of this version');
  return undefined;
}

/** Walks everything and gives what it found; `firstBroken` names the first link that does not hold. */
export async function verifyLedger(db: Kysely<LedgerTables>, options: VerifyOptions): Promise<VerifyReport> {
  const walk = new Walk(db, options);
  await walk.readSystem();
  const writers: VerifyReport['writers'][number][] = [];
  let broken: Broken | undefined;
  for (const writer of await writersOf(db, options)) {
    const { head, broken: here } = await walk.chain(writer);
    writers.push({ writer, ...head });
    broken ??= here;
  }
  broken ??= options.second === undefined ? undefined : placeFault(options.second);
  const signatures = options.trusted === undefined ? undefined : walk.signatures(options.trusted);
  broken ??= signatures?.broken;
  broken ??= await statesFault(db, walk.tally.eventsWithState);
  broken ??= await countsFault(db, walk.tally);
  const page = broken === undefined ? await options.integrity?.() : undefined;
  if (page !== undefined) broken = { writer: '', seq: 0, what: page };
  const eventCount = writers.reduce((sum, writer) => sum + writer.seq, 0);
  return {
    ok: broken === undefined,
    eventCount,
    writers,
    ...(options.second === undefined ? {} : await placeSeen(db, options.second)),
    ...(signatures === undefined ? {} : { seals: signatures.seals }),
    ...(broken === undefined ? {} : { firstBroken: broken }),
  };
}

async function writersOf(db: Kysely<LedgerTables>, options: VerifyOptions): Promise<readonly string[]> {
  const events = await db.selectFrom('event').select('writer').distinct().execute();
  const heads = await db.selectFrom('head').select('writer').execute();
  const written = options.second?.heads ?? [];
  return [...new Set([...events, ...heads, ...written].map((row) => row.writer))].sort();
}
