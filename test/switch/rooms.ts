/** The gateway's rooms without doors: a ledger in memory, a clock of the test's own, and a line that does as it is told. */

import type { StateProfile } from '../../src/formats/states/state-profile.ts';
import { urgentRequest } from '../../src/practice/dispatch-center.ts';
import type { AlarmState } from '../../src/switch/alarms/alarm.ts';
import {
  acceptMessage,
  refuseMessage,
  releaseMessage,
  resolveMessage,
  withdrawMessage,
} from '../../src/switch/approval/approval-desk.ts';
import type { CaseState } from '../../src/switch/cases/case.ts';
import { type Effect, makeChanger } from '../../src/switch/change.ts';
import { type Config, type ConfigInput, checkConfig } from '../../src/switch/config.ts';
import { deadlineSource, fireDeadline } from '../../src/switch/deadlines/deadline-work.ts';
import type { InboundState } from '../../src/switch/intake/inbound-message.ts';
import { takeFromStation } from '../../src/switch/intake/station-intake.ts';
import { takeFromUpstream } from '../../src/switch/intake/upstream-intake.ts';
import { speak } from '../../src/switch/language.ts';
import type { OutboundState } from '../../src/switch/outbound/outbound-message.ts';
import { leaseReferences } from '../../src/switch/outbound/references.ts';
import { makeSender, queuedSource, type Sender } from '../../src/switch/outbound/sender.ts';
import type { Parts } from '../../src/switch/parts.ts';
import { makeCounts } from '../../src/switch/records/counts.ts';
import { makeFrames } from '../../src/switch/records/frames.ts';
import { textOfMessage } from '../../src/switch/records/message-text.ts';
import type { Link, SendOutcome } from '../../src/wire/link.ts';
import { settle, type VirtualClock, virtualClock } from '../support/virtual-clock.ts';
import { practiceConfig } from './config/sample-config.ts';
import { type MemoryLedger, memoryLedger } from './memory-ledger.ts';

export const operator = 'PRACOP1';
export const supervisor = 'PRACSU1';

/** A line whose switch answers as the test says; while `outcome` is 'wait' each send stays under way until `answer`. */
export class ScriptedLink implements Link {
  readonly id: string;
  readonly peer = { address: '127.0.0.1', port: 1 };
  state: Link['state'] = 'open';
  outcome: SendOutcome['type'] | 'wait' = 'acked';
  reason = 'BUSY';
  readonly sent: string[] = [];
  #lastId = 0;
  #waiting: { exchangeId: number; resolve: (outcome: SendOutcome) => void } | undefined;

  constructor(id = 'upstream-1') {
    this.id = id;
  }
  get windowFree(): number {
    return this.state === 'open' && this.#waiting === undefined ? 1 : 0;
  }
  reserveExchangeId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
  send(payload: Buffer, { exchangeId }: { readonly exchangeId: number }): Promise<SendOutcome> {
    if (this.outcome !== 'not-sent') this.sent.push(payload.toString('latin1'));
    if (this.outcome !== 'wait') return Promise.resolve(this.#made(this.outcome, exchangeId));
    return new Promise((resolve) => {
      this.#waiting = { exchangeId, resolve };
    });
  }
  /** Ends what is under way. */
  answer(type: SendOutcome['type']): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(this.#made(type, waiting.exchangeId));
  }
  #made(type: SendOutcome['type'], exchangeId: number): SendOutcome {
    if (type === 'not-sent') return { type, reason: this.reason as 'BUSY' };
    return type === 'naked' ? { type, exchangeId, reason: 'NO' } : { type, exchangeId };
  }
  async close(): Promise<void> {
    this.state = 'closed';
  }
}

export interface Rooms {
  readonly parts: Parts;
  readonly ledger: MemoryLedger;
  readonly clock: VirtualClock;
  readonly link: ScriptedLink;
  readonly sender: Sender;
  readonly faults: unknown[];
  /** The process dies where it stands and starts again over the same ledger, with a new line to the switch. */
  crash(): Promise<void>;
  /** Lets time pass: what falls due fires in its turn, what is queued is sent. */
  pass(ms: number): Promise<void>;
  fromSwitch(text: string): Promise<void>;
  fromStation(text: string): Promise<void>;
  /** The newest message of ours. */
  ours(): Promise<{ readonly id: string; readonly state: OutboundState }>;
  held(): Promise<readonly { readonly id: string; readonly state: OutboundState }[]>;
  out(id: string): Promise<OutboundState>;
  inbound(): Promise<readonly { readonly id: string; readonly state: InboundState }[]>;
  /** What came last. */
  lastInbound(): Promise<{ readonly id: string; readonly state: InboundState }>;
  cases(): Promise<readonly { readonly id: string; readonly state: CaseState }[]>;
  caseOf(id: string): Promise<CaseState>;
  alarms(): Promise<readonly string[]>;
  /** What stations are owed or got, as text. */
  notices(): Promise<readonly string[]>;
  armed(parent: string): Promise<readonly string[]>;
  approve(id: string): Promise<void>;
  refuse(id: string): Promise<string>;
  withdraw(id: string): Promise<string>;
  resolve(id: string, decision: 'send-again' | 'arrived' | 'give-up'): Promise<string>;
  /** An urgent YQ of the dispatch center, approved and sent; its id and case. */
  asked(text?: string): Promise<{ readonly id: string; readonly caseId: string }>;
}

