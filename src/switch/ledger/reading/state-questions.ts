/** Questions about the state table, put so that an index answers each of them in both databases, be there ever so many rows. */
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { StateQuery } from '../ledger.ts';
import type { LedgerTables, StateTable } from '../schema.ts';

type StateRows = SelectQueryBuilder<LedgerTables, 'state', StateTable>;

/** A word as rows hold it (see prepare.ts): PostgreSQL does not even take a question with a NUL in it. */
export function asKept(word: string): string {
  return word.toWellFormed().replaceAll('\0', '\ufffd');
}

/** Statuses up to this many say which things are meant; more of them leave few things out. */
const tellingStatuses = 4;

/** The rows that a question is about, in its order, and sometimes one twice. `limit` is that of the question, in bounds. */
export async function askStates(db: Kysely<LedgerTables>, query: StateQuery, limit: number): Promise<StateTable[]> {
  const ask = (part: StateQuery): StateRows =>
    ordered(narrowed(db.selectFrom('state').selectAll('state'), part), query.order).limit(limit);
  const statuses = statusesApart(query);
  if (statuses !== undefined)
    return askEach(db, { query, limit, parts: statuses.map((one) => ask({ ...query, status: [one] })) });
  if (isAnsweredWhole(query)) return ask(query).execute();
  const settled = sql.ref('settled');
  // The new ones first: a row that is settled meanwhile is then seen twice, and not passed over.
  const fresh = await ask(query).where(settled, '=', sql.lit(0)).execute();
  const old = await ask(query).where(settled, '=', sql.lit(1)).execute();
  return [...fresh, ...old];
}

/**
 * One question for each status, which the index by status has in the order asked for: of all of them together it would have
 * to read every row. It is one statement, so that a thing which moves from one status to another meanwhile is not missed.
 */
async function askEach(
  db: Kysely<LedgerTables>,
  { query, limit, parts }: { readonly query: StateQuery; readonly limit: number; readonly parts: readonly StateRows[] },
): Promise<StateTable[]> {
  // SQLite takes no limit on a part of a union but within a question of its own.
  const [first, ...others] = parts.map((part) => db.selectFrom(part.as('part')).selectAll());
  if (first === undefined) return [];
  if (others.length === 0) return first.execute();
  const all = others.reduce((union, part) => union.unionAll(part), first);
  const rows = db.selectFrom(all.as('state')).selectAll() as unknown as StateRows;
  return ordered(rows, query.order).limit(limit).execute();
}

/**
 * The statuses to be asked for one by one, if any. Where key, ORI or OSN is given too, and so many statuses that they leave
 * few things out, the index by that column finds them.
 */
function statusesApart({ status, key, ori, osn, link, parent }: StateQuery): readonly string[] | undefined {
  if (status === undefined || parent !== undefined || link !== undefined) return undefined;
  const isColumnGiven = key !== undefined || ori !== undefined || osn !== undefined;
  return isColumnGiven && status.length > tellingStatuses ? undefined : [...new Set(status)];
}

/** Whether an index that has every row at once answers: those by link, parent and due time. */
function isAnsweredWhole({ link, parent, order, dueAtOrBeforeMs }: StateQuery): boolean {
  return link !== undefined || parent !== undefined || order === 'due' || dueAtOrBeforeMs !== undefined;
}

/** The conditions of a question, over the state table. `untilMs` itself is not included. */
export function narrowed(rows: StateRows, query: StateQuery): StateRows {
  let narrowing = rows.where('state.stream', '=', query.stream);
  const [one, ...others] = query.status ?? [];
  if (one !== undefined && others.length === 0) narrowing = narrowing.where('status', '=', asKept(one));
  else if (query.status !== undefined) narrowing = narrowing.where('status', 'in', query.status.map(asKept));
  for (const column of ['key', 'ori', 'osn', 'link', 'parent'] as const) {
    const value = query[column];
    if (value !== undefined) narrowing = narrowing.where(column, '=', asKept(value));
  }
  if (query.dueAtOrBeforeMs !== undefined) narrowing = narrowing.where('due_at_ms', '<=', query.dueAtOrBeforeMs);
  if (query.fromMs !== undefined) narrowing = narrowing.where('created_at_ms', '>=', query.fromMs);
  if (query.untilMs !== undefined) narrowing = narrowing.where('created_at_ms', '<', query.untilMs);
  return narrowing;
}

function ordered(rows: StateRows, order: StateQuery['order']): StateRows {
  if (order === 'oldest') return rows.orderBy('created_at_ms', 'asc').orderBy('state.id', 'asc');
  if (order === 'due') {
    return rows.where('due_at_ms', 'is not', null).orderBy('due_at_ms', 'asc').orderBy('state.id', 'asc');
  }
  return rows.orderBy('created_at_ms', 'desc').orderBy('state.id', 'desc');
}

/** Rows in the order of a question. */
export function inOrder(rows: readonly StateTable[], order: StateQuery['order']): readonly StateTable[] {
  const at = (row: StateTable): number => (order === 'due' ? (row.due_at_ms ?? 0) : row.created_at_ms);
  const sorted = rows.toSorted((a, b) => at(a) - at(b) || (a.id < b.id ? -1 : 1));
  return order === 'oldest' || order === 'due' ? sorted : sorted.reverse();
}
