/**
 * The upstream sender: takes what is queued in order of urgency, files SENT before the first byte leaves, and files what
 * became of it. Nothing but inquiry and history is ever sent again by itself.
 */
import type { Link, SendOutcome } from '../../wire/link.ts';
import { raise } from '../alarms/alarm.ts';
import { answerArrived, startAskClock, takeBackAskClock } from '../cases/case-work.ts';
import type { Change, Held } from '../change.ts';
import { arm, armAgain, callOff } from '../deadlines/deadline.ts';
import type { Bell, BellSource } from '../deadlines/scheduler.ts';
import { tellRequester } from '../delivery/tell-station.ts';
import type { Parts } from '../parts.ts';
import { isFailure } from '../records/is-failure.ts';
import { bytesFor } from '../records/line-text.ts';
import { textOfMessage } from '../records/message-text.ts';
import { armExpiry, endHoldDeadlines, sha256Of } from './drafting.ts';
import { endMessage, messageEnded } from './message-end.ts';
import { attemptsMax, isUnheld, type OutboundState, outboundMachine } from './outbound-message.ts';

/** The most messages that may wait for the line; the ledger's own query brings back what does not fit. */
const waitingMax = 10_000;
/** How long the sender waits before it asks a ledger that failed once more. */
const tryAgainMs = 1_000;

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
  const pauses = new Set<() => void>();
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
    // What could not be filed is still QUEUED in the ledger, and is rung again from there; trying at once would only spin.
    const leaving = await fileSent(parts, over, { id, exchangeId }).finally(() => {
      filing -= 1;
    });
    if (leaving === undefined) return;
    const outcome = await over.send(leaving.payload, { repeatable: leaving.repeatable, exchangeId });
    await untilDone(() => fileOutcome(parts, id, outcome));
  };

  /** Tries again for as long as the ledger fails: an outcome that is not filed would be an acknowledgement lost. */
  const untilDone = async (work: () => Promise<void>): Promise<void> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        onFault(error);
        if (closed || !isFailure(error)) return;
        await new Promise<void>((resolve) => {
          const end = (): void => {
            stop();
            pauses.delete(end);
            resolve();
          };
          const stop = parts.clock.after(tryAgainMs, end);
          pauses.add(end);
        });
      }
    }
  };

  const fillUp = async (): Promise<void> => {
    await retryInquiries(parts, onFault);
    await enqueueQueued(parts, waiting);
  };

  return {
    async ring(bell) {
      if (closed) return;
      if (waiting.has(bell.id)) {
        pump();
        return;
      }
      const row = await parts.ledger.state('message', bell.id);
      if (row?.status !== 'QUEUED') return;
      const state = row.body as OutboundState;
      // Room is kept for confirmations, of which the cases allow only so many.
      if (waiting.size >= waitingMax && state.keyClass !== 'confirm') return;
      waiting.set(bell.id, rankOf(state));
      pump();
    },
    async linkUp(opened) {
      link = opened;
      await untilDone(fillUp);
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
      for (const end of [...pauses]) end();
      await Promise.all(underWay);
    },
  };
}

async function enqueueQueued(parts: Parts, waiting: Map<string, number>): Promise<void> {
  const rows = await parts.ledger.states({ stream: 'message', status: ['QUEUED'], order: 'oldest', limit: 5_000 });
  for (const row of rows) if (waiting.size < waitingMax) waiting.set(row.id, rankOf(row.body as OutboundState));
}

