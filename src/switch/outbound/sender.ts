/**
 * The upstream sender: takes what is queued in order of urgency, files SENT before the first byte leaves, and files what
 * became of it. Nothing but inquiry and history is ever sent again by itself.
 */
import type { Link, SendOutcome } from '../../wire/link.ts';
import { type AlarmCode, raise } from '../alarms/alarm.ts';
import { answerArrived, messageDropped, startAskClock } from '../cases/case-work.ts';
import type { Change, Held } from '../change.ts';
import { arm, callOff } from '../deadlines/deadline.ts';
import type { Bell, BellSource } from '../deadlines/scheduler.ts';
import type { Parts } from '../parts.ts';
import { textOfMessage } from '../records/message-text.ts';
import { endHoldDeadlines, sha256Of } from './drafting.ts';
import { attemptsMax, isUnheld, type OutboundState, outboundMachine } from './outbound-message.ts';

/** The most messages that may wait for the line; the ledger's own query brings back what does not fit. */
const waitingMax = 10_000;

export interface Sender {
  /** A bell says that this message may be ready. Rings that are not true do nothing. */
  ring(bell: Bell): Promise<void>;
  linkUp(link: Link): Promise<void>;
  linkDown(): void;
  /** After a restart: what was under way is in doubt, what was queued is queued again. */
  recover(): Promise<void>;
  readonly waitingCount: number;
  close(): Promise<void>;
}

/** Where the gateway finds, each second, what is queued although its bell was lost with Redis. */
export function queuedSource(ledger: Parts['ledger']): BellSource {
  return {
    async dueAtOrBefore(atMs, limit) {
      const rows = await ledger.states({ stream: 'message', status: ['QUEUED'], order: 'oldest', limit });
      return rows.map((row) => ({
        kind: 'send',
        id: row.id,
        version: row.version,
        dueAtMs: Math.min(atMs, row.updatedAtMs),
      }));
    },
  };
}

/** The order in which waiting messages leave: an urgent confirmation first, ordinary traffic last. */
function rankOf(state: OutboundState): number {
  if (state.keyClass === 'confirm') return state.priority === 'R' ? 1 : 0;
  return { inquiry: 2, history: 3, record: 4, tell: 5, unknown: 6 }[state.keyClass];
}

interface Leaving {
  readonly id: string;
  readonly payload: Buffer;
  readonly repeatable: boolean;
}

/** Builds the sender. `onFault` hears of failures of the world, codes only. */
export function makeSender(parts: Parts, onFault: (error: unknown) => void): Sender {
  const waiting = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  let link: Link | undefined;
  let filing = 0;
  let closed = false;

  const takeNext = (): string | undefined => {
    let best: string | undefined;
    for (const [id, rank] of waiting) {
      if (best === undefined || rank < (waiting.get(best) ?? 0)) best = id;
    }
    if (best !== undefined) waiting.delete(best);
    return best;
  };

  const track = (work: Promise<void>): void => {
    const tracked = work.catch(onFault).finally(() => {
      underWay.delete(tracked);
      pump();
    });
    underWay.add(tracked);
  };

  const pump = (): void => {
    while (!closed && link?.state === 'open' && link.windowFree - filing > 0) {
      const id = takeNext();
      if (id === undefined) return;
      filing += 1;
      track(sendOne(link, id));
    }
  };

  const sendOne = async (over: Link, id: string): Promise<void> => {
    const exchangeId = over.reserveExchangeId();
    let leaving: Leaving | undefined;
    try {
      leaving = await fileSent(parts, over, { id, exchangeId });
    } catch (error) {
      waiting.set(id, 0);
      throw error;
    } finally {
      filing -= 1;
    }
    if (leaving === undefined) return;
    const outcome = await over.send(leaving.payload, { repeatable: leaving.repeatable, exchangeId });
    if (await fileOutcome(parts, id, outcome)) waiting.set(id, 2);
  };

  return {
    async ring(bell) {
      if (closed || waiting.has(bell.id) || waiting.size >= waitingMax) return;
      const row = await parts.ledger.state('message', bell.id);
      if (row?.status !== 'QUEUED') return;
      waiting.set(bell.id, rankOf(row.body as OutboundState));
      pump();
    },
    async linkUp(opened) {
      link = opened;
      await retryInquiries(parts);
      await enqueueQueued(parts, waiting);
      pump();
    },
    linkDown() {
      link = undefined;
    },
    async recover() {
      for (const row of await parts.ledger.states({
        stream: 'message',
        status: ['SENT'],
        order: 'oldest',
        limit: 5_000,
      })) {
        await fileOutcome(parts, row.id, { type: 'lost', exchangeId: 0 }, 'RESTART');
      }
      await enqueueQueued(parts, waiting);
    },
    get waitingCount() {
      return waiting.size;
    },
    async close() {
      closed = true;
      waiting.clear();
      await Promise.all(underWay);
    },
  };
}

