/**
 * Drafting: from what a person, a station or a clock wants to say, to the final text that will leave, filed as DRAFTED and
 * HELD (or, for inquiries, QUEUED) in one unit. The text is final when it is held; no byte of it changes afterwards.
 */
import { createHash } from 'node:crypto';
import { type Fault, HitlineError, type Warning } from '../../faults/fault.ts';
import type { Message, Values } from '../../formats/message.ts';
import { raise } from '../alarms/alarm.ts';
import { type CaseState, type ConfirmationClass, caseMachine } from '../cases/case.ts';
import type { Change } from '../change.ts';
import { arm, type DeadlineKind } from '../deadlines/deadline.ts';
import { tokensOf } from '../intake/tokens.ts';
import type { Parts, Work } from '../parts.ts';
import { fileIiiRequest, isIii } from '../records/iii-log.ts';
import { codingOf, faultsFor } from '../records/line-text.ts';
import { expectedSources } from '../routing/expected-sources.ts';
import { isUnheld, type OutboundState, outboundMachine, type SendClass } from './outbound-message.ts';

/** What somebody wants to say. `ori` and `terminalId` are those the message leaves under. */
export interface Wish {
  readonly key: string;
  readonly destinations: readonly string[];
  readonly fields: Values;
  readonly text?: string;
  readonly ori: string;
  readonly terminalId: string;
  /** An OSN, a station id, or `system`. */
  readonly requester: string;
  readonly stationId?: string;
  /** The text as it came, when a station sent it. */
  readonly draftText?: string;
  readonly caseId?: string;
  readonly companionOf?: string;
  readonly requestNumber?: number;
  /** For a YR: the class it gives. */
  readonly answersAs?: string;
  readonly answersUntilMs?: number;
}

/** A wish with its final text. */
export interface Draft {
  readonly reference: string;
  readonly message: Message;
  readonly text: string;
  readonly sha256: string;
  readonly warnings: readonly Warning[];
  /** Whether it leaves in the very unit that files it, so that nothing waits and nothing can grow old. */
  readonly leavesAtOnce?: boolean;
}

/** The digest by which a release is bound to its text: SHA-256 of the UTF-8 bytes, lower-case hex. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * Lays out the final text of a wish: our header, the reference and the terminal id. All faults come back at once.
 */
export async function layOut(
  parts: Parts,
  wish: Wish,
): Promise<{ readonly ok: true; readonly draft: Draft } | { readonly ok: false; readonly faults: readonly Fault[] }> {
  const table = parts.language.keyTable(wish.key);
  const line = table?.line ?? 'ncic';
  const reference = await parts.references.next();
  const message: Message = {
    line,
    key: wish.key,
    ori: wish.ori,
    destinations: wish.destinations,
    fields: wish.fields,
    ...(wish.text === undefined ? {} : { text: wish.text }),
    // A State's own key leaves in the form of one of the two lines, and bears our reference as they do.
    ...(line === 'nlets' || table?.form === 'nlets'
      ? { control: reference }
      : { header: headerFor(table?.header, wish.terminalId, reference) }),
  };
  const built = parts.language.build(message);
  if (!built.ok) return { ok: false, faults: built.faults };
  const unsendable = faultsFor(built.text, codingOf(parts.config.upstream));
  if (unsendable.length > 0) return { ok: false, faults: unsendable };
  return {
    ok: true,
    draft: { reference, message, text: built.text, sha256: sha256Of(built.text), warnings: built.warnings },
  };
}

/** NCIC and III headers: four fixed characters, then up to fifteen of ours; the last ten are the reference. */
function headerFor(prefix: string | null | undefined, terminalId: string, reference: string): string {
  return `${prefix ?? '1N01'}${terminalId.slice(0, 15 - reference.length)}${reference}`;
}

/**
 * Files a draft. An inquiry is queued; everything else is held with its approval deadline armed and an alarm raised. A YQ
 * without a case opens one.
 */
export async function fileDraft({ parts, change }: Work, wish: Wish, draft: Draft): Promise<OutboundState> {
  const { message, reference } = draft;
  const keyClass: SendClass = parts.language.classOf(message.key) ?? 'unknown';
  const priority = priorityOf(message) ?? (await priorityOfCase(change, wish.caseId));
  const caseId = wish.caseId ?? (message.key === 'YQ' ? parts.ids.next('c') : null);
  await mayBelong(change, message.key, wish);
  const texts: Record<string, Uint8Array> = { text: Buffer.from(draft.text, 'utf8') };
  if (wish.draftText !== undefined) texts['draft'] = Buffer.from(wish.draftText, 'utf8');
  await change.begin(outboundMachine, reference, {
    event: {
      type: 'DRAFTED',
      key: message.key,
      keyClass,
      ori: message.ori,
      terminalId: wish.terminalId,
      destinations: message.destinations,
      priority,
      requester: wish.requester,
      stationId: wish.stationId ?? null,
      caseId,
      companionOf: wish.companionOf ?? null,
      requestNumber: wish.requestNumber ?? requestNumberOf(message),
      answersAs: wish.answersAs ?? null,
      answersUntilMs: wish.answersUntilMs ?? null,
      sha256: draft.sha256,
      expects: expectedSources(message, keyClass),
    },
    actor: wish.requester,
    texts,
    tokens: tokensOf(message),
  });
  if (isIii(message.key, keyClass))
    await fileIiiRequest(change, { messageId: reference, message, requester: wish.requester });
  if (message.key === 'YQ' && wish.caseId === undefined && caseId !== null)
    await openAskCase({ parts, change }, caseId, draft);
  if (message.key === 'YR' && wish.caseId !== undefined)
    await change.apply(caseMachine, wish.caseId, {
      event: { type: 'ANSWER_DRAFTED', messageId: reference, as: (wish.answersAs ?? 'unclear') as ConfirmationClass },
      actor: wish.requester,
    });
  if (isUnheld(keyClass)) {
    const { leavesAtOnce = false } = draft;
    if (!leavesAtOnce) await armExpiry({ parts, change }, reference, change.now.atMs);
    const event = { type: 'QUEUED', ...(leavesAtOnce ? { atOnce: true } : {}) } as const;
    return change.apply(outboundMachine, reference, { event, actor: 'system' });
  }
  const held = await change.apply(outboundMachine, reference, { event: { type: 'HELD' }, actor: 'system' });
  await armApproval({ parts, change }, { id: reference, caseId, priority });
  await raise(change, priority === 'U' ? 'HELD_URGENT' : 'HELD', {
    alarmId: parts.ids.next('a'),
    messageId: reference,
    caseId,
  });
  return held;
}

