/** Our payloads: window, frames of one id, acknowledgement, one resend of what may be repeated (DESIGN.md 3, "Again?"). */
import type { AckFrame, NakFrame } from '../framing/frame.ts';
import { printableReason } from '../framing/frame.ts';
import type { SendOutcome } from '../link.ts';
import {
  closeSession,
  nextExchangeId,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
  type Step,
  type UnderWay,
  windowFree,
} from './state.ts';

/** The frames of one payload: all carry the same id, all but the last say that more follows (wire.md 4.3). */
function framesOf(state: SessionState, exchangeId: number, payload: Buffer): SessionEffect[] {
  const room = state.frameBytesMax - state.rules.overheadBytes;
  const effects: SessionEffect[] = [];
  let from = 0;
  do {
    const part = payload.length <= room || !state.rules.multiFrame ? payload : payload.subarray(from, from + room);
    from += part.length;
    effects.push({ type: 'write', frame: { type: 'data', exchangeId, final: from >= payload.length, payload: part } });
  } while (from < payload.length);
  return effects;
}

function outcome(exchangeId: number, value: SendOutcome): SessionEffect {
  return { type: 'outcome', exchangeId, outcome: value };
}

/** Sends a payload, or says why no byte of it left. */
export function stepSend(state: SessionState, event: Extract<SessionEvent, { type: 'send' }>, nowMs: number): Step {
  const { exchangeId, payload, repeatable } = event;
  const refuse = (reason: 'CLOSED_BY_US' | 'BUSY' | 'TOO_LONG' | 'PAYLOAD_BYTE'): Step => ({
    state,
    effects: [outcome(exchangeId, { type: 'not-sent', reason })],
  });
  if (state.phase !== 'open') return refuse('CLOSED_BY_US');
  if (windowFree(state) === 0) return refuse('BUSY');
  const room = state.frameBytesMax - state.rules.overheadBytes;
  const tooLong = payload.length > (state.rules.multiFrame ? state.settings.messageBytesMax : room);
  if (tooLong) return refuse('TOO_LONG');
  if (state.rules.forbiddenBytes.some((byte) => payload.includes(byte))) return refuse('PAYLOAD_BYTE');
  const one: UnderWay = {
    exchangeId,
    wireId: state.rules.answers === 'id' ? exchangeId : state.blocksOut + 1,
    payload,
    repeatable,
    sentAtMs: nowMs,
    firstSentAtMs: nowMs,
    resent: false,
    waitsForFiling: false,
    enquired: false,
  };
  return {
    state: { ...state, underWay: [...state.underWay, one], lastActivityMs: nowMs },
    effects: framesOf(state, one.wireId, payload),
  };
}

/** Whose answer this is: by id, or the oldest, whose block number must then have the parity the answer shows. */
function addressee(state: SessionState, frame: AckFrame | NakFrame): UnderWay | undefined {
  const { answers } = state.rules;
  if (answers === 'id') return state.underWay.find(({ wireId }) => wireId === frame.exchangeId);
  const oldest = state.underWay[0];
  if (answers === 'order' || frame.type === 'nak' || oldest === undefined) return oldest;
  return (oldest.wireId & 1) === (frame.exchangeId & 1) ? oldest : undefined;
}

/** An acknowledgement or refusal came; profiles without ids mean the oldest payload under way. */
export function stepAnswered(state: SessionState, frame: AckFrame | NakFrame): Step {
  const one = addressee(state, frame);
  if (one === undefined) {
    const asked = state.underWay.filter((other) => other.enquired && !other.waitsForFiling);
    // The peer shows the parity of the block before: it never got this one. Sending it again can't make two of it.
    if (asked.length > 0 && asked.every((other) => mayResend(state, other))) return askForResend(state, asked);
    const offset = frame.offset === undefined ? {} : { offset: frame.offset };
    return { state, effects: [{ type: 'notice', code: 'ACK_UNKNOWN', exchangeId: frame.exchangeId, ...offset }] };
  }
  const { exchangeId } = one;
  const value: SendOutcome =
    frame.type === 'ack'
      ? { type: 'acked', exchangeId }
      : { type: 'naked', exchangeId, reason: printableReason(frame.reason) };
  const blocksOut = frame.type === 'ack' && state.rules.answers !== 'id' ? one.wireId : state.blocksOut;
  return {
    state: { ...state, blocksOut, underWay: state.underWay.filter((other) => other !== one) },
    effects: [outcome(exchangeId, value)],
  };
}

/** True when the line may send this payload a second time by itself. */
function mayResend(state: SessionState, one: UnderWay): boolean {
  return !one.resent && (one.repeatable || state.settings.resendAny);
}

/** Looks for acknowledgements that are overdue: a resend is asked for where allowed, else the link ends in doubt. */
export function stepAckTimers(state: SessionState, nowMs: number): Step {
  const late = state.underWay.filter((one) => !one.waitsForFiling && nowMs >= one.sentAtMs + state.timeoutMs);
  if (late.length === 0) return { state, effects: [] };
  if (state.rules.answers === 'parity' && !late.some(({ enquired }) => enquired)) return enquire(state, nowMs);
  const hopeless = late.filter((one) => !mayResend(state, one));
  if (hopeless.length > 0) {
    const timedOut = hopeless.map(({ exchangeId }) => outcome(exchangeId, { type: 'timeout', exchangeId }));
    const rest = { ...state, underWay: state.underWay.filter((one) => !hopeless.includes(one)) };
    return closeSession(rest, 'ACK_TIMEOUT', [...timedOut, ...givingUp(state)]);
  }
  return askForResend(state, late);
}

/** What tells the peer that there will be no further attempt, where the profile has a word for it (wire.md 6). */
function givingUp({ rules }: SessionState): SessionEffect[] {
  return rules.endsByEot === true ? [{ type: 'write', frame: { type: 'control', exchangeId: 0, name: 'EOT' } }] : [];
}

function askForResend(state: SessionState, late: readonly UnderWay[]): Step {
  const underWay = state.underWay.map((one) =>
    late.includes(one) ? { ...one, resent: true, waitsForFiling: true } : one,
  );
  return {
    state: { ...state, underWay },
    effects: late.map(({ exchangeId }): SessionEffect => ({ type: 'file-resend', exchangeId })),
  };
}

/** Where acknowledgements alternate, the peer is asked which block it has before anything is sent again. */
function enquire(state: SessionState, nowMs: number): Step {
  const underWay = state.underWay.map((one) => ({ ...one, enquired: true, sentAtMs: nowMs }));
  return {
    state: { ...state, underWay, lastActivityMs: nowMs },
    effects: [{ type: 'write', frame: { type: 'control', exchangeId: 0, name: 'ENQ' } }],
  };
}

/** The second attempt is on file: the whole payload leaves again, unless its answer came meanwhile. */
export function stepResend(state: SessionState, exchangeId: number, nowMs: number): Step {
  const one = state.underWay.find((other) => other.exchangeId === exchangeId && other.waitsForFiling);
  if (one === undefined || state.phase !== 'open') return { state, effects: [] };
  const wireId = state.settings.resendNewId && one.repeatable ? nextExchangeId(state) : one.wireId;
  const again = { ...one, wireId, waitsForFiling: false, enquired: false, sentAtMs: nowMs };
  return {
    state: {
      ...state,
      underWay: state.underWay.map((other) => (other === one ? again : other)),
      lastId: wireId === one.wireId ? state.lastId : wireId,
      lastActivityMs: nowMs,
    },
    effects: [{ type: 'notice', code: 'RESENT', exchangeId }, ...framesOf(state, wireId, one.payload)],
  };
}