async function enqueueQueued(parts: Parts, waiting: Map<string, number>): Promise<void> {
  const rows = await parts.ledger.states({ stream: 'message', status: ['QUEUED'], order: 'oldest', limit: 5_000 });
  for (const row of rows) if (waiting.size < waitingMax) waiting.set(row.id, rankOf(row.body as OutboundState));
}

/** Inquiries whose fate is unknown are asked again, under the same reference, three times in all. */
async function retryInquiries(parts: Parts): Promise<void> {
  const rows = await parts.ledger.states({ stream: 'message', status: ['IN_DOUBT'], order: 'oldest', limit: 5_000 });
  for (const row of rows) {
    const state = row.body as OutboundState;
    if (!isUnheld(state.keyClass) || state.attempts >= attemptsMax) continue;
    await parts.change((change) =>
      change.apply(outboundMachine, row.id, { event: { type: 'RETRIED' }, actor: 'system' }),
    );
  }
}

/**
 * Files SENT with the frame's own row, from the events and not from the state row, and only for the very bytes that were
 * released. Gives what may leave, or undefined when the message is no longer to be sent.
 */
async function fileSent(
  parts: Parts,
  link: Link,
  attempt: { readonly id: string; readonly exchangeId: number },
): Promise<Leaving | undefined> {
  return parts.change(async (change) => {
    const held = await change.fold(outboundMachine, attempt.id);
    if (held?.state.status !== 'QUEUED') return undefined;
    const text = await textOfMessage(parts.ledger, attempt.id);
    if (text === undefined || sha256Of(text) !== held.state.sha256) {
      await change.apply(outboundMachine, attempt.id, { event: { type: 'WITHDRAWN' }, actor: 'system' });
      await raise(change, 'LEDGER_FAILED', { alarmId: parts.ids.next('a'), messageId: attempt.id });
      return undefined;
    }
    const payload = Buffer.from(text, 'latin1');
    const { exchangeId } = attempt;
    const frameId = parts.frames.leaving(change, { link, exchangeId, payload, messageId: attempt.id });
    await change.apply(outboundMachine, attempt.id, {
      event: { type: 'SENT', frameId, exchangeId },
      actor: held.state.operator ?? held.state.requester,
    });
    await startAskClock(parts, change, attempt.id, held.state);
    await endHoldDeadlines(change, attempt.id);
    const repeatable = isUnheld(held.state.keyClass);
    if (repeatable) {
      const dueAtMs = change.now.atMs + parts.config.clocks.answerWaitMs;
      await arm(change, 'answer-wait', { stream: 'message', id: attempt.id, caseId: null, dueAtMs });
    }
    return { id: attempt.id, payload, repeatable };
  });
}

/** Files what became of a payload; true when it never left and must wait for the line again. */
async function fileOutcome(parts: Parts, id: string, outcome: SendOutcome, cause?: string): Promise<boolean> {
  return parts.change(async (change) => {
    const held = await change.get(outboundMachine, id);
    if (held === undefined) return false;
    switch (outcome.type) {
      case 'acked':
        await fileAcked(parts, change, held);
        return false;
      case 'naked':
        await fileNaked(parts, change, held, outcome.reason);
        return false;
      case 'timeout':
      case 'lost':
        await fileDoubt(parts, change, held, cause ?? outcome.type.toUpperCase());
        return false;
      case 'not-sent':
        if (held.state.status !== 'SENT') return false;
        await change.apply(outboundMachine, id, {
          event: { type: 'NOT_SENT', cause: outcome.reason },
          actor: 'system',
        });
        return true;
    }
  });
}

async function fileAcked(parts: Parts, change: Change, held: Held<OutboundState>): Promise<void> {
  if (!['SENT', 'IN_DOUBT', 'ANSWERED'].includes(held.state.status)) return;
  const state = await change.apply(outboundMachine, held.id, { event: { type: 'ACKED' }, actor: 'system' });
  await answerArrived(parts, change, { id: held.id, state });
}

async function fileNaked(parts: Parts, change: Change, held: Held<OutboundState>, reason: string): Promise<void> {
  if (!['SENT', 'IN_DOUBT'].includes(held.state.status)) return;
  await change.apply(outboundMachine, held.id, {
    event: { type: 'NAKED' },
    actor: 'upstream',
    texts: { reason: Buffer.from(reason, 'utf8') },
  });
  await callOff(change, held.id, ['answer-wait']);
  const about = { alarmId: parts.ids.next('a'), messageId: held.id, caseId: held.state.caseId };
  await raise(change, 'NAKED', about);
  // The clock of their request was never stopped; the case only needs a new answer.
  await messageDropped(parts, change, held.id, held.state);
}

async function fileDoubt(parts: Parts, change: Change, held: Held<OutboundState>, cause: string): Promise<void> {
  if (held.state.status !== 'SENT') return;
  await change.apply(outboundMachine, held.id, { event: { type: 'IN_DOUBT', cause }, actor: 'system' });
  if (isUnheld(held.state.keyClass) && held.state.attempts < attemptsMax) return;
  const code: AlarmCode = 'IN_DOUBT';
  await raise(change, code, { alarmId: parts.ids.next('a'), messageId: held.id, caseId: held.state.caseId });
}