/** The deadlines of a held message: its approval, and for what belongs to no case, its end. */
export async function armApproval(
  { parts, change }: Work,
  message: { readonly id: string; readonly caseId: string | null; readonly priority: 'U' | 'R' | null },
): Promise<void> {
  const { clocks } = parts.config;
  const on = { stream: 'message', id: message.id, caseId: message.caseId } as const;
  const waitMs = message.priority === 'U' ? clocks.approvalUrgentMs : clocks.approvalRoutineMs;
  await arm(change, 'approval', { ...on, dueAtMs: change.now.atMs + waitMs });
  // What belongs to an open case never expires: its approval deadline escalates instead.
  if (message.caseId === null)
    await arm(change, 'hold-expiry', { ...on, dueAtMs: change.now.atMs + clocks.holdExpiryMs });
}

/** The end of an inquiry that has not left: an old answer is worse than none. */
export async function armExpiry({ parts, change }: Work, id: string, createdAtMs: number): Promise<void> {
  const dueAtMs = createdAtMs + parts.config.clocks.inquiryExpiryMs;
  await arm(change, 'hold-expiry', { stream: 'message', id, caseId: null, dueAtMs });
}

/** A message is filed under a case only when that is open, and of the side that this key speaks for. */
async function mayBelong(change: Change, key: string, wish: Wish): Promise<void> {
  if (wish.caseId === undefined) return;
  const held = await change.get(caseMachine, wish.caseId);
  if (held === undefined) throw new HitlineError('NOT_FOUND');
  const { status, side, answerId } = held.state;
  const otherSide = (key === 'YQ' && side !== 'ask') || (key === 'YR' && side !== 'answer');
  // One answer at a time: two that wait side by side could contradict each other.
  if (status === 'closed' || otherSide || (key === 'YR' && answerId !== null)) throw new HitlineError('ALREADY_DONE');
  if ((key === 'YQ' || key === 'YR') && !isAboutCase(held.state, wish)) throw new HitlineError('CASE_OTHER');
}

/**
 * A request or an answer under a case is to its agency and about its record: what it says of another would start or stop the
 * clock of this one, and rest on the look at this one's document.
 */
function isAboutCase({ peerOri, nic }: CaseState, { destinations, fields }: Wish): boolean {
  const isTo = peerOri === '' || destinations.includes(peerOri);
  return isTo && (nic === '' || (fields['NIC'] ?? [nic]).includes(nic));
}

/** The priority of the case a message belongs to: an answer to an urgent request is itself urgent. */
async function priorityOfCase(change: Change, caseId: string | undefined): Promise<'U' | 'R' | null> {
  if (caseId === undefined) return null;
  return (await change.get(caseMachine, caseId))?.state.priority ?? null;
}

/** The deadlines that only a message that has not left yet can have. */
export const holdKinds: readonly DeadlineKind[] = ['approval', 'hold-expiry', 'release-limit'];

async function openAskCase({ parts, change }: Work, caseId: string, draft: Draft): Promise<void> {
  const { message } = draft;
  const peerOri = message.destinations[0];
  if (peerOri === undefined) throw new HitlineError('DESTINATION_MISSING');
  const oca = message.fields['OCA']?.[0];
  await change.begin(caseMachine, caseId, {
    event: {
      type: 'OPENED',
      side: 'ask',
      peerOri,
      nic: message.fields['NIC']?.[0] ?? '',
      ocaToken: oca === undefined ? null : parts.ledger.token('OCA', oca),
      priority: priorityOf(message) ?? 'U',
      requestNumber: requestNumberOf(message) ?? 1,
      questionId: draft.reference,
      addresses: message.destinations,
      dueAtMs: null,
      readable: true,
    },
    actor: 'system',
  });
}

/** The priority a YQ states; other messages have none. */
export function priorityOf(message: Message): 'U' | 'R' | null {
  const stated = message.fields['PRI']?.[0];
  return stated === 'U' || stated === 'R' ? stated : null;
}

/** The request number a YQ states. */
export function requestNumberOf(message: Message): number | null {
  const stated = message.fields['RNO']?.[0];
  return stated !== undefined && /^[1-3]$/.test(stated) ? Number(stated) : null;
}
