/** What the gateway does for its ledger while it runs: looks each minute how much room the disk leaves it. */
import type { Clock } from '../host/clock.ts';
import type { Ids } from '../host/ids.ts';
import { raise } from './alarms/alarm.ts';
import type { Changer } from './change.ts';
import { reserveBytes, type Space } from './ledger/keeping/space.ts';

/** How much room the ledger has, as it was last judged. */
export interface LedgerRoom {
  readonly verdict: Space['verdict'];
}

export interface LedgerKeeper extends LedgerRoom {
  /** Looks once, and from then on each minute. To be called before anything is taken. */
  start(): Promise<void>;
  close(): void;
}

export interface KeeperPorts {
  readonly ledger: { space(): Promise<Space> };
  readonly clock: Clock;
  readonly ids: Ids;
  readonly change: Changer;
  /** Called when the room has become another; screens look again. */
  readonly onChange: () => void;
  readonly onFault: (error: unknown) => void;
}

const roundMs = 60_000;
/** Once the reserve is touched, this much more must be free before new work is taken: else it would come and go. */
const returnBytes = reserveBytes / 4;

const severity: Readonly<Record<Space['verdict'], number>> = { ample: 0, low: 1, reserve: 2 };

/** Makes the keeper of a gateway's ledger. */
export function makeLedgerKeeper(ports: KeeperPorts): LedgerKeeper {
  let verdict: Space['verdict'] = 'ample';
  /** The last verdict whose alarm is on file: one that could not be filed is owed at the next look. */
  let told: Space['verdict'] = 'ample';
  let isClosed = false;
  let callOff = (): void => undefined;

  const look = async (): Promise<void> => {
    const space = await ports.ledger.space();
    const isStillFull = verdict === 'reserve' && space.freeBytes < reserveBytes + returnBytes;
    const next = isStillFull ? 'reserve' : space.verdict;
    // What is refused depends on this, whether or not the alarm can be filed on such a disk.
    if (next !== verdict) {
      verdict = next;
      ports.onChange();
    }
    if (severity[next] > severity[told]) {
      const code = next === 'reserve' ? 'LEDGER_FULL' : 'LEDGER_SPACE_LOW';
      await ports.change((change) => raise(change, code, { alarmId: ports.ids.next('a') }));
    }
    told = next;
  };
  const round = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      ports.onFault(error);
    }
    if (!isClosed) callOff = ports.clock.after(roundMs, () => void round());
  };

  return {
    get verdict() {
      return verdict;
    },
    start: round,
    close() {
      isClosed = true;
      callOff();
    },
  };
}
