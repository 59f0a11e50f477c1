/**
 * Sealing a subject on a court's order, and lifting the seal: every message about the subject that is on file, with its case,
 * its answers and its rows in the criminal-history log, is hidden in one unit, and its search tokens are removed. What comes
 * later is not covered by an order of today. The custodian alone is told.
 */
import type { Gives, SealedSubject, Takes } from '../../console/contract.ts';
import { HitlineError } from '../../faults/fault.ts';
import { type AlarmState, alarmMachine } from '../alarms/alarm.ts';
import { caseMachine } from '../cases/case.ts';
import type { Change, Machine, Stepped } from '../change.ts';
import { type InboundState, inboundMachine } from '../intake/inbound-message.ts';
import { tokensOf } from '../intake/tokens.ts';
import type { Language } from '../language.ts';
import type { Entry, JsonObject, StoredState, Stream, TokenKind } from '../ledger/ledger.ts';
import { rowsByWriter, tokensDroppedType } from '../ledger/tombstone.ts';
import { type OutboundState, outboundMachine } from '../outbound/outbound-message.ts';
import type { Parts, Work } from '../parts.ts';
import { iiiMachine, iiiTokens } from './iii-log.ts';
import { namedText, textOfMessage } from './message-text.ts';
import { sealedStatus } from './sealable.ts';

/** The key of a seal's row on the stream `system`. */
export const sealedSubjectKey = 'SEALED_SUBJECT';

/** Things one order may hide; one that would hide more is too wide to be about one person. */
const thingsMax = 1_000;
const candidatesMax = 5_000;

export interface SubjectSealState extends JsonObject {
  readonly status: 'STANDING' | 'LIFTED';
  readonly messageIds: readonly string[];
  readonly caseIds: readonly string[];
  readonly iiiIds: readonly string[];
}

type SubjectSealEvent =
  | {
      readonly type: 'SUBJECT_SEALED';
      readonly messageIds: readonly string[];
      readonly caseIds: readonly string[];
      readonly iiiIds: readonly string[];
    }
  /** A late answer to a question that is sealed. */
  | { readonly type: 'SUBJECT_JOINED'; readonly messageId: string }
  | { readonly type: 'SUBJECT_UNSEALED'; readonly agreedBy: string };

/** The machine of seals; who the subject is and which order says so are texts, kept encrypted. */
export const subjectSealMachine: Machine<SubjectSealState, SubjectSealEvent> = {
  stream: 'system',
  step(state, event): Stepped<SubjectSealState> {
    if (event.type === 'SUBJECT_SEALED') {
      if (state !== undefined) return { ok: false, code: 'ALREADY_DONE' };
      const { messageIds, caseIds, iiiIds } = event;
      return { ok: true, state: { status: 'STANDING', messageIds, caseIds, iiiIds }, effects: [] };
    }
    if (state === undefined) return { ok: false, code: 'NOT_FOUND' };
    if (state.status !== 'STANDING') return { ok: false, code: 'ALREADY_DONE' };
    if (event.type === 'SUBJECT_UNSEALED') return { ok: true, state: { ...state, status: 'LIFTED' }, effects: [] };
    return { ok: true, state: { ...state, messageIds: [...state.messageIds, event.messageId] }, effects: [] };
  },
  row: (state) => ({ status: state.status, key: sealedSubjectKey, body: state }),
};

type Subject = Takes<'sealSubject'>['subject'];

/** What is on file about a subject. */
interface Found {
  readonly messages: ReadonlyMap<string, StoredState>;
  readonly cases: ReadonlyMap<string, StoredState>;
  /** Messages in quarantine that bear the reference of one that was found. */
  readonly quarantinedCount: number;
}

const squeezed = (value: string): string => value.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The last name and the first given name; more of a name is written or left out as the writer likes. */
function nameParts(name: string): string {
  const [last = '', given = ''] = name.split(',', 2);
  return `${squeezed(last)},${squeezed(given.trim().split(/\s+/)[0] ?? '')}`;
}

/** The subject as it is kept and shown to the custodian, written as fields. */
function wordsOf(subject: Subject): string {
  const { name, dob, fbi, nic, oca } = subject;
  const fields = { NAM: name, DOB: dob, FBI: fbi, NIC: nic, OCA: oca };
  return Object.entries(fields)
    .flatMap(([code, value]) => (value === undefined ? [] : [`${code}/${value}`]))
    .join('.');
}

