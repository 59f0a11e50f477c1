/**
 * A ledger with somebody's hands in it: a byte changed in any column of any table, a row deleted, the newest too, two
 * swapped, one added, tails cut, an older state put back, all written anew with a correct chain, pages damaged. `verify` must
 * name every one of them.
 */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { hashOf } from '../../src/switch/ledger/chain.ts';
import { openMasterKey } from '../../src/switch/ledger/cipher.ts';
import { foldedState } from '../../src/switch/ledger/folded-state.ts';
import type { EventTable } from '../../src/switch/ledger/schema.ts';
import { readHeads } from '../../src/switch/ledger/second-place/reading.ts';
import { proveFile } from '../../src/switch/ledger/sqlite/prove-file.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { startCluster } from '../switch/ledger/postgres-cluster.ts';
import { masterKey, sqliteHouse } from '../switch/ledger/sqlite-house.ts';
import type { Torture } from './torture.ts';
import { fillBlock, fillLedger, hasPostgres, postgresHouse, type VandalHouse } from './vandal/filled-ledger.ts';
import { add, type Grip, gripFile, type Row, remove, type Table, update, type Value } from './vandal/vandal.ts';

/** How often each column is changed, and each thing done to each table. */
interface Zeal {
  readonly perColumn: number;
  readonly perTable: number;
  readonly perLedger: number;
}

export async function run(torture: Torture): Promise<void> {
  const { short } = torture;
  const zeal: Zeal = short
    ? { perColumn: 1, perTable: 1, perLedger: 1 }
    : { perColumn: 12, perTable: 8, perLedger: 10 };
  await torture.attempt('SQLite: whatever is done to a row is named', () =>
    inHouse(fileHouse(), (grip, house) => vandalise(torture, { grip, zeal, oldHeads: house.oldHeads })),
  );
  await torture.attempt('SQLite: whatever is done to a page is named, or changes nothing that is kept', () =>
    pages(torture, short ? 60 : 2_000),
  );
  if (!hasPostgres()) {
    torture.note('PostgreSQL is not installed: its rows are left out');
    return;
  }
  if (short) return;
  const cluster = await startCluster();
  try {
    await torture.attempt('PostgreSQL: whatever is done to a row is named', () =>
      inHouse(postgresHouse(cluster), (grip, house) =>
        vandalise(torture, { grip, zeal: { ...zeal, perColumn: 4 }, oldHeads: house.oldHeads }),
      ),
    );
  } finally {
    cluster.remove();
  }
}

async function fileHouse(): Promise<VandalHouse> {
  const house = await sqliteHouse();
  const oldHeads = await fillLedger(
    (writer) => house.open(writer),
    async () => readAll(join(house.folder, 'ledger.db'), 'head'),
  );
  const large = await sqliteHouse();
  await fillBlock((writer) => large.open(writer));
  return {
    oldHeads,
    grips: async () => [gripFile(house.folder, house.headsFile), gripFile(large.folder, large.headsFile)],
    async remove() {
      await house.remove();
      await large.remove();
    },
  };
}

/** Every table is taken from the first of the two ledgers in which it has rows. */
async function inHouse(
  made: Promise<VandalHouse>,
  work: (grips: readonly Grip[], house: VandalHouse) => Promise<void>,
): Promise<void> {
  const house = await made;
  const grips = await house.grips();
  try {
    for (const grip of grips) {
      const report = await grip.after(async () => undefined);
      assert.equal(report?.ok, true, `untouched it does not verify: ${JSON.stringify(report?.firstBroken)}`);
    }
    await work(grips, house);
  } finally {
    for (const grip of grips) await grip.close();
    await house.remove();
  }
}

async function vandalise(
  torture: Torture,
  given: { readonly grip: readonly Grip[]; readonly zeal: Zeal; readonly oldHeads: readonly Row[] },
): Promise<void> {
  const { random } = torture;
  const watch = new Watch();
  const { grip: grips, zeal } = given;
  const first = grips[0];
  if (first === undefined) throw new Error('there is nothing to vandalise');
  for (const { name } of first.tables) {
    const found = await fullest(grips, name);
    for (const column of found.table.columns) {
      for (let n = 0; n < zeal.perColumn; n += 1) await changeColumn({ ...found, random, watch }, column);
      assert.ok(watch.done.has(`${name}.${column}`), `${name}.${column} was never changed`);
    }
    for (let n = 0; n < zeal.perTable; n += 1) await changeTable({ ...found, random, watch });
  }
  for (let n = 0; n < zeal.perLedger; n += 1) await changeAll({ grip: first, random, watch, oldHeads: given.oldHeads });
  torture.note(
    `${watch.doneCount} changes in ${first.tables.length} tables, ${watch.refusedCount} refused by the database`,
  );
  assert.deepEqual(watch.missed, [], 'verify did not name a change');
}

