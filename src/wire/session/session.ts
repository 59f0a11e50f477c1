/** The session rules of every profile: one pure machine, fed with events and a time, giving effects. */
import type { Frame, UnsupportedFrame } from '../framing/frame.ts';
import { stepControl } from './control.ts';
import { isWholeMessage, stepAnswer, stepDataFrame, takeWholeMessage } from './incoming.ts';
import { stepHeartbeat, stepTick } from './liveness.ts';
import { stepConnected, stepConnectFrame } from './opening.ts';
import { stepAnswered, stepResend, stepSend } from './outgoing.ts';
import {
  closeSession,
  isReading,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
  type Step,
} from './state.ts';

/**
 * What happens to a session. `nowMs` comes from a clock that only goes forward. Every effect is to be carried out in
 * its order; after the effect `close` there are no more.
 */
export function stepSession(state: SessionState, event: SessionEvent, nowMs: number): Step {
  if (state.phase === 'closed') return stepClosed(state, event);
  switch (event.type) {
    case 'connected':
      return stepConnected(state, nowMs);
    case 'frame':
      return stepFrame(state, event.frame, nowMs);
    case 'read':
      return { state: noteRead(state, event, nowMs), effects: [] };
    case 'send':
      return stepSend(state, event, nowMs);
    case 'resend':
      return stepResend(state, event.exchangeId, nowMs);
    case 'answer':
      return endIfSettled(stepAnswer(state, event, nowMs));
    case 'tick':
      return stepTick(state, nowMs);
    case 'peer-ended':
      return stepPeerEnded(state, nowMs);
    case 'close':
      return closeSession(state, event.reason);
    case 'fault': {
      const offset = event.offset === undefined ? {} : { offset: event.offset };
      return closeSession(state, event.code, [{ type: 'notice', code: event.code, ...offset }]);
    }
  }
}

/** A closed session still owes a sender the word that no byte of his left. */
function stepClosed(state: SessionState, event: SessionEvent): Step {
  if (event.type !== 'send') return { state, effects: [] };
  const { exchangeId } = event;
  return {
    state,
    effects: [{ type: 'outcome', exchangeId, outcome: { type: 'not-sent', reason: 'CLOSED_BY_US' } }],
  };
}

function stepFrame(state: SessionState, frame: Frame, nowMs: number): Step {
  // Most frames are whole messages; what they change is changed at once, the times with it.
  if (frame.type === 'data' && isWholeMessage(state, frame)) return takeWholeMessage(state, frame, nowMs);
  // The frames of one chunk come at one moment, and only the first of them changes anything here.
  const isSameMoment = state.lastReceivedMs === nowMs && state.lastActivityMs === nowMs;
  const heard = isSameMoment ? state : { ...state, lastReceivedMs: nowMs, lastActivityMs: nowMs };
  switch (frame.type) {
    case 'connect':
      return stepConnectFrame(heard, frame, nowMs);
    case 'data':
      return stepDataFrame(heard, frame, nowMs);
    case 'heartbeat':
      return stepHeartbeat(heard, frame, nowMs);
    case 'ack':
    case 'nak':
      return heard.phase === 'opening' ? closeSession(heard, 'CONNECT_EXPECTED') : stepAnswered(heard, frame);
    case 'control':
      return stepControl(heard, frame, nowMs);
    case 'unsupported':
      return refuseUnsupported(heard, frame);
  }
}

/** A frame we have no use for is refused where the profile has words for it; else the link closes. */
function refuseUnsupported(state: SessionState, frame: UnsupportedFrame): Step {
  if (frame.answer === undefined) return closeSession(state, 'FRAME_UNSUPPORTED');
  const { exchangeId, offset } = frame;
  const place = offset === undefined ? {} : { offset };
  const notice: SessionEffect = { type: 'notice', code: 'FRAME_UNSUPPORTED', exchangeId, ...place };
  return {
    state,
    effects: frame.answer === 'none' ? [notice] : [notice, { type: 'write', frame: frame.answer }],
  };
}

/** A chunk was read. Any byte is a sign of life; a frame is timed from its own first byte. */
function noteRead(state: SessionState, event: Extract<SessionEvent, { type: 'read' }>, nowMs: number): SessionState {
  const since = event.framed ? undefined : state.partialSinceMs;
  const isSettled = !event.partial && state.partialSinceMs === undefined && state.beat === undefined;
  if (isSettled && state.lastReceivedMs === nowMs) return state;
  const beat = event.framed && state.beat !== undefined ? { ...state.beat, sentAtMs: nowMs } : state.beat;
  return { ...state, lastReceivedMs: nowMs, partialSinceMs: event.partial ? (since ?? nowMs) : undefined, beat };
}

/** The peer sends no more. What it may still be owed is answered first; our own payloads can't be answered any more. */
function stepPeerEnded(state: SessionState, nowMs: number): Step {
  if (state.partialSinceMs !== undefined && isReading(state)) {
    return closeSession(state, 'FRAME_CUT', [{ type: 'notice', code: 'FRAME_CUT' }]);
  }
  const lost = closeSession(state, 'CLOSED_BY_PEER');
  if (state.owed.length === 0) return lost;
  return {
    state: { ...state, phase: 'ending', underWay: [], assembly: undefined, lastReceivedMs: nowMs },
    effects: lost.effects.filter(({ type }) => type !== 'close'),
  };
}

function endIfSettled(step: Step): Step {
  if (step.state.phase !== 'ending' || step.state.owed.length > 0) return step;
  return closeSession(step.state, 'CLOSED_BY_PEER', step.effects);
}
