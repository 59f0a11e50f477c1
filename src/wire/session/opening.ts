/** How a session opens: the connect exchange where the profile has one (wire.md 4.2, 4.3). */
import type { ConnectFrame, ConnectTerms } from '../framing/frame.ts';
import { closeSession, nextExchangeId, type SessionEffect, type SessionState, type Step } from './state.ts';

/** Both printed minor versions of major version 1 are taken; the specification contradicts itself. */
function versionIsKnown(terms: ConnectTerms): boolean {
  return terms.major === 1 && (terms.minor === 0 || terms.minor === 1);
}

function secondsOf(ms: number): number {
  return Math.min(0xffff, Math.max(1, Math.ceil(ms / 1000)));
}

/** The connection is made: a client asks for its terms, a profile without terms is open at once. */
export function stepConnected(state: SessionState, nowMs: number): Step {
  if (!state.rules.negotiates) return openSession(state, nowMs, []);
  if (state.role === 'switch') return { state, effects: [] };
  const exchangeId = nextExchangeId(state);
  const terms: ConnectTerms = {
    ...state.settings.wish,
    major: 1,
    frameBytesMax: state.settings.frameBytesMax,
    maxIdleS: 0,
    defaultTimeoutS: 0,
    encryption: false,
  };
  return {
    state: { ...state, lastId: exchangeId, lastActivityMs: nowMs },
    effects: [{ type: 'write', frame: { type: 'connect', exchangeId, terms } }],
  };
}

function openSession(state: SessionState, nowMs: number, before: readonly SessionEffect[]): Step {
  return {
    state: { ...state, phase: 'open', lastActivityMs: nowMs, lastReceivedMs: nowMs },
    effects: [...before, { type: 'opened', frameBytesMax: state.frameBytesMax }],
  };
}

/** A connect frame came: the client's wish on the switch's side, the switch's answer on the client's. */
export function stepConnectFrame(state: SessionState, frame: ConnectFrame, nowMs: number): Step {
  if (state.phase !== 'opening' || !state.rules.negotiates) return closeSession(state, 'CONNECT_REPEATED');
  if (!versionIsKnown(frame.terms)) return closeSession(state, 'CONNECT_VERSION');
  return state.role === 'switch' ? answerWish(state, frame, nowMs) : takeAnswer(state, frame, nowMs);
}

function answerWish(state: SessionState, frame: ConnectFrame, nowMs: number): Step {
  const { settings } = state;
  const wish = frame.terms;
  if (wish.frameBytesMax < state.rules.overheadBytes + 20) return closeSession(state, 'CONNECT_TERMS');
  const effects: SessionEffect[] = [];
  const offset = frame.offset === undefined ? {} : { offset: frame.offset };
  if (wish.maxIdleS !== 0 || wish.defaultTimeoutS !== 0) {
    effects.push({ type: 'notice', code: 'CONNECT_TIMES', exchangeId: frame.exchangeId, ...offset });
  }
  if (wish.minor !== settings.wish.minor) {
    effects.push({ type: 'notice', code: 'CONNECT_MINOR', exchangeId: frame.exchangeId, ...offset });
  }
  const maxIdleS = secondsOf(settings.maxIdleMs);
  const defaultTimeoutS = secondsOf(settings.defaultTimeoutMs);
  const terms: ConnectTerms = {
    ...wish,
    frameBytesMax: Math.min(wish.frameBytesMax, settings.frameBytesMax),
    maxIdleS,
    defaultTimeoutS,
    encryption: false,
  };
  effects.push({ type: 'write', frame: { type: 'connect', exchangeId: frame.exchangeId, terms } });
  const agreed = {
    ...state,
    frameBytesMax: terms.frameBytesMax,
    maxIdleMs: maxIdleS * 1000,
    timeoutMs: defaultTimeoutS * 1000,
    newline: terms.newline,
  };
  return openSession(agreed, nowMs, effects);
}

function takeAnswer(state: SessionState, frame: ConnectFrame, nowMs: number): Step {
  const { settings } = state;
  const { terms } = frame;
  if (frame.exchangeId !== state.lastId) return closeSession(state, 'CONNECT_ID');
  // Encryption is refused loudly and never half spoken (wire.md 4.4).
  if (terms.encryption) return closeSession(state, 'CONNECT_ENCRYPTION');
  const kept =
    terms.frameBytesMax >= state.rules.overheadBytes + 20 &&
    terms.frameBytesMax <= settings.frameBytesMax &&
    terms.coding === settings.wish.coding &&
    terms.newline === settings.wish.newline;
  if (!kept) return closeSession(state, 'CONNECT_TERMS');
  const effects: SessionEffect[] =
    terms.minor === settings.wish.minor
      ? []
      : [{ type: 'notice', code: 'CONNECT_MINOR', exchangeId: frame.exchangeId }];
  const agreed = {
    ...state,
    frameBytesMax: terms.frameBytesMax,
    // A switch that names no time leaves ours standing.
    maxIdleMs: terms.maxIdleS === 0 ? settings.maxIdleMs : terms.maxIdleS * 1000,
    timeoutMs: terms.defaultTimeoutS === 0 ? settings.defaultTimeoutMs : terms.defaultTimeoutS * 1000,
    newline: terms.newline,
  };
  return openSession(agreed, nowMs, effects);
}
