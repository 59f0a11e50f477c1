/**
 * What the gateway does for its ledger while it runs: looks each minute how much room the disk leaves it, and seals each
 * day (UTC) once it is over.
 */
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../host/clock.ts';
import type { Ids } from '../host/ids.ts';
import { loadSealKey } from '../host/keys.ts';
import { raise } from './alarms/alarm.ts';
import type { Changer } from './change.ts';
import type { Config } from './config.ts';
import type { PacketSource } from './ledger/keeping/packet.ts';
import { sealId, sealUnit } from './ledger/keeping/seal.ts';
import { reserveBytes, type Space } from './ledger/keeping/space.ts';
import type { Ledger } from './ledger/ledger.ts';

/** How much room the ledger has, as it was last judged. */
export interface LedgerRoom {
  readonly verdict: Space['verdict'];
}

export interface LedgerKeeper extends LedgerRoom {
  /** Looks once, seals yesterday when it is not sealed, and from then on does both each minute. To be called before anything is taken. */
  start(): Promise<void>;
  close(): void;
}

export interface KeeperPorts {
  readonly ledger: Ledger & Pick<PacketSource, 'chainHeads'> & { space(): Promise<Space> };
  /** Signs the seals: an Ed25519 private key. Without it they are filed unsigned. */
  readonly signingKey?: KeyObject | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly change: Changer;
  /** Called when the room has become another; screens look again. */
  readonly onChange: () => void;
  readonly onFault: (error: unknown) => void;
}

const roundMs = 60_000;
const dayMs = 86_400_000;
/** Once the reserve is touched, this much more must be free before new work is taken: else it would come and go. */
const returnBytes = reserveBytes / 4;

const severity: Readonly<Record<Space['verdict'], number>> = { ample: 0, low: 1, reserve: 2 };

/** The key that seals and packets are signed with, when one is configured. Fault: KEY_FILE_UNUSABLE. */
export function sealKeyOf(config: Pick<Config, 'ledger' | 'dataFolder'>): KeyObject | undefined {
  const file = config.ledger.sealKeyFile;
  return file === undefined ? undefined : loadSealKey({ file, dataFolder: config.dataFolder });
}

/** Makes the keeper of a gateway's ledger. */
export function makeLedgerKeeper(ports: KeeperPorts): LedgerKeeper {
  let verdict: Space['verdict'] = 'ample';
  /** The last verdict whose alarm is on file: one that could not be filed is owed at the next look. */
  let told: Space['verdict'] = 'ample';
  let sealedDay: string | undefined;
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
  /** A day in which the gateway did not run is joined by the next seal: each has the whole of every chain. */
  const seal = async (): Promise<void> => {
    const { ledger, clock, signingKey } = ports;
    const atMs = Math.floor(clock.wallMs());
    const todayMs = Math.floor(atMs / dayMs) * dayMs;
    const day = new Date(todayMs - dayMs).toISOString().slice(0, 10);
    if (day === sealedDay) return;
    const isSealed = (await ledger.history('system', sealId(day))).length > 0;
    if (!isSealed && (await ledger.events({ untilMs: todayMs, limit: 1 })).length > 0) {
      const at = { atMs, monoMs: Math.floor(clock.monoMs()), ...(signingKey === undefined ? {} : { signingKey }) };
      // A receipt that says no means that another gateway on this ledger has sealed the day.
      await ledger.append([sealUnit(day, await ledger.chainHeads(), at)]);
    }
    sealedDay = day;
  };
  const round = async (): Promise<void> => {
    for (const work of [look, seal]) await work().catch(ports.onFault);
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
