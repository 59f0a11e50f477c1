/**
 * The law checker: reads the ledger, what the simulated switch saw, and the files on disk, and says which of the laws of the
 * house do not hold. It runs after every step of every scenario. It trusts no state row where an event can tell.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatorEvent } from '../../../src/simulator/events.ts';
import { heldMax, heldReserve, queuedMax } from '../../../src/switch/intake/room.ts';
import type { StoredEvent } from '../../../src/switch/ledger/ledger.ts';
import { encodeText, type TextCoding } from '../../../src/wire/charsets/charset.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import type { LookedAt } from './beside.ts';
import { allEvents, allStates } from './whole-ledger.ts';

/** What a scenario has in its hands. */
export interface Evidence {
  readonly ledger: LookedAt;
  readonly simulatorEvents: readonly SimulatorEvent[];
  /** Files and folders no clear value may be in. */
  readonly paths: readonly string[];
  /** Values of sensitive fields that were sent; none of them may be found in `paths`. */
  readonly secrets: readonly string[];
  /** What the dispatch center got, as far as the scenario keeps it: each text must be on file as a frame to it. */
  readonly stationReceived?: readonly string[];
  /** Texts of stations that the gateway acknowledged: each must be on file as a frame from one. */
  readonly stationAcknowledged?: readonly string[];
  /** The State and version of the profile whose map of CON is marked verified, such as `CO 1`; none unless set. */
  readonly verifiedMap?: string;
  /** The line to the switch: foxtalk-1 with the text's own bytes unless set. */
  readonly line?: EvidenceLine;
}

/** What of a frame both ends of a line see alike. */
export interface EvidenceLine {
  readonly profile?: string | undefined;
  readonly coding?: TextCoding | undefined;
}

const heldClasses = ['record', 'confirm', 'tell', 'unknown'];

const sha256 = (text: string): string => createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex');

interface Outbound {
  readonly id: string;
  readonly drafted: StoredEvent;
  readonly events: readonly StoredEvent[];
}

/** Every event of the ledger, read once, oldest first, by stream and thing. */
class Book {
  readonly #byThing = new Map<string, StoredEvent[]>();
  readonly events: readonly StoredEvent[];

  constructor(events: readonly StoredEvent[]) {
    this.events = [...events].sort((a, b) => a.seq - b.seq);
    for (const event of this.events) {
      const name = `${event.stream} ${event.id}`;
      const before = this.#byThing.get(name);
      if (before === undefined) this.#byThing.set(name, [event]);
      else before.push(event);
    }
  }
  of(stream: string, type?: string): readonly StoredEvent[] {
    return this.events.filter((one) => one.stream === stream && (type === undefined || one.type === type));
  }
  history(stream: string, id: string): readonly StoredEvent[] {
    return this.#byThing.get(`${stream} ${id}`) ?? [];
  }
}

const streams = ['frame', 'message', 'case', 'deadline', 'alarm'] as const;

async function readBook(ledger: LookedAt): Promise<Book> {
  const all = [];
  for (const stream of streams) all.push(...(await allEvents(ledger, stream)));
  return new Book(all);
}

function outboundOf(book: Book): readonly Outbound[] {
  return book
    .of('message', 'DRAFTED')
    .map((event) => ({ id: event.id, drafted: event, events: book.history('message', event.id) }));
}