/** What was done and what `verify` did not name. */
class Watch {
  readonly missed: string[] = [];
  /** What was changed, by its first word. */
  readonly done = new Set<string>();
  doneCount = 0;
  refusedCount = 0;

  async see(what: string, grip: Grip, act: () => Promise<void>): Promise<void> {
    const report = await grip.after(act).catch((error: unknown) => String(error));
    if (report === undefined) {
      this.refusedCount += 1;
      return;
    }
    this.doneCount += 1;
    this.done.add(what.split(' ')[0] ?? what);
    if (typeof report === 'string') this.missed.push(`${what}: ${report}`);
    else if (report.ok || !report.firstBroken?.what) this.missed.push(what);
  }
}

interface Scene {
  readonly grip: Grip;
  readonly table: Table;
  readonly rows: readonly Row[];
  readonly random: SeededRandom;
  readonly watch: Watch;
}

async function fullest(grips: readonly Grip[], name: string): Promise<Pick<Scene, 'grip' | 'table' | 'rows'>> {
  for (const grip of grips) {
    const table = grip.tables.find((one) => one.name === name);
    const rows = table === undefined ? [] : await grip.rows(table);
    if (table !== undefined && rows.length > 0) return { grip, table, rows };
  }
  throw new Error(`no ledger of the torture has a row in the table ${name}`);
}

/** The value with one byte, letter or digit changed at a place of chance. */
function changed(value: Value, random: SeededRandom): Value {
  if (value === null) return 'x';
  if (typeof value === 'number') return value + 1 + random.below(1_000);
  if (value.length === 0) return 'x';
  const at = random.below(value.length);
  if (typeof value !== 'string')
    return value.map((byte, index) => (index === at ? byte ^ (1 << random.below(8)) : byte));
  return `${value.slice(0, at)}${value[at] === 'x' ? 'y' : 'x'}${value.slice(at + 1)}`;
}

/** A byte changed, the value gone, the same bytes under another type. */
async function changeColumn({ grip, table, rows, random, watch }: Scene, column: string): Promise<void> {
  const row = random.pick(rows);
  const value = row[column] ?? null;
  const at = { table, row, column };
  const name = `${table.name}.${column}`;
  await watch.see(`${name} changed`, grip, () => update(grip, at, changed(value, random)));
  // A column of numbers takes no letter.
  if (value === null) await watch.see(`${name} filled`, grip, () => update(grip, at, 7));
  else await watch.see(`${name} emptied`, grip, () => update(grip, at, null));
  if (typeof value === 'string')
    await watch.see(`${name} retyped`, grip, () => update(grip, at, Buffer.from(`${value} `)));
}

async function changeTable({ grip, table, rows, random, watch }: Scene): Promise<void> {
  const { name } = table;
  const [one, other] = [random.pick(rows), random.pick(rows)];
  const rest = table.columns.filter((column) => !table.keys.includes(column));
  await watch.see(`${name}: a row deleted`, grip, () => remove(grip, table, [one]));
  await watch.see(`${name}: the newest row deleted`, grip, () => remove(grip, table, rows.slice(-1)));
  await watch.see(`${name}: the tail cut`, grip, () => remove(grip, table, rows.slice(-1 - random.below(rows.length))));
  await watch.see(`${name}: all deleted`, grip, async () => void (await grip.run(`DELETE FROM "${name}"`)));
  const key = random.pick(table.keys);
  await watch.see(`${name}: a row added`, grip, () =>
    add(grip, table, { ...one, [key]: changed(one[key] ?? null, random) }),
  );
  const isSame = rest.every((column) => String(one[column]) === String(other[column]));
  if (one === other || isSame) return;
  await watch.see(`${name}: two rows swapped`, grip, async () => {
    await remove(grip, table, [one, other]);
    const swapped = (of: Row, by: Row): Row => ({
      ...by,
      ...Object.fromEntries(table.keys.map((own) => [own, of[own] ?? null])),
    });
    await add(grip, table, swapped(one, other));
    await add(grip, table, swapped(other, one));
  });
}

interface Whole {
  readonly grip: Grip;
  readonly random: SeededRandom;
  readonly watch: Watch;
  /** Heads as they were earlier, authentic then. */
  readonly oldHeads: readonly Row[];
}

/** What somebody does who knows how a ledger is made, and has every row but no key. */
async function changeAll({ grip, random, watch, oldHeads }: Whole): Promise<void> {
  const heads = tableOf(grip, 'head');
  const old = random.pick(oldHeads);
  const writer = String(old['writer']);
  const headActs: Readonly<Record<string, () => Promise<void>>> = {
    'the head left': async () => undefined,
    'the head deleted': async () => void (await grip.run('DELETE FROM head WHERE writer = ?', [writer])),
    'an older head put back': async () => {
      await grip.run('DELETE FROM head WHERE writer = ?', [writer]);
      await add(grip, heads, old);
    },
  };
  for (const [what, act] of Object.entries(headActs)) {
    await watch.see(`the tail cut everywhere, ${what}`, grip, async () => {
      await cutTail(grip, writer, Number(old['seq']));
      await act();
    });
    await watch.see(`all written anew with a correct chain, ${what}`, grip, async () => {
      await writeAnew(grip, writer, random);
      await act();
    });
  }
  await watch.see('everything of one writer deleted', grip, async () => {
    await cutTail(grip, writer, 0);
    await headActs['the head deleted']?.();
  });
}

