/** Somebody who changes one byte, deletes a row or swaps two, behind the ledger's back, again and again. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openMasterKey } from '../../../src/switch/ledger/cipher.ts';
import { HeadSeal, readHeads } from '../../../src/switch/ledger/heads.ts';
import { readSecrets } from '../../../src/switch/ledger/secrets.ts';
import { kyselyOn } from '../../../src/switch/ledger/sqlite/node-sqlite.ts';
import { verifyLedger } from '../../../src/switch/ledger/verify.ts';
import type { SeededRandom } from '../../seeded-random.ts';
import { masterKey, type SqliteHouse } from './sqlite-house.ts';

const tables = ['event', 'text', 'state', 'token', 'head'] as const;
/** A table an intruder may choose. */
export type IntrudedTable = (typeof tables)[number];

type Value = string | number | Uint8Array | null;

/** The value with one byte, letter or digit changed at a place of chance. */
function changed(value: Value, random: SeededRandom): Value {
  if (value === null) return 'x';
  if (typeof value === 'number') return value + 1 + random.below(1_000_000) * 1_000;
  if (value.length === 0) return 'x';
  const at = random.below(value.length);
  if (typeof value !== 'string')
    return value.map((byte, index) => (index === at ? byte ^ (1 << random.below(8)) : byte));
  return `${value.slice(0, at)}${value[at] === 'x' ? 'y' : 'x'}${value.slice(at + 1)}`;
}

/** Intrudes as often as it is told, undoing each time; gives what `verify` did not name. */
export async function intrude(
  house: SqliteHouse,
  { times, random, only }: { times: number; random: SeededRandom; only?: IntrudedTable },
): Promise<readonly string[]> {
  const file = join(house.folder, 'intruded.db');
  copyFileSync(join(house.folder, 'ledger.db'), file);
  const db = new DatabaseSync(file);
  const ledger = kyselyOn(db);
  const master = openMasterKey(masterKey);
  const seal = new HeadSeal((await readSecrets(ledger, master)).head);
  const second = await readHeads(house.headsFile, seal);
  const missed: string[] = [];
  const rowsOf = (table: IntrudedTable) => db.prepare(`SELECT * FROM "${table}"`).all() as Record<string, Value>[];
  const filled = tables.filter((table) => rowsOf(table).length > 0);
  for (let n = 0; n < times; n += 1) {
    const table = only ?? random.pick(filled);
    const row = random.pick(rowsOf(table));
    const where = Object.keys(row)
      .map((column) => `"${column}" IS ?`)
      .join(' AND ');
    const column = random.pick(Object.keys(row));
    const erase = random.below(5) === 0;
    const act = erase ? `DELETE FROM "${table}"` : `UPDATE "${table}" SET "${column}" = ?`;
    db.exec('BEGIN');
    const values = erase ? [] : [changed(row[column] ?? null, random)];
    const { changes } = db.prepare(`${act} WHERE ${where}`).run(...values, ...Object.values(row));
    const report = await verifyLedger(ledger, { master, seal, second });
    if (report.ok || changes === 0) missed.push(`${act} (${changes} rows)`);
    db.exec('ROLLBACK');
  }
  db.close();
  return missed;
}
