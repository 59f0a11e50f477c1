/** What the console contract lets a person do with the ledger itself: take a packet along, and purge by schedule. */
import type { KeyObject } from 'node:crypto';
import { HitlineError } from '../../faults/fault.ts';
import {
  makePacket,
  type Packet,
  type PacketRow,
  type PacketSealed,
  type PacketSource,
  type PacketThing,
} from '../ledger/keeping/packet.ts';
import { holdKey, type PurgeSource, purgeByRetention } from '../ledger/keeping/purge.ts';
import type { EventQuery, StateQuery, StoredState, Stream } from '../ledger/ledger.ts';
import { sealKeyOf } from '../ledger-keeper.ts';
import type { Parts } from '../parts.ts';
import type { People } from '../people/people.ts';
import { holdMachine, placeHold } from '../records/litigation-hold.ts';
import { fileLook } from '../records/look.ts';
import { sealedStatus } from '../records/sealable.ts';
import type { ConsoleSession, Handlers, Params, SeatedSession } from './console-calls.ts';
import { doerOf, requireRole } from './console-roles.ts';

/** The ledger with what a keeper of records needs of it. */
export type KeptLedger = PacketSource & PurgeSource;

export interface LedgerDesk {
  readonly parts: Parts;
  readonly people: People;
  readonly kept: KeptLedger;
}

type LedgerMethod = 'export' | 'packetPart' | 'purge' | 'hold' | 'liftHold';

/** Bytes of a packet that go in one answer: in base64 well below the largest frame. */
const partBytes = 393_216;
/** Packets that wait to be fetched at most, how long, and how large one may be. */
const packetsMax = 4;
/** Packets that are made at one time: each may hold some hundred megabytes of memory until it is whole. */
const makingMax = 2;
const packetMs = 300_000;
const packetBytesMax = 64 * 1_048_576;
const thingsMax = 5_000;
const thingsAtOnce = 50;
const weekMs = 7 * 86_400_000;

/** Made once for a gateway. Fault: KEY_FILE_UNUSABLE. */
export function ledgerHandlers(desk: LedgerDesk): Pick<Handlers, LedgerMethod> {
  const { parts } = desk;
  const signingKey = sealKeyOf(parts.config);
  const packets = new Map<string, { readonly osn: string; readonly bytes: Buffer; readonly untilMonoMs: number }>();
  /** Drops what nobody fetched in time, and the oldest when there is no room for one more. */
  const sweep = (roomFor: number): void => {
    for (const [id, { untilMonoMs }] of packets) {
      if (untilMonoMs <= parts.clock.monoMs() || packets.size > packetsMax - roomFor) packets.delete(id);
    }
  };
  let makingCount = 0;
  const make = async (asked: Params<'export'>, session: SeatedSession) => {
    if (makingCount >= makingMax) throw new HitlineError('TOO_MANY_CALLS');
    makingCount += 1;
    try {
      const { packet, told } = await packetFor(desk, asked, { session, signingKey });
      return { bytes: bytesOf(packet), manifestSha256: packet.manifestSha256, told };
    } finally {
      makingCount -= 1;
    }
  };
  return {
    async export(asked, session) {
      const { bytes, manifestSha256, told } = await make(asked, session);
      sweep(1);
      const packetId = parts.ids.next('packet');
      packets.set(packetId, { osn: session.person.osn, bytes, untilMonoMs: parts.clock.monoMs() + packetMs });
      return { packetId, manifestSha256, partCount: Math.ceil(bytes.length / partBytes), ...told };
    },
    async packetPart({ packetId, part }, session) {
      const osn = requireRole(session, 'auditor', 'supervisor', 'custodian');
      sweep(0);
      const packet = packets.get(packetId);
      const bytes = packet?.bytes.subarray(part * partBytes, (part + 1) * partBytes);
      if (packet?.osn !== osn || bytes === undefined || bytes.length === 0) throw new HitlineError('NOT_FOUND');
      if ((part + 1) * partBytes >= packet.bytes.length) packets.delete(packetId);
      return { base64: bytes.toString('base64') };
    },
    purge: (params, session) => purge(desk, params, session),
    async hold({ reason }, session) {
      const osn = requireRole(session, 'supervisor', 'custodian');
      const id = parts.ids.next('hold');
      return { id, status: await placeHold(parts.change, id, { osn, reason }) };
    },
    async liftHold({ id, reason, approver }, session) {
      const { osn, agreedBy } = await twoPeople(desk, session, approver);
      const event = { type: 'HOLD_LIFTED', agreedBy } as const;
      const act = { event, actor: osn, texts: { reason: Buffer.from(reason, 'utf8') } };
      const isHold = (await parts.ledger.state('system', id))?.key === holdKey;
      if (!isHold) throw new HitlineError('NOT_FOUND');
      const { status } = await parts.change((change) => change.apply(holdMachine, id, act));
      return { status };
    },
  };
}

