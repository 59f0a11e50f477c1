/**
 * The law checker: reads the ledger, what the simulated switch saw, and the files on disk, and says which of the laws of the
 * house do not hold. It runs after every step of every scenario. It trusts no state row where an event can tell.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatorEvent } from '../../src/simulator/events.ts';
import type { Ledger, StoredEvent } from '../../src/switch/ledger/ledger.ts';

/** What a scenario has in its hands. */
export interface Evidence {
  readonly ledger: Ledger;
  readonly simulatorEvents: readonly SimulatorEvent[];
  /** Files and folders no clear value may be in. */
  readonly paths: readonly string[];
  /** Values of sensitive fields that were sent; none of them may be found in `paths`. */
  readonly secrets: readonly string[];
}

const rowsMax = 5_000;
const heldClasses = ['record', 'confirm', 'tell', 'unknown'];

const sha256 = (text: string): string => createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex');

interface Outbound {
  readonly id: string;
  readonly drafted: StoredEvent;
  readonly events: readonly StoredEvent[];
}

async function outboundOf(ledger: Ledger): Promise<readonly Outbound[]> {
  const drafted = await ledger.events({ stream: 'message', type: 'DRAFTED', limit: rowsMax });
  return Promise.all(
    drafted.map(async (event) => ({ id: event.id, drafted: event, events: await ledger.history('message', event.id) })),
  );
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

/** Law 2: every frame that carried a message is on file exactly once, each attempt its own row. */
async function frameLaw(ledger: Ledger, seen: readonly SimulatorEvent[]): Promise<string[]> {
  const frames = (await ledger.events({ stream: 'frame', limit: rowsMax })).filter((one) =>
    String(one.data['link']).startsWith('upstream'),
  );
  const count = (direction: string): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const frame of frames) {
      if (frame.data['direction'] !== direction) continue;
      const key = `${frame.data['exchangeId']} ${frame.data['sha256']}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  };
  const broken: string[] = [];
  const out = count('out');
  for (const event of seen) {
    if (event.type !== 'received') continue;
    const key = `${event.exchangeId} ${sha256(event.text)}`;
    const left = out.get(key) ?? 0;
    if (left === 0) broken.push(`law 2: a frame the switch received is not on file (event ${event.seq})`);
    out.set(key, left - 1);
  }
  const arrived = count('in');
  for (const event of seen) {
    if (event.type !== 'fate' || event.outcome.type !== 'acked') continue;
    const sent = seen.findLast(
      (one) => one.type === 'sent' && one.deliveryId === event.deliveryId && one.seq < event.seq,
    );
    if (sent?.type !== 'sent') continue;
    const key = `${sent.exchangeId} ${sha256(sent.text)}`;
    if ((arrived.get(key) ?? 0) === 0) broken.push(`law 2: an acknowledged frame is not on file (event ${event.seq})`);
  }
  return broken;
}

/** Law 3: nothing that may not be repeated reached the switch twice without a person's word. */
function repeatLaw(outbound: readonly Outbound[], seen: readonly SimulatorEvent[]): string[] {
  const broken: string[] = [];
  for (const { id, drafted, events } of outbound) {
    if (!heldClasses.includes(String(drafted.data['keyClass']))) continue;
    const times = seen.filter((one) => one.type === 'received' && sha256(one.text) === drafted.data['sha256']).length;
    const allowed = 1 + events.filter((one) => one.type === 'RESOLVED' && one.data['decision'] === 'send-again').length;
    if (times > allowed) broken.push(`law 3: the switch received ${id} ${times} times`);
    const sent =
      events.filter((one) => one.type === 'SENT').length - events.filter((one) => one.type === 'NOT_SENT').length;
    if (sent > allowed) broken.push(`law 3: ${id} was sent ${sent} times`);
  }
  return broken;
}

/** Law 4: every open case has an owner and an armed deadline; deadlines fire once and never early. */
async function deadlineLaw(ledger: Ledger): Promise<string[]> {
  const broken: string[] = [];
  for (const row of await ledger.states({ stream: 'case', status: ['open'], limit: rowsMax })) {
    if (!row.osn) broken.push(`law 4: case ${row.id} has no owner`);
    const armed = await ledger.states({ stream: 'deadline', parent: row.id, status: ['ARMED'], limit: 10 });
    if (armed.length === 0) broken.push(`law 4: open case ${row.id} has no armed deadline`);
  }
  for (const event of await ledger.events({ stream: 'deadline', type: 'FIRED', limit: rowsMax })) {
    const history = await ledger.history('deadline', event.id);
    const before = history.find((one) => one.version === event.version - 1);
    if (before?.type !== 'ARMED') broken.push(`law 4: deadline ${event.id} fired without being armed`);
    else if (event.atMs < Number(before.data['dueAtMs'])) broken.push(`law 4: deadline ${event.id} fired early`);
  }
  return broken;
}

function filesBelow(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return found.isFile() ? [path] : [];
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)));
}

/** Law 5: no value of a sensitive field stands in clear in a file or a file's name. */
function secretLaw(evidence: Evidence): string[] {
  const broken: string[] = [];
  for (const file of evidence.paths.flatMap(filesBelow)) {
    let bytes: Buffer;
    try {
      bytes = readFileSync(file);
    } catch {
      continue;
    }
    for (const [index, secret] of evidence.secrets.entries()) {
      if (bytes.includes(secret) || file.includes(secret))
        broken.push(`law 5: secret number ${index} stands in clear in ${file}`);
    }
  }
  return broken;
}

/** Law 9: no clock was stopped and no case closed without a person's word, but by our own acknowledged answer. */
async function personLaw(ledger: Ledger): Promise<string[]> {
  const broken: string[] = [];
  for (const type of ['CLASSIFIED', 'CLOSED'] as const) {
    for (const event of await ledger.events({ stream: 'case', type, limit: rowsMax })) {
      if (event.actor === 'system' || event.actor === 'upstream')
        broken.push(`law 9: ${type} of ${event.id} by no person`);
    }
  }
  return broken;
}

/** Every law that can be checked from outside; an empty list means that all hold. */
export async function brokenLaws(evidence: Evidence): Promise<readonly string[]> {
  const { ledger, simulatorEvents } = evidence;
  const outbound = await outboundOf(ledger);
  const report = await ledger.verify();
  return [
    ...approvalLaw(outbound, simulatorEvents),
    ...(await frameLaw(ledger, simulatorEvents)),
    ...repeatLaw(outbound, simulatorEvents),
    ...(await deadlineLaw(ledger)),
    ...secretLaw(evidence),
    ...(report.ok
      ? []
      : [
          `law 8: the chain breaks at ${report.firstBroken?.writer} ${report.firstBroken?.seq}: ${report.firstBroken?.what}`,
        ]),
    ...(await personLaw(ledger)),
  ];
}