/** By which tokens messages about the subject are looked for. */
function tokensFor({ name, fbi, nic, oca }: Subject): NonNullable<Entry['tokens']> {
  const given: readonly (readonly [TokenKind, string | undefined])[] = [
    ['NAM1', name],
    ['FBI', fbi],
    ['NIC', nic],
    ['OCA', oca],
  ];
  return given.flatMap(([kind, value]) => (value === undefined ? [] : [{ kind, value }]));
}

/** Whether a text names this person: the same last and first name, and no other date of birth. */
function namesPerson(language: Language, text: string, { name, dob }: Subject): boolean {
  const parsed = language.parseTheirs(text);
  if (!parsed.ok || name === undefined) return false;
  const { NAM: names = [], DOB: births = [] } = parsed.message.fields;
  if (!names.some((one) => nameParts(one) === nameParts(name))) return false;
  return dob === undefined || births.length === 0 || births.includes(dob);
}

/** Everything on file about a subject, with what belongs to it: a question's answers, a case's messages. */
async function findAbout(parts: Parts, subject: Subject): Promise<Found> {
  const { ledger } = parts;
  const messages = new Map<string, StoredState>();
  const cases = new Map<string, StoredState>();
  const waiting = new Set<string>(subject.messageIds ?? []);
  for (const token of tokensFor(subject)) {
    const rows = await ledger.states({ stream: 'message', token, order: 'newest', limit: candidatesMax });
    if (rows.length >= candidatesMax) throw new HitlineError('SUBJECT_TOO_WIDE');
    for (const row of rows) {
      const isNamed =
        token.kind !== 'NAM1' || namesPerson(parts.language, (await textOfMessage(ledger, row.id)) ?? '', subject);
      if (isNamed) waiting.add(row.id);
    }
  }
  let quarantinedCount = 0;
  // The set grows while it is walked: whatever belongs to what is found is found with it.
  for (const id of waiting) {
    const row = await ledger.state('message', id);
    if (row === undefined || row.status === sealedStatus) continue;
    messages.set(id, row);
    if (messages.size + cases.size > thingsMax) throw new HitlineError('SUBJECT_TOO_WIDE');
    const state = row.body as OutboundState | InboundState;
    const beside = state.direction === 'out' ? state.answerIds : [state.questionId];
    for (const one of beside) if (one !== null) waiting.add(one);
    const below = await ledger.states({ stream: 'message', parent: id, order: 'oldest', limit: thingsMax });
    quarantinedCount += below.filter((one) => (one.body as InboundState).sorted === 'QUARANTINED').length;
    if (state.caseId === null || cases.has(state.caseId)) continue;
    const held = await ledger.state('case', state.caseId);
    if (held === undefined || held.status === sealedStatus) continue;
    cases.set(held.id, held);
    const ofCase = await ledger.states({ stream: 'message', parent: held.id, order: 'oldest', limit: thingsMax });
    for (const one of ofCase) waiting.add(one.id);
  }
  return { messages, cases, quarantinedCount };
}

/** Outbound messages in these states still wait for a person, the line or an answer. */
const underWay: readonly string[] = ['DRAFT', 'HELD', 'APPROVED', 'QUEUED', 'SENT', 'ACKED', 'IN_DOUBT'];

/**
 * What is still under way is not hidden: a hit confirmation that nobody sees any more would harm somebody, and what is in
 * quarantine may be about him or about another, which a person says first.
 */
function inUse({ messages, cases, quarantinedCount }: Found): boolean {
  if (quarantinedCount > 0) return true;
  const isOpen = [...cases.values()].some((one) => one.status === 'open');
  return isOpen || [...messages.values()].some((one) => underWay.includes(one.status) && isWaitedFor(one));
}

/**
 * A message that nothing is expected to answer has its end with the acknowledgement; a hit confirmation request with its case,
 * whose being open is asked about apart: an earlier request that nobody answered would else be waited for without end.
 */
