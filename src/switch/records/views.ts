/** What screens see: the rows and views of the console contract, made from the ledger. */
import type {
  AlarmView,
  CaseRow,
  CaseView,
  FrameView,
  MessageRow,
  MessageView,
  TimelineItem,
} from '../../console/contract.ts';
import { type FaultCode, faultTable, HitlineError, makeFault } from '../../faults/fault.ts';
import { type AlarmState, alarmTable } from '../alarms/alarm.ts';
import type { CaseState } from '../cases/case.ts';
import { checkOnFile } from '../cases/our-answer.ts';
import type { InboundState } from '../intake/inbound-message.ts';
import type { OutGap } from '../intake/out-numbers.ts';
import type { PacketRow } from '../ledger/keeping/packet.ts';
import type { JsonObject, StoredEvent, StoredState } from '../ledger/ledger.ts';
import { sha256Of } from '../outbound/drafting.ts';
import type { OutboundState } from '../outbound/outbound-message.ts';
import type { Parts } from '../parts.ts';
import { waitEndWords, waitWords } from '../routing/expected-sources.ts';
import { iiiRowsOf } from './iii-desk.ts';
import { namedText, textOfMessage } from './message-text.ts';
import { sealOf } from './sealable.ts';

/** The `undefined` of an optional field, taken out. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** A line of a list, whichever way the message goes. */
export function messageRowOf(stored: StoredState): MessageRow {
  const state = stored.body as OutboundState | InboundState;
  const row = state.direction === 'out' ? outboundRow(stored, state) : inboundRow(stored, state);
  return sealOf(state) === undefined ? row : { ...row, sealed: true };
}

/**
 * What a question shows: NO RECORD only when every expected source has said so, a hit at once, and else what is still
 * waited for, or did not come in time.
 */
function questionVerdict(state: OutboundState): string | undefined {
  if (state.attempts === 0) return undefined;
  const waiting = ['SENT', 'ACKED', 'IN_DOUBT'].includes(state.status);
  const open = waiting ? waitWords(state) : waitEndWords(state);
  const said = open !== '' && state.verdict === 'NO RECORD' ? '' : (state.verdict ?? '');
  const all = [said, open].filter((one) => one !== '').join('; ');
  return all === '' ? undefined : all;
}

function outboundRow(stored: StoredState, state: OutboundState): MessageRow {
  // A message that was stale once and then refused or withdrawn is no longer held.
  const isStale = state.stale && state.status === 'HELD';
  return present({
    id: stored.id,
    direction: 'out' as const,
    status: isStale ? 'HELD - STALE' : state.status,
    stale: isStale,
    key: state.key,
    keyClass: state.keyClass,
    peerOri: state.destinations[0] ?? '',
    reference: stored.id,
    priority: state.priority ?? undefined,
    createdAtMs: stored.createdAtMs,
    updatedAtMs: stored.updatedAtMs,
    caseId: state.caseId ?? undefined,
    requester: state.requester,
    operator: state.operator ?? undefined,
    approver: state.approver ?? undefined,
    verdict: questionVerdict(state),
    reason: state.reason ?? undefined,
    alarm: state.status === 'IN_DOUBT' || state.status === 'NAKED',
  }) as MessageRow;
}

function inboundRow(stored: StoredState, state: InboundState): MessageRow {
  return present({
    id: stored.id,
    direction: 'in' as const,
    status: state.status,
    stale: false,
    key: state.key,
    keyClass: state.keyClass,
    peerOri: state.ori,
    reference: state.questionId ?? undefined,
    priority: state.priority ?? undefined,
    createdAtMs: stored.createdAtMs,
    updatedAtMs: stored.updatedAtMs,
    caseId: state.caseId ?? undefined,
    verdict: state.verdict === '' ? undefined : state.verdict,
    reason: state.quarantineReason ?? undefined,
    alarm: state.mustRead && state.readBy.length === 0,
  }) as MessageRow;
}

/** A case as a line of a list. */
export function caseRowOf(stored: StoredState): CaseRow {
  const state = stored.body as CaseState;
  return {
    id: stored.id,
    side: state.side,
    status: state.status,
    phase: state.phase,
    peerOri: state.peerOri,
    nic: state.nic,
    priority: state.priority,
    requestNumber: state.requestNumber,
    startedAtMs: state.startedAtMs,
    dueAtMs: state.dueAtMs,
    stoppedAtMs: state.stoppedAtMs,
    overdue: state.overdue,
    createdAtMs: state.createdAtMs,
  };
}

/** An alarm as screens show it. */
export function alarmViewOf(stored: Pick<StoredState, 'id' | 'body'>): AlarmView {
  const state = stored.body as AlarmState;
  const row = alarmTable[state.code];
  return present({
    id: stored.id,
    level: row.level,
    code: state.code,
    text: state.stationId == null ? row.text : `${row.text} Station: ${state.stationId}.`,
    atMs: state.atMs,
    messageId: state.messageId ?? undefined,
    caseId: state.caseId ?? undefined,
  }) as AlarmView;
}