/** Inquiries whose fate is unknown are asked again, under the same reference, three times in all. */
async function retryInquiries(parts: Parts, onFault: (error: unknown) => void): Promise<void> {
  const rows = await parts.ledger.states({ stream: 'message', status: ['IN_DOUBT'], order: 'oldest', limit: 5_000 });
  for (const row of rows) {
    const state = row.body as OutboundState;
    if (!isUnheld(state.keyClass) || state.attempts >= attemptsMax) continue;
    try {
      await parts.change((change) =>
        change.apply(outboundMachine, row.id, { event: { type: 'RETRIED' }, actor: 'system' }),
      );
    } catch (error) {
      if (isFailure(error)) throw error;
      // An answer or a person came first; the others still have their turn.
      onFault(error);
    }
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
      await endMessage(parts, change, {
        id: attempt.id,
        act: { event: { type: 'WITHDRAWN' }, actor: 'system' },
        line: 'The text on file is not the one that was released; nothing was sent.',
      });
      await raise(change, 'LEDGER_FAILED', { alarmId: parts.ids.next('a'), messageId: attempt.id });
      return undefined;
    }
    const payload = bytesFor(text, parts.config.upstream.text);
    const { exchangeId } = attempt;
    const frameId = parts.frames.leaving(change, { link, exchangeId, payload, messageId: attempt.id });
    await change.apply(outboundMachine, attempt.id, {
      event: { type: 'SENT', frameId, exchangeId },
      actor: held.state.operator ?? held.state.requester,
    });
    await startAskClock(parts, change, attempt.id, held.state);
    await endHoldDeadlines(change, attempt.id);
    const repeatable = isUnheld(held.state.keyClass);
    if (held.state.expects.length > 0 && held.state.key !== 'YQ') {
      const dueAtMs = change.now.atMs + parts.config.clocks.answerWaitMs;
      await arm(change, 'answer-wait', { stream: 'message', id: attempt.id, caseId: null, dueAtMs });
    }
    return { id: attempt.id, payload, repeatable };
  });
}

/** Files what became of a payload. */
async function fileOutcome(parts: Parts, id: string, outcome: SendOutcome, cause?: string): Promise<void> {
  await parts.change(async (change) => {
    const held = await change.get(outboundMachine, id);
    if (held === undefined) return;
    switch (outcome.type) {
      case 'acked':
        return fileAcked(parts, change, held);
      case 'naked':
        return fileNaked(parts, change, held, outcome.reason);
      case 'timeout':
      case 'lost':
        return fileDoubt(parts, change, held, cause ?? outcome.type.toUpperCase());
      case 'not-sent':
        return fileNotSent(parts, change, held, outcome.reason);
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
  const state = await change.apply(outboundMachine, held.id, {
    event: { type: 'NAKED' },
    actor: 'upstream',
    texts: { reason: Buffer.from(reason, 'utf8') },
  });
  await takeBackAskClock(parts, change, held);
  // The clock of their request was never stopped; the case only needs a new answer.
  await messageEnded(parts, change, { id: held.id, state, line: 'The State switch refused the message.' });
  await raise(change, 'NAKED', { alarmId: parts.ids.next('a'), messageId: held.id, caseId: held.state.caseId });
}

async function fileDoubt(parts: Parts, change: Change, held: Held<OutboundState>, cause: string): Promise<void> {
  if (held.state.status !== 'SENT') return;
  const state = await change.apply(outboundMachine, held.id, { event: { type: 'IN_DOUBT', cause }, actor: 'system' });
  if (isUnheld(held.state.keyClass) && held.state.attempts < attemptsMax) {
    await armExpiry(parts, change, held.id, held.state.createdAtMs);
    return;
  }
  await raise(change, 'IN_DOUBT', { alarmId: parts.ids.next('a'), messageId: held.id, caseId: held.state.caseId });
  const line = 'It may or may not have been sent; the Records Section decides. Do not send it again.';
  await tellRequester(parts, change, { id: held.id, state }, { status: 'IN_DOUBT', line });
}

/** What never left is queued again, with every limit it had; what can never leave is taken back. */
async function fileNotSent(parts: Parts, change: Change, held: Held<OutboundState>, cause: string): Promise<void> {
  const { id, state } = held;
  if (state.status !== 'SENT') return;
  await change.apply(outboundMachine, id, { event: { type: 'NOT_SENT', cause }, actor: 'system' });
  await callOff(change, id, ['answer-wait']);
  if (isUnheld(state.keyClass)) await armExpiry(parts, change, id, state.createdAtMs);
  else await armAgain(change, id, 'release-limit');
  await takeBackAskClock(parts, change, held);
  if (cause !== 'TOO_LONG' && cause !== 'PAYLOAD_BYTE') return;
  await endMessage(parts, change, {
    id,
    act: { event: { type: 'WITHDRAWN' }, actor: 'system' },
    line: 'The line to the State switch cannot carry this message.',
  });
  await raise(change, 'CANNOT_LEAVE', { alarmId: parts.ids.next('a'), messageId: id, caseId: state.caseId });
}
