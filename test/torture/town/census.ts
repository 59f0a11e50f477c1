/**
 * What a ledger says after a torture: is all that was acknowledged on file, has every clock fired once, and how late, not
 * counting the time for which no gateway ran.
 */
import { join } from 'node:path';
import type { StoredEvent } from '../../../src/switch/ledger/ledger.ts';
import { type LedgerPlace, type LookedAt, lookBeside } from '../../scenarios/laws/beside.ts';
import { allEvents, allStates } from '../../scenarios/laws/whole-ledger.ts';
import type { Acknowledged } from './crowd.ts';

/** A time for which a gateway ran, by the wall in milliseconds. */
export interface UpTime {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What is counted in one ledger. */
export interface Census {
  readonly messages: number;
  readonly inDoubt: number;
  readonly sentAgainByWord: number;
  readonly casesOpened: number;
  readonly armed: number;
  readonly fired: number;
  readonly calledOff: number;
  /** The latest deadline, in milliseconds for which a gateway ran after its moment. */
  readonly latestMs: number;
  /** What is wrong; empty when all is well. */
  readonly broken: readonly string[];
}

/** The ledger of a run's folder, or the one that its gateway keeps in a database. */
function placeOf(folder: string, databaseUrl: string | undefined): LedgerPlace {
  return { dataFolder: join(folder, 'data'), keyFile: join(folder, 'master.key'), databaseUrl };
}

/** Reads one moment of the ledger of a run's folder and counts. */
export function takeCensus(
  folder: string,
  known: {
    readonly acknowledged: readonly Acknowledged[];
    readonly upTimes: readonly UpTime[];
    readonly databaseUrl?: string | undefined;
  },
): Promise<Census> {
  const at = placeOf(folder, known.databaseUrl);
  const acknowledged = [...known.acknowledged];
  return lookBeside(at, async (ledger) => {
    const messages = await allEvents(ledger, 'message');
    const deadlines = await allEvents(ledger, 'deadline');
    const of = (events: readonly StoredEvent[], type: string): readonly StoredEvent[] =>
      events.filter((one) => one.type === type);
    const fired = of(deadlines, 'FIRED');
    const dueAtMs = dueTimes(deadlines);
    const lateMs = fired.map((one) => upMs(known.upTimes, dueAtMs.get(`${one.id} ${one.version - 1}`) ?? 0, one.atMs));
    return {
      messages: new Set(messages.map((one) => one.id)).size,
      inDoubt: of(messages, 'IN_DOUBT').length,
      sentAgainByWord: of(messages, 'RESOLVED').filter((one) => one.data['decision'] === 'send-again').length,
      casesOpened: of(await allEvents(ledger, 'case'), 'OPENED').length,
      armed: of(deadlines, 'ARMED').length,
      fired: fired.length,
      calledOff: of(deadlines, 'CALLED_OFF').length,
      latestMs: Math.max(0, ...lateMs),
      broken: [
        ...(await missing(ledger, messages, acknowledged)),
        ...twiceFired(deadlines),
        ...(await clocksLost(ledger)),
      ],
    };
  });
}

/** Bells that should have rung and messages that should have left by now, in a gateway that runs and has nothing to do. */
export function leftUndone(folder: string, nowMs: number, databaseUrl?: string): Promise<readonly string[]> {
  const at = placeOf(folder, databaseUrl);
  return lookBeside(at, async (ledger) => {
    const due = await allStates(ledger, { stream: 'deadline', status: ['ARMED'] });
    const queued = await allStates(ledger, { stream: 'message', status: ['QUEUED', 'APPROVED'] });
    return [
      ...due.filter((one) => (one.dueAtMs ?? nowMs) < nowMs).map((one) => `${one.id} is due and has not fired`),
      ...queued.map((one) => `${one.id} is ${one.status} and has not left`),
    ];
  });
}

/** Every request that was acknowledged to a station has its frame and its message on file. */
async function missing(
  ledger: LookedAt,
  messages: readonly StoredEvent[],
  acknowledged: readonly Acknowledged[],
): Promise<readonly string[]> {
  const frames = await allEvents(ledger, 'frame');
  const drafted = new Set(messages.filter((one) => one.type === 'DRAFTED').map((one) => one.id));
  const messageOf = new Map(frames.map((one) => [`${one.actor} ${one.data['sha256']}`, String(one.data['messageId'])]));
  return acknowledged.flatMap(({ stationId, sha256 }, index) => {
    const id = messageOf.get(`${stationId} ${sha256}`);
    if (id === undefined) return [`acknowledged request ${index} of ${stationId} is not on file`];
    return drafted.has(id) ? [] : [`acknowledged request ${index} of ${stationId} has no message`];
  });
}

/** The moment of each arming, by the deadline's id and the version that armed it. */
function dueTimes(deadlines: readonly StoredEvent[]): ReadonlyMap<string, number> {
  const armed = deadlines.filter((one) => one.type === 'ARMED');
  return new Map(armed.map((one) => [`${one.id} ${one.version}`, Number(one.data['dueAtMs'])]));
}

/** No arming has fired more than once, none has fired before its moment, and none without being armed. */
function twiceFired(deadlines: readonly StoredEvent[]): readonly string[] {
  const dueAtMs = dueTimes(deadlines);
  const seen = new Set<string>();
  return deadlines.flatMap((one) => {
    if (one.type !== 'FIRED') return [];
    const name = `${one.id} ${one.version - 1}`;
    if (seen.has(name)) return [`${name} fired twice`];
    seen.add(name);
    const moment = dueAtMs.get(name);
    if (moment === undefined) return [`${name} fired and was not armed`];
    return one.atMs < moment ? [`${name} fired ${moment - one.atMs} ms early`] : [];
  });
}

/** The clock of every open case that runs is a deadline: armed for the moment the case names, or fired at or after it. */
async function clocksLost(ledger: LookedAt): Promise<readonly string[]> {
  const clocks = new Map((await allStates(ledger, { stream: 'deadline' })).map((one) => [one.id, one] as const));
  const open = await allStates(ledger, { stream: 'case', status: ['open'] });
  return open.flatMap(({ id, body }) => {
    if (body['startedAtMs'] === null || body['stoppedAtMs'] !== null) return [];
    const own = ['confirm', 'answer', 'telephone'].map((kind) => clocks.get(`${id}.${kind}`));
    const runs = own.some((one) => one?.status === 'ARMED' && one.dueAtMs === body['dueAtMs']);
    const rang = own.some((one) => one?.status === 'FIRED');
    return runs || rang ? [] : [`the clock of case ${id} is lost`];
  });
}

function upMs(upTimes: readonly UpTime[], fromMs: number, untilMs: number): number {
  return upTimes.reduce(
    (sum, one) => sum + Math.max(0, Math.min(one.untilMs, untilMs) - Math.max(one.fromMs, fromMs)),
    0,
  );
}