/** What each event of a message means to a person. */
const messageWords: Readonly<Record<string, string>> = {
  DRAFTED: 'drafted',
  REJECTED: 'rejected: it has faults',
  HELD: 'held for approval',
  ACCEPTED: 'accepted at the COJ',
  RELEASED: 'released by the approver',
  REFUSED: 'refused',
  WITHDRAWN: 'withdrawn',
  QUEUED: 'queued for the line',
  SENT: 'sent',
  NOT_SENT: 'did not leave; queued again',
  ACKED: 'acknowledged by the switch',
  NAKED: 'refused by the switch',
  IN_DOUBT: 'IN DOUBT: it may have been sent',
  RETRIED: 'asked again under the same reference',
  ANSWERED: 'an answer came',
  STATUS_CAME: 'the network said something about it',
  ANSWER_WAIT_ENDED: 'the wait for answers ended',
  STALED: 'did not leave in time: HELD - STALE',
  EXPIRED: 'expired',
  RESOLVED: 'decided by a person',
  RECEIVED: 'received',
  MATCHED: 'matched to its question',
  UNSOLICITED: 'unsolicited',
  QUARANTINED: 'quarantined',
  FREED: 'freed from quarantine by a person',
  SEALED: 'subject sealed',
  UNSEALED: 'seal lifted',
  LINKED: 'linked to a case by a person',
  DELIVERED: 'delivered',
  READ: 'read',
};

const caseWords: Readonly<Record<string, string>> = {
  OPENED: 'case opened',
  CLOCK_STARTED: 'clock started: our request left',
  PROPOSED: 'an answer came; its class is proposed',
  CLASSIFIED: 'class accepted',
  LAPSED: 'time lapsed',
  NEXT_DRAFTED: 'next request drafted and held',
  TELEPHONE: 'not delivered: telephone',
  CONTACTED: 'contacted by telephone',
  CLOCK_TAKEN_BACK: 'clock taken back: our request never left',
  QUESTION_DROPPED: 'our request will not leave',
  REPEATED: 'asked again',
  CHECKED: 'source document checked',
  ANSWER_DRAFTED: 'answer drafted and held',
  ANSWER_DROPPED: 'answer will not leave',
  ANSWERED: 'answer acknowledged by the switch',
  REOPENED: 'open again: the answer did not arrive',
  OWNED: 'taken',
  CLOSED: 'closed',
};

async function timelineOf(
  parts: Parts,
  events: readonly StoredEvent[],
  words: Readonly<Record<string, string>>,
): Promise<TimelineItem[]> {
  const items: TimelineItem[] = [];
  for (const event of events) {
    const given = event.textNames.includes('reason') ? await parts.ledger.text(event, 'reason') : undefined;
    const plainNote =
      event.data['cause'] ?? event.data['as'] ?? event.data['decision'] ?? event.data['overShoulderOf'] ?? '';
    items.push({
      atMs: event.atMs,
      what: words[event.type] ?? event.type,
      actor: event.actor,
      note:
        given === undefined ? `${plainNote ?? ''}${ruleOf(event)}${gapOf(event)}` : Buffer.from(given).toString('utf8'),
    });
  }
  return items;
}

/** Which numbers of the switch's count did not come before a message. */
function gapOf({ data }: StoredEvent): string {
  const gap = data['gap'] as OutGap | null | undefined;
  if (gap === undefined || gap === null) return '';
  const { station, from, to } = gap;
  return `SWITCH NUMBERS TO ${station} LEFT OUT BEFORE IT: ${from === to ? from : `${from} TO ${to}`}`;
}

/** By which State's verified map a class was taken, when no person took it. */
function ruleOf({ data }: StoredEvent): string {
  return typeof data['rule'] === 'string' ? ` BY THE VERIFIED MAP ${data['rule']}` : '';
}

/** One sentence on what sending does. */
function effectOf(parts: Parts, state: OutboundState): string {
  const title = parts.language.keyTable(state.key)?.title ?? `Message key ${state.key}, which no table names`;
  const where = state.destinations.length > 0 ? ` to ${state.destinations.join(', ')}` : '';
  const again =
    state.keyClass === 'inquiry' || state.keyClass === 'history'
      ? ''
      : ' It is sent once; nothing sends it again by itself.';
  return `${title}${where}, from ${state.ori} at ${state.terminalId}.${again}`;
}

/** What changed between the text a station sent and the text that will leave, a sentence each. */
function changesBetween(draftText: string | undefined, text: string): string[] {
  if (draftText === undefined || draftText === text) return [];
  const normal = (value: string): string[] => value.replace(/\x7f/g, '').replace(/\r\n?/g, '\n').split('\n');
  const [before, after] = [normal(draftText), normal(text)];
  const changes: string[] = [];
  if (before[0] !== after[0])
    changes.push("The header is ours: the sender ORI is the agency's and the control field is our reference.");
  const bodyBefore = before
    .slice(1)
    .join(' ')
    .replace(/[\s.]+/g, ' ')
    .trim();
  const bodyAfter = after
    .slice(1)
    .join(' ')
    .replace(/[\s.]+/g, ' ')
    .trim();
  if (bodyBefore !== bodyAfter) changes.push('The body is laid out anew; compare it with the text that came.');
  return changes;
}

