/** Proves an opened ledger from its secrets on, so that whatever was changed in it is named in one report. */
import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { HitlineError } from '../../../faults/fault.ts';
import type { MasterKey } from '../cipher.ts';
import { HeadSeal } from '../heads.ts';
import type { VerifyReport } from '../ledger.ts';
import type { LedgerTables } from '../schema.ts';
import type { SecondPlace } from '../second-place/said.ts';
import { readSecrets } from '../secrets.ts';
import { verifyLedger } from '../verify.ts';

export interface ProofOptions {
  readonly master: MasterKey;
  /** Reads the second place; gives nothing where there is none. */
  readonly second: (seal: HeadSeal, db: Kysely<LedgerTables>) => Promise<SecondPlace | undefined>;
  /** As for `verifyLedger`. */
  readonly trusted?: KeyObject | undefined;
  /** As for `verifyLedger`. */
  readonly integrity?: () => Promise<string | undefined>;
}

/** A report on a ledger that could not be walked at all. */
export function brokenReport(what: string): VerifyReport {
  return { ok: false, eventCount: 0, writers: [], firstBroken: { writer: '', seq: 0, what } };
}

/**
 * Walks everything and gives what it found. Fault: LEDGER_KEY_WRONG. A secret that was changed is a break like any other: it
 * cannot be told under it what else is true.
 */
export async function proveLedger(db: Kysely<LedgerTables>, how: ProofOptions): Promise<VerifyReport> {
  try {
    const { master, trusted, integrity } = how;
    const seal = new HeadSeal((await readSecrets(db, master)).head);
    const second = await how.second(seal, db);
    return await verifyLedger(db, {
      master,
      seal,
      trusted,
      ...(second === undefined ? {} : { second }),
      ...(integrity === undefined ? {} : { integrity }),
    });
  } catch (error) {
    if (!(error instanceof HitlineError) || error.code !== 'LEDGER_BROKEN') throw error;
    return brokenReport('a secret of the ledger was changed or is missing');
  }
}