/** Makes the packet, and gives what its maker may be told besides. Faults: ROLE_MISSING and those of `thingsOf`. */
async function packetFor(
  { parts, kept }: LedgerDesk,
  { what, id, reason, withSealed = false, fromMs, untilMs }: Params<'export'>,
  { session, signingKey }: { readonly session: SeatedSession; readonly signingKey: KeyObject | undefined },
): Promise<{ readonly packet: Packet; readonly told: Pick<Packet, 'sealed'> }> {
  const osn = withSealed
    ? requireRole(session, 'custodian')
    : requireRole(session, 'auditor', 'supervisor', 'custodian');
  const times = { ...(fromMs === undefined ? {} : { fromMs }), ...(untilMs === undefined ? {} : { untilMs }) };
  if (Object.keys(times).length > 0 && what !== 'operator' && what !== 'week') throw new HitlineError('BAD_REQUEST');
  const { things, sealed } = await thingsOf(parts, { what, id, withSealed, times });
  // Only a custodian is told; to anybody else a count of nothing would be a hint as well.
  const told = session.person.roles.includes('custodian') ? { sealed } : {};
  // Filed first: nobody gets a packet that the ledger does not know of.
  const looked = sealed.held.length > 0 || withSealed ? 'export with sealed' : 'export';
  await fileLook(parts, doerOf(session), { what: looked, id, by: Object.keys(times), reason });
  const packet = makePacket(
    {
      madeAtMs: Math.floor(parts.clock.wallMs()),
      madeBy: osn,
      reason,
      selection: { [what]: id, ...saidTimes(times) },
      rows: await rowsOf(kept, things),
      heads: await kept.chainHeads(),
      ...told,
    },
    signingKey,
  );
  return { packet, told };
}

/** From when until when, as a packet says it. */
interface Times {
  readonly fromMs?: number;
  readonly untilMs?: number;
}

function saidTimes({ fromMs, untilMs }: Times): Readonly<Record<string, string>> {
  const said = (ms: number): string => new Date(ms).toISOString();
  return {
    ...(fromMs === undefined ? {} : { from: said(fromMs) }),
    ...(untilMs === undefined ? {} : { until: said(untilMs) }),
  };
}

/** The things a packet is about, and which of them a court's order hides. */
interface Selected {
  readonly things: readonly PacketThing[];
  readonly sealed: PacketSealed;
}

/**
 * What a packet is about: a message; a case with its messages, clocks and alarms; what an operator sent and did; or what was
 * filed in the seven days (UTC) from a date; each message with its frames and its rows in the criminal-history log. What is sealed
 * is left out and told apart, unless a custodian asked for it: by its own id, or by `withSealed`. Faults: NOT_FOUND,
 * PACKET_TOO_LARGE rather than a packet with a gap.
 */
