/** The gateway's rooms over a real ledger, with the handlers a screen reaches, and people who sit at screens. */
import type { RoleName, Takes } from '../../../src/console/contract.ts';
import { makeIds } from '../../../src/host/ids.ts';
import { makeChanger } from '../../../src/switch/change.ts';
import { checkConfig } from '../../../src/switch/config.ts';
import type { Handlers, SeatedSession } from '../../../src/switch/doors/console-calls.ts';
import { makeHandlers } from '../../../src/switch/doors/console-handlers.ts';
import { takeFromUpstream } from '../../../src/switch/intake/upstream-intake.ts';
import { speak } from '../../../src/switch/language.ts';
import type { PacketRow } from '../../../src/switch/ledger/keeping/packet.ts';
import { checkPacket, type Packet } from '../../../src/switch/ledger/keeping/packet.ts';
import { leaseReferences } from '../../../src/switch/outbound/references.ts';
import { makeSender, queuedSource, type Sender } from '../../../src/switch/outbound/sender.ts';
import type { Parts } from '../../../src/switch/parts.ts';
import { makeCounts } from '../../../src/switch/records/counts.ts';
import { makeFrames } from '../../../src/switch/records/frames.ts';
import { until } from '../../support/until.ts';
import { practiceConfig } from '../config/sample-config.ts';
import { type House, openHouse, password } from '../doors/console-house.ts';
import { ScriptedLink } from '../rooms.ts';

export const reason = 'Case PR26000001';

export function session(osn: string, ...roles: readonly RoleName[]): SeatedSession {
  const person = { osn, name: 'PRACTICE, PERSON', roles: [...roles] };
  return { id: `s-${osn}`, consoleId: 'COJ1', person, device: 'COJ1', sinceMs: 0 };
}
export const operator = session('PRACOP', 'operator');
export const supervisor = session('PRACSUP', 'supervisor');
export const auditor = session('PRACAUD', 'auditor');
export const custodian = session('PRACCUST', 'custodian');
export const supervisorBeside = { osn: 'PRACSUP', factor: password };

type PacketAsk = Omit<Takes<'export'>, 'reason'>;

export interface RecordHouse extends House {
  readonly parts: Parts;
  /** How much room the disk leaves; a test may fill it. */
  readonly room: { verdict: Parts['room']['verdict'] };
  readonly handlers: Handlers;
  readonly link: ScriptedLink;
  /** What the switch says. */
  fromSwitch(text: string): Promise<void>;
  /** A request for a history by the operator, sent; its reference. */
  askHistory(name?: string): Promise<string>;
  /** The newest message that came. */
  came(): Promise<string>;
  /** A packet, fetched whole and checked. */
  packet(ask: PacketAsk, who: SeatedSession): Promise<Packet>;
  rowsOf(packet: Packet, stream: string): readonly PacketRow[];
}

export async function openRecordHouse(): Promise<RecordHouse> {
  const house = await openHouse();
  const { clock, ledger, people } = house;
  const checked = checkConfig({ ...practiceConfig(), ledger: { purge: true } }, '/');
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  const ids = makeIds(clock);
  const change = makeChanger({ ledger, clock, perform: () => undefined });
  const room: { verdict: Parts['room']['verdict'] } = { verdict: 'ample' };
  const parts: Parts = {
    config: checked.config,
    clock,
    ledger,
    change,
    ids,
    references: leaseReferences(change, 'A'),
    line: { place: () => sender?.place(), settled: async (id) => sender?.settled(id) },
    frames: makeFrames(change, ids),
    counts: makeCounts(ledger),
    sources: { find: async () => undefined },
    room,
    certificates: { failing: new Set(), follow: () => () => undefined },
    language: speak(undefined, clock),
  };
  const sender: Sender = makeSender(parts, (error) => {
    throw error;
  });
  const link = new ScriptedLink();
  await sender.linkUp(link);
  const desk = { parts, people, kept: ledger } as unknown as Parameters<typeof makeHandlers>[0];
  const handlers = makeHandlers(desk, async () => {
    throw new Error('no status here');
  });
  return { ...house, parts, room, handlers, link, ...acting({ parts, handlers, sender, ledger }) };
}

type Ground = Pick<RecordHouse, 'parts' | 'handlers' | 'ledger'> & { readonly sender: Sender };

function acting({
  parts,
  handlers,
  sender,
  ledger,
}: Ground): Pick<RecordHouse, 'fromSwitch' | 'askHistory' | 'came' | 'packet' | 'rowsOf'> {
  let exchangeId = 100;
  return {
    async fromSwitch(text) {
      exchangeId += 1;
      const payload = Buffer.from(text, 'latin1');
      const ends = { peerAddress: '127.0.0.1', peerPort: 4_000, localAddress: '127.0.0.1:40001' };
      await takeFromUpstream(parts, { payload, linkId: 'upstream-1', ...ends, exchangeId, duplicate: false });
    },
    async askHistory(name = 'RECORD, SAMPLE') {
      const fields = {
        NAM: [name],
        DOB: ['19800202'],
        SEX: ['M'],
        RAC: ['W'],
        PUR: ['C'],
        ATN: ['DET PRACTICE'],
      };
      const { id, faults } = await handlers.draft({ key: 'QH', destinations: [], fields }, operator);
      if (id === null) throw new Error(JSON.stringify(faults));
      for (const bell of await queuedSource(ledger).dueAtOrBefore(Number.MAX_SAFE_INTEGER, 100)) {
        await sender.ring(bell);
      }
      await until(async () => (await ledger.state('message', id))?.status === 'ACKED', 'the request left');
      return id;
    },
    async came() {
      const status = ['RECEIVED', 'MATCHED', 'UNSOLICITED', 'QUARANTINED', 'DELIVERED', 'READ', 'SEALED'];
      const rows = await ledger.states({ stream: 'message', status, order: 'newest', limit: 50 });
      const newest = rows.find((row) => row.body['direction'] === 'in');
      if (newest === undefined) throw new Error('nothing came');
      return newest.id;
    },
    async packet(ask, who) {
      const { packetId, partCount } = await handlers.export({ ...ask, reason }, who);
      const pieces: Buffer[] = [];
      for (let part = 0; part < partCount; part += 1) {
        pieces.push(Buffer.from((await handlers.packetPart({ packetId, part }, who)).base64, 'base64'));
      }
      const packet = JSON.parse(Buffer.concat(pieces).toString('utf8')) as Packet;
      if (!checkPacket(packet).ok) throw new Error('the packet does not hold');
      return packet;
    },
    rowsOf: (packet, stream) => packet.rows.filter((row) => row.stream === stream),
  };
}

/** What the switch answers to a request for a history: a text that names the subject. */
export function historyAnswer(reference: string, name = 'RECORD, SAMPLE'): string {
  return `2L01COJ1${reference}\nCO0990100\n\nCRIMINAL HISTORY SYNTHETIC NAM/${name} DOB/19800202 ARREST 20200101`;
}
