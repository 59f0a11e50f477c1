/** What a proof says of the second place itself, besides the heads it holds the chains against. */
import type { Kysely } from 'kysely';
import type { RestoreSeen, VerifyReport } from '../ledger.ts';
import type { LedgerTables } from '../schema.ts';
import type { Restored, RestoredChain } from './restored.ts';
import type { SecondPlace } from './said.ts';

/** What is wrong there, whatever the ledger is like. */
export function placeFault(second: SecondPlace): VerifyReport['firstBroken'] {
  if (second.falseCount > 0) {
    return { writer: '', seq: 0, what: 'the second place holds a head that is not authentic' };
  }
  const [missing] = second.missing;
  return missing === undefined ? undefined : { writer: missing.writer, seq: 0, what: missing.what };
}

/** What every report names, although nothing is wrong: the restores, with what is gone since, and the gaps. */
export async function placeSeen(
  db: Kysely<LedgerTables>,
  { restores, gaps }: SecondPlace,
): Promise<Pick<VerifyReport, 'restores' | 'gaps'>> {
  const seen: RestoreSeen[] = [];
  for (const restored of restores) seen.push(await restoreSeen(db, restored));
  return {
    ...(seen.length === 0 ? {} : { restores: seen }),
    ...(gaps.length === 0 ? {} : { gaps: gaps.map(({ writer, atMs, seq }) => ({ writer, atMs, seq })) }),
  };
}

async function restoreSeen(db: Kysely<LedgerTables>, restored: Restored): Promise<RestoreSeen> {
  const chains: RestoredChain[] = [];
  for (const chain of restored.chains) if (!(await isThere(db, chain))) chains.push(chain);
  return restoreOf({ ...restored, chains });
}

/** A restore as its line tells it. */
export function restoreOf({ atMs, by, copyMadeAtMs, chains }: Restored): RestoreSeen {
  const gone = chains.filter(({ sharedSeq, was }) => was.seq > sharedSeq);
  return {
    atMs,
    by,
    copyMadeAtMs,
    goneCount: gone.reduce((sum, { sharedSeq, was }) => sum + was.seq - sharedSeq, 0),
    gone: gone.map(({ writer, sharedSeq, was }) => ({ writer, fromSeq: sharedSeq + 1, toSeq: was.seq })),
  };
}

/** A restore that was begun and not ended has taken nothing away; nor has one whose ledger was put back again. */
async function isThere(db: Kysely<LedgerTables>, { writer, was }: RestoredChain): Promise<boolean> {
  const row = await db
    .selectFrom('event')
    .select('hash')
    .where('writer', '=', writer)
    .where('seq', '=', was.seq)
    .executeTakeFirst();
  return row?.hash === was.hash;
}