/** Law 1: nothing that needs approval left without it, with other bytes, or approved by somebody who may not. */
function approvalLaw(outbound: readonly Outbound[], seen: readonly SimulatorEvent[]): string[] {
  const broken: string[] = [];
  const byDigest = new Map<string, Outbound[]>();
  for (const one of outbound) {
    const digest = String(one.drafted.data['sha256']);
    byDigest.set(digest, [...(byDigest.get(digest) ?? []), one]);
  }
  for (const event of seen) {
    if (event.type !== 'received') continue;
    const candidates = byDigest.get(sha256(event.text));
    if (candidates === undefined) {
      broken.push(`law 1: the switch received bytes that were never drafted (event ${event.seq})`);
      continue;
    }
    for (const { id, drafted, events } of candidates) {
      if (!heldClasses.includes(String(drafted.data['keyClass']))) continue;
      const released = events.findLast((one) => one.type === 'RELEASED');
      const resolved = events.findLast((one) => one.type === 'RESOLVED' && one.data['decision'] === 'send-again');
      const approver = (resolved ?? released)?.actor;
      if (released === undefined || approver === undefined) broken.push(`law 1: ${id} left without a release`);
      else if (released.data['sha256'] !== drafted.data['sha256'])
        broken.push(`law 1: ${id} was released with another digest`);
      const operator = events.findLast((one) => one.type === 'ACCEPTED')?.actor;
      if (operator === undefined) broken.push(`law 1: ${id} left although no operator accepted it`);
      if (approver !== undefined && [drafted.actor, drafted.data['requester'], operator].includes(approver)) {
        broken.push(`law 1: the approver of ${id} had a part in it`);
      }
    }
  }
  return broken;
}

/** The digest of the bytes a text is on the line. */
function bytesDigest(text: string, coding: TextCoding | undefined): string {
  if (coding === undefined) return sha256(text);
  const encoded = encodeText(text, coding);
  return encoded.ok ? createHash('sha256').update(encoded.bytes).digest('hex') : 'no bytes';
}

/** Law 2: every frame that carried a message is on file exactly once, each attempt its own row. */
function frameLaw(book: Book, seen: readonly SimulatorEvent[], line: EvidenceLine): string[] {
  // A profile that sends no ids leaves each end to count for itself.
  const sendsIds = wireProfile(line.profile ?? 'foxtalk-1').rules.answers === 'id';
  const nameOf = (exchangeId: unknown, digest: unknown): string => `${sendsIds ? exchangeId : ''} ${digest}`;
  const frames = book.of('frame').filter((one) => String(one.data['link']).startsWith('upstream'));
  const count = (direction: string): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const frame of frames) {
      if (frame.data['direction'] !== direction) continue;
      const key = nameOf(frame.data['exchangeId'], frame.data['sha256']);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  };
  const broken: string[] = [];
  const out = count('out');
  for (const event of seen) {
    if (event.type !== 'received') continue;
    const key = nameOf(event.exchangeId, bytesDigest(event.text, line.coding));
    const left = out.get(key) ?? 0;
    if (left === 0) broken.push(`law 2: a frame the switch received is not on file (event ${event.seq})`);
    out.set(key, left - 1);
  }
  const arrived = count('in');
  const lastSent = new Map<number, SimulatorEvent & { type: 'sent' }>();
  for (const event of seen) {
    if (event.type === 'sent') lastSent.set(event.deliveryId, event);
    if (event.type !== 'fate' || event.outcome.type !== 'acked') continue;
    const sent = lastSent.get(event.deliveryId);
    if (sent === undefined) continue;
    const key = nameOf(sent.exchangeId, bytesDigest(sent.text, line.coding));
    if ((arrived.get(key) ?? 0) === 0) broken.push(`law 2: an acknowledged frame is not on file (event ${event.seq})`);
  }
  return broken;
}

/** Law 3: nothing that may not be repeated reached the switch twice without a person's word. */
function repeatLaw(outbound: readonly Outbound[], seen: readonly SimulatorEvent[]): string[] {
  const broken: string[] = [];
  const timesOf = new Map<string, number>();
  for (const one of seen) {
    if (one.type === 'received') timesOf.set(sha256(one.text), (timesOf.get(sha256(one.text)) ?? 0) + 1);
  }
  for (const { id, drafted, events } of outbound) {
    if (!heldClasses.includes(String(drafted.data['keyClass']))) continue;
    const times = timesOf.get(String(drafted.data['sha256'])) ?? 0;
    const allowed = 1 + events.filter((one) => one.type === 'RESOLVED' && one.data['decision'] === 'send-again').length;
    if (times > allowed) broken.push(`law 3: the switch received ${id} ${times} times`);
    const sent =
      events.filter((one) => one.type === 'SENT').length - events.filter((one) => one.type === 'NOT_SENT').length;
    if (sent > allowed) broken.push(`law 3: ${id} was sent ${sent} times`);
  }
  return broken;
}