function faultsOf(codes: unknown): { code: string; text: string }[] {
  if (!Array.isArray(codes)) return [];
  return codes
    .filter((one): one is FaultCode => typeof one === 'string' && one in faultTable)
    .map((code) => makeFault(code));
}

/** The held messages that go with this one, with the very texts that a release in the same act lets go. */
async function companionsOf(
  parts: Parts,
  id: string,
  state: OutboundState,
): Promise<{ id: string; text: string; sha256: string }[]> {
  if (state.caseId === null) return [];
  const rows = await parts.ledger.states({ stream: 'message', parent: state.caseId, status: ['HELD'], limit: 50 });
  const found: { id: string; text: string; sha256: string }[] = [];
  for (const row of rows) {
    if ((row.body as OutboundState).companionOf !== id) continue;
    const text = (await textOfMessage(parts.ledger, row.id)) ?? '';
    found.push({ id: row.id, text, sha256: sha256Of(text) });
  }
  return found;
}

/** What stands in clear of a received message's header. */
function headerOf(received: StoredEvent | undefined): Pick<MessageView, 'control' | 'stamps'> {
  const { control, stamps } = received?.data ?? {};
  return {
    ...(typeof control === 'string' ? { control } : {}),
    ...(stamps === undefined || stamps === null ? {} : { stamps: stamps as MessageView['stamps'] & object }),
  };
}

/** A frame as it is shown. */
export function frameViewOf(row: PacketRow): FrameView {
  const data = JSON.parse(row.data) as JsonObject;
  const text = (name: string): string => String(data[name] ?? '');
  const port = data['peerPort'] === null || data['peerPort'] === undefined ? '' : `:${text('peerPort')}`;
  return {
    id: row.id,
    direction: data['direction'] === 'out' ? 'out' : 'in',
    atMs: row.atMs,
    monoMs: row.monoMs,
    seq: row.seq,
    link: text('link'),
    peer: `${text('peer')}${port}`,
    local: text('local'),
    exchangeId: Number(data['exchangeId']),
    bytes: Number(data['bytes']),
    sha256: text('sha256'),
    duplicate: data['duplicate'] === true,
  };
}

/** Everything about one message. Throws NOT_FOUND. */
export async function messageViewOf(parts: Parts, id: string): Promise<MessageView> {
  const stored = await parts.ledger.state('message', id);
  if (stored === undefined) throw new HitlineError('NOT_FOUND');
  const events = await parts.ledger.history('message', id);
  const text = (await namedText(parts.ledger, events, 'text')) ?? '';
  const draftText = await namedText(parts.ledger, events, 'draft');
  const state = stored.body as OutboundState | InboundState;
  const out = state.direction === 'out';
  // An answer is shown with the rows of the request it belongs to; what is about no history has none.
  const iii = await iiiRowsOf(parts, out ? id : (state.questionId ?? id));
  const codes = events.flatMap(
    (event) => (event.data['codes'] ?? event.data['faultCodes'] ?? []) as readonly unknown[],
  );
  return {
    ...messageRowOf(stored),
    text,
    sha256: sha256Of(text),
    ...(draftText === undefined || draftText === text ? {} : { draftText }),
    changes: changesBetween(draftText, text),
    effect: out ? effectOf(parts, state) : '',
    faults: faultsOf(codes),
    timeline: await timelineOf(parts, events, messageWords),
    answerIds: out ? [...state.answerIds] : [],
    ...(iii.length === 0 ? {} : { iii }),
    ori: state.ori,
    destinations: [...state.destinations],
    ...headerOf(events[0]),
    ...(out && state.status === 'HELD' ? { companions: await companionsOf(parts, id, state) } : {}),
  };
}

/** Everything about one case. Throws NOT_FOUND. */
export async function caseViewOf(parts: Parts, id: string): Promise<CaseView> {
  const stored = await parts.ledger.state('case', id);
  if (stored === undefined) throw new HitlineError('NOT_FOUND');
  const state = stored.body as CaseState;
  const events = await parts.ledger.history('case', id);
  const messages = await parts.ledger.states({ stream: 'message', parent: id, order: 'oldest', limit: 200 });
  const proposal = state.proposal;
  const proposed =
    proposal === null ? null : { messageId: proposal.messageId, proposed: proposal.proposed, why: proposal.why };
  return {
    ...caseRowOf(stored),
    messages: messages.map(messageRowOf),
    timeline: await timelineOf(parts, events, caseWords),
    proposal: proposed,
    check: state.checked ? ((await checkOnFile(parts, id)) ?? null) : null,
    sourceDocument: state.side === 'answer' ? ((await parts.sources.find(state.nic)) ?? null) : null,
    closedReason: state.closedReason,
  };
}