async function thingsOf(
  parts: Parts,
  asked: Pick<Params<'export'>, 'what' | 'id'> & { readonly withSealed: boolean; readonly times: Times },
): Promise<Selected> {
  const { what, id, withSealed, times } = asked;
  const things: Chosen[] = [];
  const acts: PacketThing[] = [];
  const held: PacketThing[] = [];
  const leftOut: PacketThing[] = [];
  let takesSealed = withSealed;
  const take = (stream: Stream, row: StoredState): void => {
    const thing = { stream, id: row.id };
    const isSealed = row.status === sealedStatus;
    if (isSealed) (takesSealed ? held : leftOut).push(thing);
    const question = row.body['questionId'];
    if (!isSealed || takesSealed)
      things.push({ ...thing, requestId: typeof question === 'string' ? question : row.id });
  };
  const add = async (query: Omit<StateQuery, 'order' | 'limit'>): Promise<void> => {
    const rows = await parts.ledger.states({ ...query, order: 'oldest', limit: thingsMax });
    for (const row of rows) take(query.stream, row);
    if (rows.length >= thingsMax || things.length >= thingsMax) throw new HitlineError('PACKET_TOO_LARGE');
  };
  /** What somebody had a part in besides: released, refused, read, closed. */
  const addActedOn = async (query: Pick<EventQuery, 'actor'> & Times & { readonly stream: Stream }): Promise<void> => {
    const events = await parts.ledger.events({ ...query, limit: thingsMax });
    const taken = new Set([...things, ...leftOut].map((one) => `${one.stream} ${one.id}`));
    for (const id of new Set(events.map((one) => one.id))) {
      const row = taken.has(`${query.stream} ${id}`) ? undefined : await parts.ledger.state(query.stream, id);
      if (row !== undefined) take(query.stream, row);
    }
    if (events.length >= thingsMax || things.length >= thingsMax) throw new HitlineError('PACKET_TOO_LARGE');
  };
  if (what === 'week') {
    const fromMs = /^\d{4}-\d{2}-\d{2}$/.test(id) ? Date.parse(`${id}T00:00:00Z`) : Number.NaN;
    if (Number.isNaN(fromMs)) throw new HitlineError('NOT_FOUND');
    const from = Math.max(fromMs, times.fromMs ?? fromMs);
    const until = Math.min(fromMs + weekMs, times.untilMs ?? fromMs + weekMs);
    for (const stream of ['message', 'case'] as const) await add({ stream, fromMs: from, untilMs: until });
  } else {
    const stream = what === 'operator' ? 'person' : what;
    const named = await parts.ledger.state(stream, id);
    if (named === undefined) throw new HitlineError('NOT_FOUND');
    // Whoever names a sealed thing asks for it; the funnel lets none but a custodian do so.
    takesSealed ||= named.status === sealedStatus;
    if (what === 'operator') {
      await add({ stream: 'message', osn: id, ...times });
      for (const stream of ['message', 'case'] as const) await addActedOn({ stream, actor: id, ...times });
      acts.push(...(await actsOf(parts, id, { times, takesSealed })));
    } else take(stream, named);
    const below = { case: ['message', 'deadline', 'alarm'], message: ['deadline'], operator: [] } as const;
    for (const one of below[what]) await add({ stream: one, parent: id });
  }
  return { things: [...(await withFrames(parts, things)), ...acts], sealed: { held, leftOut } };
}

/** What only tells that a court has hidden something: it stands in no packet but one that holds what is hidden. */
const sealingActs: readonly unknown[] = [
  'sealSubject',
  'unsealSubject',
  'sealedSubjects',
  'sealed subjects',
  'export with sealed',
];

/** What a person did, was refused and looked at, and his log-ons. What of it names a sealed thing is left out with that. */
async function actsOf(
  parts: Parts,
  osn: string,
  { times, takesSealed }: { readonly times: Times; readonly takesSealed: boolean },
): Promise<readonly PacketThing[]> {
  const { ledger } = parts;
  const limit = thingsMax;
  const did = await ledger.events({ stream: 'act', actor: osn, ...times, limit });
  const looked = await ledger.events({ stream: 'system', type: 'LOOKED', actor: osn, ...times, limit });
  const sessions = await ledger.states({ stream: 'session', osn, ...times, order: 'oldest', limit });
  if (Math.max(did.length, looked.length, sessions.length) >= thingsMax) throw new HitlineError('PACKET_TOO_LARGE');
  const sealed = new Map<string, boolean>();
  const isSealed = async (id: string): Promise<boolean> => {
    const known = sealed.get(id);
    if (known !== undefined) return known;
    const rows = await Promise.all([ledger.state('message', id), ledger.state('case', id)]);
    sealed.set(
      id,
      rows.some((row) => row?.status === sealedStatus),
    );
    return sealed.get(id) === true;
  };
  const things: PacketThing[] = [];
  for (const { stream, id, data } of [...did, ...looked].toSorted((a, b) => a.atMs - b.atMs || a.seq - b.seq)) {
    const about = [data['about'] ?? []].flat().filter((one) => typeof one === 'string');
    const hidden = sealingActs.includes(data['what']) || (await Promise.all(about.map(isSealed))).includes(true);
    if (takesSealed || !hidden) things.push({ stream, id });
  }
  return [...things, ...sessions.map(({ id }) => ({ stream: 'session' as const, id }))];
}