/** Laws 2 and 3 for stations: what a station got is on file as a frame to it, and what it is owed stays owed until it has it. */
function stationLaw(book: Book, received: readonly string[], acknowledged: readonly string[]): string[] {
  const broken: string[] = [];
  const kept = new Set(
    book.of('frame').flatMap(({ data }) => (data['direction'] === 'in' ? [String(data['sha256'])] : [])),
  );
  for (const [index, text] of acknowledged.entries()) {
    if (!kept.has(sha256(text))) broken.push(`law 3: text ${index} of a station was acknowledged and is not on file`);
  }
  const toStations = book
    .of('frame')
    .filter((one) => one.data['direction'] === 'out' && !String(one.data['link']).startsWith('upstream'));
  const digests = new Set(toStations.map((one) => String(one.data['sha256'])));
  const firstFrame = new Map(toStations.toReversed().map((one) => [String(one.data['messageId']), one.seq]));
  for (const [index, text] of received.entries()) {
    if (!digests.has(sha256(text))) broken.push(`law 2: text ${index} that the station got is not on file`);
  }
  for (const event of book.of('message', 'DELIVERED')) {
    if ((firstFrame.get(event.id) ?? Number.POSITIVE_INFINITY) > event.seq)
      broken.push(`law 2: ${event.id} was delivered without a frame on file`);
  }
  return broken;
}

/** Whoever asked is told: every message of a station that was held or has ended has left a notice owed to that station. */
function toldLaw(book: Book): string[] {
  const broken: string[] = [];
  const ends = new Set(['HELD', 'REJECTED', 'REFUSED', 'WITHDRAWN', 'EXPIRED', 'NAKED']);
  const owed = new Map<string, number>();
  for (const event of book.of('message', 'MATCHED')) {
    const question = String(event.data['questionId']);
    const owedTo = event.data['owedTo'];
    if (Array.isArray(owedTo) && owedTo.length > 0) owed.set(question, (owed.get(question) ?? 0) + 1);
  }
  for (const { id, drafted, events } of outboundOf(book)) {
    if (drafted.data['stationId'] == null) continue;
    const endings = events.filter((one) => ends.has(one.type)).length;
    if ((owed.get(id) ?? 0) < endings) broken.push(`${id}: the station that asked was not told what became of it`);
  }
  return broken;
}

/** Law 4: every open case has an owner and an armed deadline; deadlines fire once and never early. */
async function deadlineLaw(ledger: LookedAt, book: Book): Promise<string[]> {
  const broken: string[] = [];
  const armed = await allStates(ledger, { stream: 'deadline', status: ['ARMED'] });
  const parents = new Set(armed.map((row) => row.parent));
  for (const row of await allStates(ledger, { stream: 'case', status: ['open'] })) {
    if (!row.osn) broken.push(`law 4: case ${row.id} has no owner`);
    if (!parents.has(row.id)) broken.push(`law 4: open case ${row.id} has no armed deadline`);
  }
  const owners = new Set(armed.map((one) => one.id.slice(0, one.id.lastIndexOf('.'))));
  for (const row of await allStates(ledger, { stream: 'case', status: ['closed'] })) {
    if (owners.has(row.id)) broken.push(`law 4: closed case ${row.id} still has a deadline armed`);
  }
  const fired = book.of('deadline', 'FIRED');
  for (const event of fired) {
    const before = book.history('deadline', event.id).find((one) => one.version === event.version - 1);
    if (before?.type !== 'ARMED') broken.push(`law 4: deadline ${event.id} fired without being armed`);
    else if (event.atMs < Number(before.data['dueAtMs'])) broken.push(`law 4: deadline ${event.id} fired early`);
  }
  return [...broken, ...clockLaw(book)];
}

/** The clock of their request stops only by an answer of ours that the switch acknowledged, or by a person's word. */
function clockLaw(book: Book): string[] {
  const broken: string[] = [];
  for (const event of book.of('case', 'ANSWERED')) {
    const history = book.history('message', String(event.data['messageId']));
    const acked = history.some(
      (one) =>
        one.seq < event.seq &&
        (one.type === 'ACKED' || (one.type === 'RESOLVED' && one.data['decision'] === 'arrived')),
    );
    if (!acked) broken.push(`law 9: case ${event.id} was answered by a message that nobody acknowledged`);
  }
  return broken;
}

