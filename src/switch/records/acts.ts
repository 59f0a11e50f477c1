/** What people do at a screen, and what they were refused: who, in which roles, at which device, why, and how it ended. */
import type { RoleName } from '../../console/contract.ts';
import type { Parts } from '../parts.ts';

/** Whoever sits at a screen. */
export interface Doer {
  readonly osn: string;
  readonly roles: readonly RoleName[];
  /** The console's id. */
  readonly device: string;
}

/** One act as it ended. */
export interface Act {
  /** The method of the contract. */
  readonly what: string;
  /** The ids it was about, as far as the ledger has them: whatever else a screen sent may be anything. */
  readonly about: readonly string[];
  /** `OK`; `FAULTY` for what was not taken because of its faults; or the code of the refusal or failure. */
  readonly outcome: string;
  /** Whoever gave a factor for this one act beside him, as far as the ledger has the account. */
  readonly beside?: { readonly osn: string; readonly roles: readonly RoleName[] } | undefined;
  /** In the person's own words: kept encrypted. */
  readonly reason?: string | undefined;
}

/** Files an act (CJISSECPOL AU-2, AU-3: successes and failures alike). Resolves when the disk has it. */
export async function fileAct(parts: Pick<Parts, 'change' | 'ids'>, doer: Doer, act: Act): Promise<void> {
  await parts.change(async (change) => {
    change.file({
      stream: 'act',
      id: parts.ids.next('act'),
      type: 'ACTED',
      actor: doer.osn,
      data: {
        what: act.what,
        about: act.about,
        outcome: act.outcome,
        device: doer.device,
        roles: doer.roles,
        ...(act.beside === undefined ? {} : { beside: { ...act.beside } }),
      },
      ...(act.reason === undefined ? {} : { texts: { reason: Buffer.from(act.reason, 'utf8') } }),
    });
  });
}