function isWaitedFor(row: StoredState): boolean {
  const state = row.body as OutboundState;
  if (row.key === 'YQ' && state.caseId !== null && row.status === 'ACKED') return false;
  return row.status !== 'ACKED' || (Array.isArray(state.expects) && state.expects.length > 0);
}

function machineFor(stored: StoredState): typeof outboundMachine | typeof inboundMachine {
  return stored.body['direction'] === 'out' ? outboundMachine : inboundMachine;
}

/**
 * Hides a subject. With `dryRun` nothing is hidden and what would be is told. Faults: NOT_FOUND when nothing is on file,
 * SUBJECT_IN_USE while a case or a message about it is under way, SUBJECT_TOO_WIDE.
 */
export async function sealSubject(
  parts: Parts,
  osn: string,
  params: Takes<'sealSubject'>,
): Promise<Gives<'sealSubject'>> {
  return parts.change(async (change) => {
    const found = await findAbout(parts, params.subject);
    if (found.messages.size === 0) throw new HitlineError('NOT_FOUND');
    const messageIds = [...found.messages.keys()];
    const caseIds = [...found.cases.keys()];
    const counts = { messageIds, caseIds };
    if (params.dryRun === true) return { id: null, ...counts };
    if (inUse(found)) throw new HitlineError('SUBJECT_IN_USE');
    const id = parts.ids.next('sealed');
    const iiiIds = await hide({ parts, change }, found, { sealId: id, osn });
    await silenceAlarms({ parts, change }, new Set([...messageIds, ...caseIds]), osn);
    const texts = { subject: wordsOf(params.subject), order: params.order, reason: params.reason };
    await change.apply(subjectSealMachine, id, {
      event: { type: 'SUBJECT_SEALED', messageIds, caseIds, iiiIds },
      actor: osn,
      texts: bytesOf(texts),
      tokens: tokensFor(params.subject).flatMap((one) =>
        one.kind === 'NAM1' ? [one, { kind: 'NAM' as const, value: one.value }] : [one],
      ),
    });
    return { id, ...counts };
  });
}

function bytesOf(texts: Readonly<Record<string, string>>): Readonly<Record<string, Uint8Array>> {
  return Object.fromEntries(
    Object.entries(texts)
      .filter(([, text]) => text !== '')
      .map(([name, text]) => [name, Buffer.from(text, 'utf8')]),
  );
}

/** Moves everything found to SEALED and takes its search tokens away. Gives the ids in the criminal-history log. */
async function hide(
  { parts, change }: Work,
  found: Found,
  by: { readonly sealId: string; readonly osn: string },
): Promise<readonly string[]> {
  const event = { type: 'SEALED', sealId: by.sealId } as const;
  const act = { event, actor: by.osn };
  const iiiIds: string[] = [];
  for (const [id, stored] of found.messages) {
    await applyTo(change, stored, act);
    for (const row of await parts.ledger.states({ stream: 'iii', parent: id, order: 'oldest', limit: thingsMax })) {
      if (row.status === sealedStatus) continue;
      await change.apply(iiiMachine, row.id, act);
      iiiIds.push(row.id);
    }
  }
  for (const id of found.cases.keys()) await change.apply(caseMachine, id, act);
  const rows = [
    ...(await rowsOf(parts, 'message', [...found.messages.keys()])),
    ...(await rowsOf(parts, 'iii', iiiIds)),
  ];
  change.file({
    stream: 'system',
    id: `${by.sealId}-tokens`,
    type: tokensDroppedType,
    actor: by.osn,
    data: { rows: rowsByWriter(rows), sealId: by.sealId },
  });
  change.dropTokens(rows);
  return iiiIds;
}

type SealAct = {
  readonly event: { readonly type: 'SEALED' | 'UNSEALED'; readonly sealId: string };
  readonly actor: string;
  readonly tokens?: Entry['tokens'];
};

async function applyTo(change: Change, stored: StoredState, act: SealAct): Promise<void> {
  if (machineFor(stored) === outboundMachine) await change.apply(outboundMachine, stored.id, act);
  else await change.apply(inboundMachine, stored.id, act);
}

