/**
 * What the doors turned away, on file like whatever a person did (CJISSECPOL AU-2: unsuccessful attempts): who stood there, as
 * far as that is known, and why. The first of a kind is filed at once; those after it are counted, and the count follows when
 * its minute is over, so that a flood at a door is no flood in the ledger.
 */
import type { RoleName } from '../../console/contract.ts';
import type { FaultCode } from '../../faults/fault.ts';
import type { JsonObject } from '../ledger/ledger.ts';
import type { Parts } from '../parts.ts';

/** One who was turned away, or one call or frame of somebody who may be there. Codes, ids and addresses; never what was sent. */
export interface Refusal {
  readonly door: 'station' | 'console' | 'upstream';
  readonly reason: FaultCode | 'ORIGIN';
  /** The address it came from, without its port. */
  readonly peer?: string | undefined;
  readonly station?: string | undefined;
  readonly console?: string | undefined;
  /** Whoever is logged on at that console. */
  readonly person?: { readonly osn: string; readonly roles: readonly RoleName[] } | null | undefined;
  /** The method that was called, when the contract has it. */
  readonly what?: string | undefined;
}

export interface TurnedAway {
  /** Puts it on file; nobody waits for that. */
  tell(refusal: Refusal): void;
  /** Files the counts that are still open, and takes no more. */
  close(): Promise<void>;
}

const countMs = 60_000;
/** Kinds that are counted apart at one time; beyond them those of one door and reason are counted together. */
const kindsMax = 64;

interface Kind {
  readonly refusal: Refusal;
  count: number;
  sinceMs: number;
  callOff: () => void;
}

/** Makes the book of one gateway. `onFault` hears of what could not be filed. */
export function makeTurnedAway(
  parts: Pick<Parts, 'change' | 'ids' | 'clock'>,
  onFault: (error: unknown) => void,
): TurnedAway {
  const kinds = new Map<string, Kind>();
  const filing = new Set<Promise<void>>();
  let isClosed = false;
  const file = (refusal: Refusal, count: number, sinceMs: number): void => {
    const { person, station } = refusal;
    const filed = parts
      .change(async (change) => {
        const id = parts.ids.next('act');
        const data = rowOf(refusal, count, sinceMs);
        change.file({ stream: 'act', id, type: 'TURNED_AWAY', actor: person?.osn ?? station ?? 'system', data });
      })
      .catch(onFault)
      .finally(() => filing.delete(filed));
    filing.add(filed);
  };
  const end = (name: string, { refusal, count, sinceMs, callOff }: Kind): void => {
    kinds.delete(name);
    callOff();
    if (count > 0) file(refusal, count, sinceMs);
  };
  return {
    tell(told) {
      if (isClosed) return;
      const own = nameOf(told);
      const isApart = kinds.has(own) || kinds.size < kindsMax;
      const refusal = isApart ? told : { door: told.door, reason: told.reason };
      const name = isApart ? own : nameOf(refusal);
      const known = kinds.get(name);
      if (known !== undefined) {
        known.count += 1;
        return;
      }
      const sinceMs = Math.floor(parts.clock.wallMs());
      const kind: Kind = { refusal, count: 0, sinceMs, callOff: () => undefined };
      kind.callOff = parts.clock.after(countMs, () => end(name, kind));
      kinds.set(name, kind);
      file(refusal, 1, sinceMs);
    },
    async close() {
      isClosed = true;
      for (const [name, kind] of [...kinds]) end(name, kind);
      await Promise.all(filing);
    },
  };
}

/** Whether a notice of the line is of a frame that could not be taken; what it carried is on file nowhere else. */
export function isFrameFault(code: FaultCode): boolean {
  return code.startsWith('FRAME_') || code === 'MESSAGE_TOO_LONG';
}

function nameOf({ door, reason, peer, station, console, person, what }: Refusal): string {
  return [door, reason, peer, station, console, person?.osn, what].join(' ');
}

function rowOf({ door, reason, peer, station, console, person, what }: Refusal, count: number, sinceMs: number) {
  const row: JsonObject = {
    door,
    outcome: reason,
    what: what ?? null,
    peer: peer ?? null,
    station: station ?? null,
    device: console ?? null,
    roles: person?.roles ?? [],
    count,
    sinceMs,
  };
  return row;
}
