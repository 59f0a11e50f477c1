/**
 * Work on a ledger in PostgreSQL from outside its gateways: backup while they run, and restore, rotate and rebuild, each of
 * which takes the ledger alone. It is the same work as on a data folder (sqlite/offline.ts), and a copy has the same form.
 */
import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import { HitlineError } from '../../../faults/fault.ts';
import { openMasterKey } from '../cipher.ts';
import { proveLedger } from '../keeping/prove.ts';
import { rebuildStates } from '../keeping/rebuild.ts';
import { type NewlyWrapped, rotateMasterKey } from '../keeping/rotate.ts';
import type { VerifyReport } from '../ledger.ts';
import type { LedgerTables } from '../schema.ts';
import { headsOfCopy } from '../second-place/copy-heads.ts';
import { readSecondPlace } from '../second-place/reading.ts';
import type { RestoreMark } from '../second-place/restoring.ts';
import { readSecrets } from '../secrets.ts';
import { makeCopy, openCopy, secondPlaceFor, unusable } from '../sqlite/copy-folder.ts';
import { openForWork, openReaders, takeLedger } from './connection.ts';
import { copyIn, copyOut } from './copy-rows.ts';
import { sent } from './insert.ts';
import { askedError, type DatabaseKeys } from './prove-database.ts';

/** An error of the database or of the copy's file becomes a code: their sentences may quote what is kept. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ERR_SQLITE_ERROR') throw unusable('Its file cannot be used.', cause);
    throw askedError(cause);
  }
}

/**
 * Copies a ledger into a new folder while its gateways run, as it is at one moment, then opens the copy and proves it. Gives
 * the copy's report. Faults: BACKUP_UNUSABLE (the folder is there, or the copy does not verify), LEDGER_KEY_WRONG, those of
 * the line.
 */
export async function backupDatabase(
  keys: Omit<DatabaseKeys, 'trusted'> & { readonly to: string; readonly nowMs: number },
): Promise<VerifyReport> {
  const master = openMasterKey(keys.masterKey);
  const db = openReaders({ url: keys.url, writer: '' });
  try {
    await asked(readSecrets(db, master));
    return await makeCopy(keys, (file) =>
      asked(
        db
          .transaction()
          .setIsolationLevel('repeatable read')
          .execute((moment) => copyOut(moment, file)),
      ),
    );
  } finally {
    await db.destroy();
  }
}

/** A table of any size is written anew by one statement, during which the server says nothing. */
const statementMsMax = 14_400_000;

/** Does work in one transaction with the ledger taken alone; `after` follows on the same connection. */
async function alone<T>(
  url: string,
  work: (change: Transaction<LedgerTables>) => Promise<T>,
  after: (one: Kysely<LedgerTables>) => Promise<void> = async () => undefined,
): Promise<T> {
  const db = openForWork({ url, writer: '' }, statementMsMax);
  try {
    return await asked(
      db.connection().execute(async (one) => {
        await takeLedger(one);
        await one.executeQuery(CompiledQuery.raw(`SET statement_timeout = ${statementMsMax}`));
        const done = await one.transaction().execute(work);
        await after(one);
        return done;
      }),
    );
  } finally {
    await db.destroy();
  }
}

/** Whatever is in the database that neither the server nor one of its extensions put there. */
const anything = `SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT 1 FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') LIMIT 1`;

/**
 * Puts a copy into a database that holds nothing, in one transaction: it is proved there, and named in the second place as what
 * stands here from now on, before it is committed. Faults: BACKUP_UNUSABLE, LEDGER_LOCKED, LEDGER_KEY_WRONG, those of the line.
 */
export async function restoreDatabase(
  keys: Omit<DatabaseKeys, 'trusted'> & { readonly from: string; readonly mark: RestoreMark },
): Promise<VerifyReport> {
  const master = openMasterKey(keys.masterKey);
  const copy = await openCopy(keys.from, keys.masterKey);
  const second = await secondPlaceFor(copy, keys.headsFile);
  const { headsFile } = second;
  return alone(keys.url, async (change) => {
    const { rows } = await change.executeQuery(CompiledQuery.raw(anything));
    if (rows.length > 0) throw unusable('The database is not empty.');
    await copyIn(change, copy.file);
    const report = await proveLedger(change, {
      master,
      second: async (seal) =>
        headsFile === undefined ? undefined : headsOfCopy(change, await readSecondPlace(headsFile), seal),
    });
    if (!report.ok) throw unusable('It does not verify.');
    return second.mark(report, keys.mark);
  });
}

const rewrap = `UPDATE text t SET master_id = w.master_id, wrapped = w.wrapped
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bytea[]) AS w(writer, seq, name, master_id, wrapped)
  WHERE t.writer = w.writer AND t.seq = w.seq AND t.name = w.name`;

/** What was wrapped before still lies in the server's files; the tables are written anew without it. */
async function clearAway(one: Kysely<LedgerTables>): Promise<void> {
  try {
    for (const table of ['text', 'secret']) await one.executeQuery(CompiledQuery.raw(`VACUUM (FULL) "${table}"`));
  } catch (cause) {
    const detail = 'The new key holds; what the old one wrapped could not be cleared away: run VACUUM (FULL).';
    throw new HitlineError('LEDGER_FAILED', { detail, cause });
  }
}

/**
 * Puts a ledger under a new master key. Gives how many data keys were wrapped anew. Faults: LEDGER_LOCKED while a gateway
 * has it, LEDGER_KEY_WRONG, LEDGER_BROKEN, those of the line.
 */
export async function rotateDatabase(
  keys: Pick<DatabaseKeys, 'url' | 'masterKey'> & { readonly newKey: Uint8Array },
): Promise<number> {
  const from = openMasterKey(keys.masterKey);
  const to = openMasterKey(keys.newKey);
  return alone(
    keys.url,
    (change) => {
      const write = async (rows: readonly NewlyWrapped[]): Promise<void> => {
        const values = (['writer', 'seq', 'name', 'master_id', 'wrapped'] as const).map((column) =>
          rows.map((row) => sent(row[column])),
        );
        await change.executeQuery(CompiledQuery.raw(rewrap, values));
      };
      return rotateMasterKey(change, { from, to, write });
    },
    clearAway,
  );
}

/**
 * Writes the states anew from their events, for a state table that was damaged; gives how many rows there are now. Faults as
 * `rotateDatabase`.
 */
export async function rebuildDatabase(keys: Pick<DatabaseKeys, 'url' | 'masterKey'>): Promise<number> {
  const master = openMasterKey(keys.masterKey);
  return alone(keys.url, async (change) => {
    await readSecrets(change, master);
    return rebuildStates(change);
  });
}