async function rowsOf(
  parts: Parts,
  stream: Stream,
  ids: readonly string[],
): Promise<readonly { readonly writer: string; readonly seq: number }[]> {
  const rows: { writer: string; seq: number }[] = [];
  for (const id of ids) {
    for (const { writer, seq } of await parts.ledger.history(stream, id)) rows.push({ writer, seq });
  }
  return rows;
}

/** An alarm that still calls for somebody would tell that something is there. */
async function silenceAlarms({ parts, change }: Work, ids: ReadonlySet<string>, osn: string): Promise<void> {
  const rows = await parts.ledger.states({
    stream: 'alarm',
    status: ['RAISED'],
    order: 'newest',
    limit: candidatesMax,
  });
  for (const row of rows) {
    const { messageId, caseId } = row.body as AlarmState;
    if (!ids.has(messageId ?? '') && !ids.has(caseId ?? '')) continue;
    await change.apply(alarmMachine, row.id, { event: { type: 'SILENCED' }, actor: osn });
  }
}

/** Lifts a seal by the word of two people: everything is seen and found again. Faults: NOT_FOUND, ALREADY_DONE. */
export async function unsealSubject(
  parts: Parts,
  by: { readonly osn: string; readonly agreedBy: string },
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<string> {
  return parts.change(async (change) => {
    if ((await parts.ledger.state('system', id))?.key !== sealedSubjectKey) throw new HitlineError('NOT_FOUND');
    const state = await change.apply(subjectSealMachine, id, {
      event: { type: 'SUBJECT_UNSEALED', agreedBy: by.agreedBy },
      actor: by.osn,
      texts: { reason: Buffer.from(reason, 'utf8') },
    });
    const act = { event: { type: 'UNSEALED', sealId: id }, actor: by.osn } as const;
    for (const messageId of state.messageIds) {
      const stored = await parts.ledger.state('message', messageId);
      if (stored !== undefined) await applyTo(change, stored, { ...act, tokens: await messageTokens(parts, stored) });
    }
    for (const caseId of state.caseIds) await change.apply(caseMachine, caseId, act);
    for (const one of state.iiiIds) {
      await change.apply(iiiMachine, one, { ...act, tokens: await tokensOfIii(parts, one) });
    }
    return state.status;
  });
}

/** The tokens a message was found by, made anew from its text; none when the text is no more. */
async function messageTokens(parts: Parts, stored: StoredState): Promise<NonNullable<Entry['tokens']>> {
  const parsed = parts.language.parseTheirs((await textOfMessage(parts.ledger, stored.id)) ?? '');
  if (parsed.ok) return tokensOf(parsed.message);
  const { nics } = stored.body as InboundState;
  return (Array.isArray(nics) ? nics : []).map((value: string) => ({ kind: 'NIC', value }));
}

async function tokensOfIii(parts: Parts, id: string): Promise<NonNullable<Entry['tokens']>> {
  const events = await parts.ledger.history('iii', id);
  const text = (name: string): Promise<string | undefined> => namedText(parts.ledger, events, name);
  return iiiTokens({
    requestor: await text('requestor'),
    recipient: await text('recipient'),
    subject: await text('subject'),
  });
}

/** The seals, the newest first, or those that stand for an identifier; for the custodian's eyes. */
export async function sealedSubjects(
  parts: Parts,
  token?: { readonly kind: TokenKind; readonly value: string },
): Promise<SealedSubject[]> {
  const rows = await parts.ledger.states({
    stream: 'system',
    key: sealedSubjectKey,
    order: 'newest',
    limit: 500,
    ...(token === undefined ? {} : { token, status: ['STANDING'] }),
  });
  return Promise.all(rows.map((row) => sealedSubjectOf(parts, row)));
}

async function sealedSubjectOf(parts: Parts, row: StoredState): Promise<SealedSubject> {
  const state = row.body as SubjectSealState;
  const events = await parts.ledger.history('system', row.id);
  const [made] = events;
  const text = async (name: string): Promise<string> =>
    (await namedText(parts.ledger, [...events].slice(0, 1), name)) ?? '';
  return {
    id: row.id,
    status: state.status,
    atMs: row.createdAtMs,
    by: made?.actor ?? '',
    subject: await text('subject'),
    order: await text('order'),
    reason: await text('reason'),
    messageIds: [...state.messageIds],
    caseIds: [...state.caseIds],
  };
}
