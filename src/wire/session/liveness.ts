/** Timers of a session: heartbeat from last activity, silence, frames and messages that never end (wire.md 4.3, 11, 14.6). */
import type { HeartbeatFrame } from '../framing/frame.ts';
import { stepAckTimers } from './outgoing.ts';
import { closeSession, isReading, nextExchangeId, type SessionState, type Step } from './state.ts';

/** A dead peer must be noticed within two heartbeats, so the echo may take no longer than one. */
function beatReplyMs(state: SessionState): number {
  return Math.min(state.timeoutMs, state.maxIdleMs);
}

/** A heartbeat came: the switch echoes it at once, the client was waiting for it. */
export function stepHeartbeat(state: SessionState, frame: HeartbeatFrame, nowMs: number): Step {
  if (state.phase === 'opening') return closeSession(state, 'CONNECT_EXPECTED');
  const { exchangeId } = frame;
  if (state.role === 'switch' && frame.reply !== true) {
    const echo: HeartbeatFrame = { type: 'heartbeat', exchangeId, reply: true };
    return { state: { ...state, lastActivityMs: nowMs }, effects: [{ type: 'write', frame: echo }] };
  }
  if (state.beat?.exchangeId === exchangeId) return { state: { ...state, beat: undefined }, effects: [] };
  const offset = frame.offset === undefined ? {} : { offset: frame.offset };
  return { state, effects: [{ type: 'notice', code: 'HEARTBEAT_UNEXPECTED', exchangeId, ...offset }] };
}

/** The moments at which something is due; `undefined` when nothing can be. */
export function sessionWakeAtMs(state: SessionState): number | undefined {
  const { settings, phase } = state;
  if (phase === 'closed') return undefined;
  let at = Number.POSITIVE_INFINITY;
  const due = (ms: number): void => {
    if (ms < at) at = ms;
  };
  if (phase === 'opening') due(state.startedAtMs + settings.openTimeoutMs);
  if (phase === 'ending') due(state.lastReceivedMs + settings.drainTimeoutMs);
  if (phase !== 'ending' && isReading(state)) {
    if (state.partialSinceMs !== undefined) due(state.partialSinceMs + settings.completeTimeoutMs);
    if (state.assembly !== undefined) due(state.assembly.touchedAtMs + settings.completeTimeoutMs);
    for (const one of state.underWay) if (!one.waitsForFiling) due(one.sentAtMs + state.timeoutMs);
    if (phase === 'open' && state.rules.heartbeat) due(beatDueAtMs(state));
  }
  return at === Number.POSITIVE_INFINITY ? undefined : at;
}

function beatDueAtMs(state: SessionState): number {
  if (state.role === 'switch') return state.lastReceivedMs + 2 * state.maxIdleMs;
  return state.beat === undefined ? state.lastActivityMs + state.maxIdleMs : state.beat.sentAtMs + beatReplyMs(state);
}

/** Does what is due by now. */
export function stepTick(state: SessionState, nowMs: number): Step {
  const { settings, phase } = state;
  if (phase === 'closed') return { state, effects: [] };
  if (phase === 'opening' && nowMs >= state.startedAtMs + settings.openTimeoutMs) {
    return closeSession(state, 'OPEN_TIMEOUT');
  }
  if (phase === 'ending') {
    const over = nowMs >= state.lastReceivedMs + settings.drainTimeoutMs;
    return over ? closeSession(state, 'CLOSED_BY_PEER') : { state, effects: [] };
  }
  // While we do not read, silence is our own doing.
  if (!isReading(state)) return { state, effects: [] };
  if (state.partialSinceMs !== undefined && nowMs >= state.partialSinceMs + settings.completeTimeoutMs) {
    return closeSession(state, 'FRAME_TIMEOUT');
  }
  if (state.assembly !== undefined && nowMs >= state.assembly.touchedAtMs + settings.completeTimeoutMs) {
    return closeSession(state, 'MESSAGE_TIMEOUT');
  }
  const acks = stepAckTimers(state, nowMs);
  if (acks.state.phase !== 'open' || !state.rules.heartbeat || nowMs < beatDueAtMs(acks.state)) return acks;
  if (state.role === 'switch' || state.beat !== undefined) {
    return closeSession(acks.state, 'PEER_SILENT', acks.effects);
  }
  const exchangeId = nextExchangeId(acks.state);
  return {
    state: { ...acks.state, lastId: exchangeId, lastActivityMs: nowMs, beat: { exchangeId, sentAtMs: nowMs } },
    effects: [...acks.effects, { type: 'write', frame: { type: 'heartbeat', exchangeId } }],
  };
}