function tableOf(grip: Grip, name: string): Table {
  const table = grip.tables.find((one) => one.name === name);
  if (table === undefined) throw new Error(`there is no table ${name}`);
  return table;
}

/** Deletes every row of a writer beyond a number, in every table that numbers its rows, and folds the states anew. */
async function cutTail(grip: Grip, writer: string, seq: number): Promise<void> {
  for (const table of grip.tables) {
    if (table.name === 'head' || !table.columns.includes('seq')) continue;
    await grip.run(`DELETE FROM "${table.name}" WHERE writer = ? AND seq > ?`, [writer, seq]);
  }
  await foldAgain(grip);
}

async function foldAgain(grip: Grip): Promise<void> {
  const states = tableOf(grip, 'state');
  const events = (await grip.rows(tableOf(grip, 'event'))) as unknown as readonly EventTable[];
  await grip.run('DELETE FROM state');
  for (const own of Map.groupBy(events, (event) => `${event.stream} ${event.id}`).values()) {
    const folded = foldedState(own.toSorted((a, b) => a.version - b.version));
    if (folded !== undefined) await add(grip, states, folded as unknown as Row);
  }
}

/** Changes who did something, and makes every hash and the head anew so that the chain is correct in itself. */
async function writeAnew(grip: Grip, writer: string, random: SeededRandom): Promise<void> {
  const events = ((await grip.rows(tableOf(grip, 'event'))) as unknown as readonly EventTable[]).filter(
    (event) => event.writer === writer,
  );
  const chosen = random.below(events.length);
  let prev = '0'.repeat(64);
  for (const [index, event] of events.entries()) {
    const { at_ms: atMs, mono_ms: monoMs, tokens_sha256: tokensSha256, ...row } = event;
    const actor = index === chosen ? 'somebody else' : row.actor;
    const hash = hashOf(prev, { ...row, actor, atMs, monoMs, tokensSha256 });
    const set = 'UPDATE event SET actor = ?, prev = ?, hash = ? WHERE writer = ? AND seq = ?';
    await grip.run(set, [actor, prev, hash, writer, event.seq]);
    prev = hash;
  }
  await grip.run('UPDATE head SET hash = ? WHERE writer = ?', [prev, writer]);
}

/** Flips bits and zeroes runs anywhere in the file. What `verify` does not name must have changed nothing that is kept. */
async function pages(torture: Torture, times: number): Promise<void> {
  const { random } = torture;
  const house = await sqliteHouse();
  try {
    await fillLedger(
      (writer) => house.open(writer),
      async () => [],
    );
    const whole = readFileSync(join(house.folder, 'ledger.db'));
    const file = join(house.folder, 'damaged.db');
    const master = openMasterKey(masterKey);
    const kept = contentOf(join(house.folder, 'ledger.db'), join(house.folder, 'look.db'));
    const missed: number[] = [];
    let namedCount = 0;
    for (let n = 0; n < times; n += 1) {
      const bytes = Buffer.from(whole);
      const at = random.below(bytes.length);
      if (random.below(2) === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      else bytes.fill(0, at, Math.min(bytes.length, at + 1 + random.below(600)));
      if (bytes.equals(whole)) continue;
      writeFileSync(file, bytes);
      const open = (): DatabaseSync => new DatabaseSync(file, { readOnly: true });
      const proof = proveFile(open, { master, second: (seal) => readHeads(house.headsFile, seal) });
      // Where nothing is left of a secret, it can't be told from one under another key: that is said aloud too.
      const report = await proof.catch((error: { code?: string }) => {
        if (error.code !== 'LEDGER_KEY_WRONG') throw error;
        return { ok: false };
      });
      if (!report.ok) namedCount += 1;
      else if (contentOf(file, join(house.folder, 'look.db')) !== kept) missed.push(at);
    }
    torture.note(`${times} damages, ${namedCount} named; the others were in bytes that hold nothing`);
    assert.deepEqual(missed, [], 'a damage at these bytes was not named');
  } finally {
    await house.remove();
  }
}

function readAll(file: string, table: string): readonly Row[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare(`SELECT * FROM "${table}"`).all() as unknown as Row[];
  db.close();
  return rows;
}

/** Everything that can be read from a file, as text. */
function contentOf(file: string, copy: string): string {
  copyFileSync(file, copy);
  const db = new DatabaseSync(copy, { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    return tables.map(({ name }) => JSON.stringify([name, db.prepare(`SELECT * FROM "${name}"`).all()])).join('\n');
  } finally {
    db.close();
  }
}