/** A thing of a packet; of a message, under which the rows of the criminal-history log lie: itself, or what it answers. */
interface Chosen extends PacketThing {
  readonly requestId: string;
}

/** Each message with the frames that carried it and, once, its rows or its request's in the criminal-history log, after it. */
async function withFrames(parts: Parts, things: readonly Chosen[]): Promise<readonly PacketThing[]> {
  const all: PacketThing[] = [];
  const logged = new Set<string>();
  for (const { requestId, ...thing } of things) {
    all.push(thing);
    if (thing.stream !== 'message') continue;
    all.push({ stream: 'frame', id: thing.id, below: true });
    if (logged.has(requestId)) continue;
    logged.add(requestId);
    const rows = await parts.ledger.states({ stream: 'iii', parent: requestId, order: 'oldest', limit: thingsMax });
    for (const row of rows) all.push({ stream: 'iii', id: row.id });
  }
  return all;
}

/** The rows of these things, a few at a time, so that screens are answered in between. */
async function rowsOf(kept: KeptLedger, things: readonly PacketThing[]): Promise<readonly PacketRow[]> {
  const rows: PacketRow[] = [];
  for (let from = 0; from < things.length; from += thingsAtOnce) {
    rows.push(...(await kept.packetRows(things.slice(from, from + thingsAtOnce))));
  }
  return rows;
}

function bytesOf(packet: Packet): Buffer {
  const bytes = Buffer.from(JSON.stringify(packet), 'utf8');
  if (bytes.length > packetBytesMax) throw new HitlineError('PACKET_TOO_LARGE');
  return bytes;
}

/** The caller and whoever gives a fresh factor beside him: each a supervisor or custodian, and not the same. */
export async function twoPeople(
  { people }: LedgerDesk,
  session: ConsoleSession,
  approver: Parameters<Handlers['purge']>[0]['approver'],
): Promise<{ readonly osn: string; readonly agreedBy: string }> {
  const osn = requireRole(session, 'supervisor', 'custodian');
  const verified = await people.verify(approver.osn, approver.factor, { device: session.consoleId, use: 'act' });
  if (!verified.ok) throw new HitlineError(verified.code);
  const { person } = verified;
  if (!person.roles.some((role) => role === 'supervisor' || role === 'custodian')) {
    throw new HitlineError('ROLE_MISSING');
  }
  if (person.osn === osn) throw new HitlineError('SAME_PERSON');
  return { osn, agreedBy: person.osn };
}

/** Two people, by the schedule alone, and only where the installation allows it at all. */
async function purge(
  desk: LedgerDesk,
  { reason, approver }: Parameters<Handlers['purge']>[0],
  session: ConsoleSession,
): Promise<{ purgedCount: number }> {
  const { parts, kept } = desk;
  requireRole(session, 'supervisor', 'custodian');
  const { purge: isAllowed, retentionDays } = parts.config.ledger;
  if (!isAllowed) throw new HitlineError('PURGE_OFF');
  const { osn, agreedBy } = await twoPeople(desk, session, approver);
  const id = parts.ids.next('purge');
  await parts.change(async (change) => {
    change.file({
      stream: 'system',
      id,
      type: 'PURGE_ORDERED',
      actor: osn,
      data: { agreedBy },
      texts: { reason: Buffer.from(reason, 'utf8') },
    });
  });
  const purgedCount = await purgeByRetention(kept, {
    id,
    retention: retentionDays,
    askedBy: osn,
    agreedBy,
    atMs: Math.floor(parts.clock.wallMs()),
    monoMs: Math.floor(parts.clock.monoMs()),
  });
  return { purgedCount };
}