function configOf(change: (input: ConfigInput) => ConfigInput): Config {
  const base = practiceConfig();
  const { shortenedNotice: _, confirmUrgentMs: __, ...clocks } = base.clocks ?? {};
  const station = {
    id: 'dispatch',
    name: 'Pine Ridge Communications',
    address: '127.0.0.1',
    oris: ['CO099013N'],
    terminalIds: ['DSP1'],
  };
  const doors = { ...base.doors, station: { port: 0, stations: [station] } };
  const checked = checkConfig(change({ ...base, clocks, doors }), '/');
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  return checked.config;
}

export async function openRooms(
  options: {
    config?: (input: ConfigInput) => ConfigInput;
    profile?: StateProfile;
    onEffects?: (effects: readonly Effect[]) => void;
  } = {},
): Promise<Rooms> {
  const clock = virtualClock();
  const ledger = memoryLedger();
  const config = configOf(options.config ?? ((input) => input));
  const counts = makeCounts(ledger);
  let idNumber = 0;
  const ids = {
    next: (prefix: string): string => {
      idNumber += 1;
      return `${prefix}-${idNumber}`;
    },
  };
  const faults: unknown[] = [];
  let house: House | undefined;
  const change = makeChanger({
    ledger,
    clock,
    perform: (effects, moved) => {
      counts.moved(moved);
      options.onEffects?.(effects);
      for (const effect of effects) if (effect.do === 'ready') void house?.sender.ring(effect.bell);
    },
  });
  const parts: Parts = {
    config,
    clock,
    ledger,
    change,
    ids,
    references: leaseReferences(change, 'A'),
    line: { place: () => house?.sender.place(), settled: async (id) => house?.sender.settled(id) },
    frames: makeFrames(change, ids),
    counts,
    sources: { find: async () => undefined },
    room: { verdict: 'ample' },
    certificates: { failing: new Set(), follow: () => () => undefined },
    language: speak(options.profile, clock),
  };
  house = { sender: makeSender(parts, (error) => faults.push(error)), link: new ScriptedLink() };
  await house.sender.linkUp(house.link);
  return rooms({ parts, ledger, clock, house, faults });
}

/** What dies with the process. */
interface House {
  sender: Sender;
  link: ScriptedLink;
}

interface Ground extends Pick<Rooms, 'parts' | 'ledger' | 'clock' | 'faults'> {
  readonly house: House;
}

type Looks = Pick<
  Rooms,
  'ours' | 'held' | 'out' | 'inbound' | 'lastInbound' | 'cases' | 'caseOf' | 'alarms' | 'notices' | 'armed'
>;

/** What a test looks at, read from the ledger as the gateway's own screens read it. */
function looksOf(ledger: MemoryLedger): Looks {
  const messages = async () =>
    (await ledger.states({ stream: 'message', order: 'newest', limit: 5_000 })).filter((row) => row.key !== 'NOTICE');
  const outbound = async () =>
    (await messages())
      .map((row) => ({ id: row.id, state: row.body as OutboundState }))
      .filter((one) => one.state.direction === 'out');
  const inbound = async () =>
    (await messages())
      .map((row) => ({ id: row.id, state: row.body as InboundState }))
      .filter((one) => one.state.direction === 'in');
  const cases = async () =>
    (await ledger.states({ stream: 'case', order: 'oldest', limit: 100 })).map((row) => ({
      id: row.id,
      state: row.body as CaseState,
    }));
  return {
    async ours() {
      const [newest] = await outbound();
      if (newest === undefined) throw new Error('no message of ours');
      return newest;
    },
    held: async () => (await outbound()).filter((one) => one.state.status === 'HELD'),
    async out(id) {
      return (await ledger.state('message', id))?.body as OutboundState;
    },
    inbound,
    async lastInbound() {
      const [row] = await inbound();
      if (row === undefined) throw new Error('nothing came');
      return row;
    },
    cases,
    async caseOf(id) {
      const found = (await cases()).find((one) => one.id === id);
      if (found === undefined) throw new Error('no case');
      return found.state;
    },
    alarms: async () =>
      (await ledger.states({ stream: 'alarm', order: 'oldest', limit: 1_000 })).map(
        (row) => (row.body as AlarmState).code,
      ),
    async notices() {
      const rows = await ledger.states({ stream: 'message', key: 'NOTICE', order: 'oldest', limit: 1_000 });
      return Promise.all(rows.map(async (row) => (await textOfMessage(ledger, row.id)) ?? ''));
    },
    armed: async (parent) =>
      (await ledger.states({ stream: 'deadline', parent, status: ['ARMED'], limit: 100 })).map((row) => row.id),
  };
}

