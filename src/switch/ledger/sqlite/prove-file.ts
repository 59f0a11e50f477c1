/** Proves a ledger's file: what `proveLedger` walks, its pages outside the rows, and the tables themselves. */
import { DatabaseSync } from 'node:sqlite';
import { HitlineError } from '../../../faults/fault.ts';
import { brokenReport, type ProofOptions, proveLedger } from '../keeping/prove.ts';
import type { VerifyReport } from '../ledger.ts';
import { migrate } from '../schema.ts';
import { kyselyOn } from './node-sqlite.ts';
import { isDamage } from './open-database.ts';

const unreadable = 'the file cannot be read';
/** Numbers in the head of the file that SQLite keeps for programs; no ledger sets them. */
const ownNumbers = ['user_version', 'application_id'];
const readTables = 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name';

/** The tables, indexes and views of this version, as an empty ledger has them. */
async function ownTables(): Promise<string> {
  const empty = new DatabaseSync(':memory:');
  try {
    await migrate(kyselyOn(empty), 'sqlite');
    return JSON.stringify(empty.prepare(readTables).all());
  } finally {
    empty.close();
  }
}

/** What is wrong with the file apart from its rows; undefined when nothing is. */
export async function fileFault(connection: DatabaseSync): Promise<string | undefined> {
  const row = connection.prepare('PRAGMA integrity_check(1)').get() as { integrity_check: string } | undefined;
  if (row?.integrity_check !== 'ok') return 'a page of the file is damaged';
  for (const name of ownNumbers) {
    if (connection.prepare(`PRAGMA ${name}`).get()?.[name] !== 0) return 'a number in the head of the file was changed';
  }
  const tables = JSON.stringify(connection.prepare(readTables).all());
  return tables === (await ownTables()) ? undefined : 'the tables are not those of this version';
}

/** Opens a ledger's file, proves it, and closes it again. Faults: LEDGER_KEY_WRONG, and the system's own when it opens. */
export async function proveFile(open: () => DatabaseSync, how: Omit<ProofOptions, 'integrity'>): Promise<VerifyReport> {
  let connection: DatabaseSync;
  try {
    connection = open();
  } catch (error) {
    if (isDamage(error)) return brokenReport(unreadable);
    throw error;
  }
  try {
    return await proveMoment(connection, how);
  } finally {
    connection.close();
  }
}

/**
 * Proves one moment of the ledger on this connection. Fault: LEDGER_KEY_WRONG. A file that cannot be read is a break like any
 * other.
 */
export async function proveMoment(
  connection: DatabaseSync,
  how: Omit<ProofOptions, 'integrity'>,
): Promise<VerifyReport> {
  try {
    return await proveLedger(kyselyOn(connection), {
      ...how,
      async second(seal, db) {
        // The second place first: what it knows is on disk, so the moment that the walk sees must have it.
        const second = await how.second(seal, db);
        connection.exec('SAVEPOINT proof');
        return second;
      },
      integrity: () => fileFault(connection),
    });
  } catch (error) {
    if (error instanceof HitlineError) throw error;
    if (isDamage(error)) return brokenReport(unreadable);
    // Rows of a damaged page may hold what no schema allows; a walk that stumbles over one must not end without a word.
    const what = await fileFault(connection).catch(() => unreadable);
    return brokenReport(what ?? 'a row holds what no ledger writes');
  } finally {
    if (connection.isTransaction) release(connection);
  }
}

/** Ends the moment. A proof that fell before it began one has none to end. */
function release(connection: DatabaseSync): void {
  try {
    connection.exec('RELEASE proof');
  } catch {
    // There is no such savepoint.
  }
}