/** Law 6: nothing grows past the caps of the gateway. */
async function capLaw(ledger: LookedAt): Promise<string[]> {
  const broken: string[] = [];
  for (const [status, max] of [
    ['HELD', heldMax + heldReserve],
    ['QUEUED', queuedMax + heldMax + heldReserve],
  ] as const) {
    const rows = await allStates(ledger, { stream: 'message', status: [status] });
    if (rows.length > max) broken.push(`law 6: ${rows.length} messages are ${status}`);
  }
  return broken;
}

function filesBelow(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return found.isFile() ? [path] : [];
  try {
    return readdirSync(path).flatMap((name) => filesBelow(join(path, name)));
  } catch (error) {
    // A running gateway takes folders away as well as files.
    if ((error as { code?: unknown }).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * The bytes of files, read by another process: closing a file here would free every lock that this process has on it, and
 * SQLite's readers and writers in it would no longer keep out of each other's way.
 */
function bytesOf(files: readonly string[]): Buffer {
  if (files.length === 0) return Buffer.alloc(0);
  return spawnSync('cat', ['--', ...files], { maxBuffer: 2_000_000_000, stdio: ['ignore', 'pipe', 'ignore'] }).stdout;
}

/** Law 5: no value of a sensitive field stands in clear in a file or a file's name. */
export function secretLaw(evidence: Pick<Evidence, 'paths' | 'secrets'>): string[] {
  const files = evidence.paths.flatMap(filesBelow);
  const all = bytesOf(files);
  return [...evidence.secrets.entries()].flatMap(([index, secret]) => {
    const isInside = all.includes(secret);
    const found = files.filter((file) => file.includes(secret) || (isInside && bytesOf([file]).includes(secret)));
    return found.map((file) => `law 5: secret number ${index} stands in clear in ${file}`);
  });
}

/**
 * Law 9: no clock was stopped and no case closed without a person's word, but by our own acknowledged answer, or by the map of
 * a State's profile that the scenario says is verified.
 */
function personLaw(book: Book, verifiedMap: string | undefined): string[] {
  return [...book.of('case', 'CLASSIFIED'), ...book.of('case', 'CLOSED')]
    .filter((event) => event.actor === 'system' || event.actor === 'upstream')
    .filter((event) => verifiedMap === undefined || event.data['rule'] !== verifiedMap)
    .map((event) => `law 9: ${event.type} of ${event.id} by no person`);
}

/** Law 8: the chain of the ledger verifies. */
async function chainLaw(ledger: LookedAt): Promise<string[]> {
  const report = await ledger.verify();
  if (report.ok) return [];
  const { writer, seq, what } = report.firstBroken ?? {};
  return [`law 8: the chain breaks at ${writer} ${seq}: ${what}`];
}

/** Every law that can be checked from outside; an empty list means that all hold. */
export async function brokenLaws(evidence: Evidence): Promise<readonly string[]> {
  const { ledger } = evidence;
  // What others saw is taken down before the ledger is read: the gateway files first, so it may know more, and never less.
  const simulatorEvents = [...evidence.simulatorEvents];
  const stationReceived = [...(evidence.stationReceived ?? [])];
  const stationAcknowledged = [...(evidence.stationAcknowledged ?? [])];
  const book = await readBook(ledger);
  const outbound = outboundOf(book);
  return [
    ...approvalLaw(outbound, simulatorEvents),
    ...frameLaw(book, simulatorEvents, evidence.line ?? {}),
    ...repeatLaw(outbound, simulatorEvents),
    ...stationLaw(book, stationReceived, stationAcknowledged),
    ...toldLaw(book),
    ...(await deadlineLaw(ledger, book)),
    ...(await capLaw(ledger)),
    ...secretLaw(evidence),
    ...(await chainLaw(ledger)),
    ...personLaw(book, evidence.verifiedMap),
  ];
}