/** A new sender and a new line to the switch over the same ledger; the old ones are gone with what they were about to do. */
async function startAgain({ parts, house, faults }: Ground): Promise<void> {
  const before = house.link;
  before.state = 'closed';
  house.link = new ScriptedLink(`${before.id}+`);
  house.link.outcome = before.outcome;
  house.link.reason = before.reason;
  house.sender = makeSender(parts, (error) => faults.push(error));
  await house.sender.recover();
  await house.sender.linkUp(house.link);
}

function rooms(ground: Ground): Rooms {
  const { parts, ledger, clock, faults, house } = ground;
  let exchangeId = 0;
  const station = parts.config.doors.station.stations[0];
  const arrival = (text: string, linkId: string) => {
    exchangeId += 1;
    return { payload: Buffer.from(text, 'latin1'), linkId, peerAddress: '127.0.0.1', exchangeId, duplicate: false };
  };
  const quiet = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await settle();
  };
  const looks = looksOf(ledger);
  const self: Rooms = {
    parts,
    ledger,
    clock,
    faults,
    get sender() {
      return house.sender;
    },
    get link() {
      return house.link;
    },
    ...looks,
    async crash() {
      await startAgain(ground);
      await quiet();
    },
    async pass(ms) {
      const endMs = clock.wallMs() + ms;
      for (;;) {
        await quiet();
        const [next] = await deadlineSource(ledger).dueAtOrBefore(endMs, 1);
        const stepMs = Math.min(next === undefined ? endMs : next.dueAtMs, endMs) - clock.wallMs();
        if (stepMs > 0) await clock.pass(stepMs);
        if (next === undefined) break;
        await fireDeadline(parts, next);
      }
      for (const bell of await queuedSource(ledger).dueAtOrBefore(clock.wallMs(), 100)) await house.sender.ring(bell);
      await quiet();
    },
    async fromSwitch(text) {
      await takeFromUpstream(parts, arrival(text, 'upstream-1'));
    },
    async fromStation(text) {
      if (station === undefined) throw new Error('no station');
      await takeFromStation(parts, station, arrival(text, 'station-1'));
      await quiet();
    },
    async approve(id) {
      await acceptMessage(parts, id, { osn: operator });
      await releaseMessage(parts, id, { actor: { osn: supervisor }, sha256: (await self.out(id)).sha256 });
      await quiet();
    },
    refuse: (id) => refuseMessage(parts, id, { actor: { osn: supervisor }, reason: 'NOT NOW' }),
    withdraw: (id) => withdrawMessage(parts, id, { actor: { osn: operator }, reason: 'NOT NOW' }),
    async resolve(id, decision) {
      const status = await resolveMessage(parts, id, { actor: { osn: supervisor }, decision, reason: 'SEEN' });
      await quiet();
      return status;
    },
    async asked(text = urgentRequest) {
      await self.fromStation(text);
      const { id, state } = await self.ours();
      await self.approve(id);
      return { id, caseId: state.caseId ?? '' };
    },
  };
  return self;
}

/** An Nlets text as the network delivers it. */
export function delivered(given: {
  readonly key: string;
  readonly from?: string;
  readonly control?: string;
  readonly body: string;
}): string {
  return [
    `${given.key}.${given.from ?? 'WY0990200'}`,
    '08:00 01/01/2030 00001',
    '08:00 01/01/2030 00001 CO0990100',
    ...(given.control === undefined ? [] : [`*${given.control}`]),
    'TXT',
    given.body,
  ].join('\n');
}

const subject = 'OCA/SC26000002.NIC/W990000002.NAM/RECORD, ROBIN.DOB/19800202.SEX/M';

/** Their answer to the urgent request, with these words for CON and after. */
export function theirAnswer(said: string, control?: string): string {
  const body = `RTY/WP.${subject}.CON/${said}.CNA/CLERK SAMPLE.CAG/SAGE COUNTY SHERIFF`;
  return delivered({ key: 'YR', ...(control === undefined ? {} : { control }), body });
}

/** Their urgent request about our warrant. */
export function theirRequest(given: { number?: number; control?: string; priority?: string } = {}): string {
  const body = [
    `RTY/WP.RNO/${given.number ?? 1}.PRI/${given.priority ?? 'U'}.OCA/PR26000001.NIC/W990000001.NAM/PRACTICE,PAT.DOB/19700101.SEX/F.`,
    'RNA/DEPUTY SAMPLE.RAG/SAGE COUNTY SHERIFF.PHO/5550100122.REM/SUBJECT HELD',
  ].join('\n');
  return delivered({ key: 'YQ', ...(given.control === undefined ? {} : { control: given.control }), body });
}

/** A word of the network itself about a message of ours. */
export function networkSays(key: 'ER' | 'SM', number: string, control: string): string {
  const body = `.${number}. SYNTHETIC WORDS OF THE NETWORK\nORIGINAL MESSAGE\nYQ.CO0990100.WY0990200.*${control}.TXT`;
  return delivered({ key, from: 'NL0000000', control, body });
}
