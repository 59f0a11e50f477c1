/** Looks at every frame of one link and names each mistake of wire.md 12 that can be seen from outside. Pure. */
import type { Frame } from '../../wire/framing/frame.ts';
import { readRequest } from '../requests.ts';
import type { StrictRuleName } from './strict-rules.ts';

export interface Mistake {
  readonly rule: StrictRuleName;
  readonly exchangeId?: number;
  /** Byte of the client's stream at which its frame began. */
  readonly offset?: number;
}

export interface WatchRules {
  /** How answers find their payload; rules about exchange ids hold only where they do so by id. */
  readonly answers: 'id' | 'order' | 'parity';
  /** True when nothing may come before the connect exchange. */
  readonly negotiates: boolean;
  /** Messages the client may have under way before the first is answered. */
  readonly window: number;
  /** Bytes of a frame beside its payload. */
  readonly overheadBytes: number;
}

export interface WatchState {
  readonly rules: WatchRules;
  readonly frameBytesMax: number;
  readonly maxIdleMs: number;
  readonly opened: boolean;
  /** Counts the reads: two messages of one read cannot have been answered in between. */
  readonly chunk: number;
  /** The message whose last frame has not come: its id, and where its first frame began. */
  readonly assembling: { readonly exchangeId: number; readonly offset?: number } | undefined;
  /** The client's last whole message, with its text as far as it was one frame. */
  readonly last:
    | { readonly exchangeId: number; readonly chunk: number; readonly full: boolean; readonly text: string }
    | undefined;
  /** Messages of ours: how many frames each had and whether it was acknowledged; the last eight. */
  readonly ours: readonly { readonly exchangeId: number; readonly frames: number; readonly acked: boolean }[];
  /** Ids of the client's messages that were answered; the last eight. */
  readonly answered: readonly number[];
  readonly lastActivityMs: number;
  readonly lastBeatMs: number | undefined;
  readonly lastId: number | undefined;
  /** How many ids in a row counted on by one. */
  readonly stepsOfOne: number;
}

/** What happens on the line, in order. */
export type WatchEvent =
  | { readonly type: 'chunk' }
  | { readonly type: 'in'; readonly frame: Frame }
  | { readonly type: 'out'; readonly frame: Frame };

export interface Watched {
  readonly state: WatchState;
  readonly mistakes: readonly Mistake[];
}

const rememberedMax = 8;
/** A heartbeat this much before its time is a mistake; less may be the network. */
const earlyShare = 0.9;
/** So many ids in a row must have counted by one before a gap means anything. */
const countingMin = 8;
const gapMax = 1_000;
/** Of a message so much is kept, to see whether the next one is its rest. */
const textCharsMax = 16_384;

/** The watch on a link whose connection was just made. */
export function startWatch(
  rules: WatchRules,
  terms: { frameBytesMax: number; maxIdleMs: number; nowMs: number },
): WatchState {
  return {
    rules,
    frameBytesMax: terms.frameBytesMax,
    maxIdleMs: terms.maxIdleMs,
    opened: false,
    chunk: 0,
    assembling: undefined,
    last: undefined,
    ours: [],
    answered: [],
    lastActivityMs: terms.nowMs,
    lastBeatMs: undefined,
    lastId: undefined,
    stepsOfOne: 0,
  };
}

function where(frame: Frame): { exchangeId: number; offset?: number } {
  return { exchangeId: frame.exchangeId, ...(frame.offset === undefined ? {} : { offset: frame.offset }) };
}

/** Follows the ids the client gives out itself: a client that counts by one and skips has thrown messages away. */
function countIds(state: WatchState, frame: Frame): Watched {
  if (state.rules.answers !== 'id') return { state, mistakes: [] };
  const { lastId, stepsOfOne } = state;
  const step = lastId === undefined ? 1 : frame.exchangeId - lastId;
  const lost = stepsOfOne >= countingMin && step > 1 && step <= gapMax;
  const next = { ...state, lastId: frame.exchangeId, stepsOfOne: step === 1 ? stepsOfOne + 1 : 0 };
  return { state: next, mistakes: lost ? [{ rule: 'silent-loss', ...where(frame) }] : [] };
}

/**
 * True for what is no message by itself, and the rest of the one before: that filled its frame, lacked something by
 * itself, or lacks nothing with this.
 */
function isRestOf(last: NonNullable<WatchState['last']>, text: string): boolean {
  // Markup begins a message of its own, readable here or not.
  if (text.trimStart().startsWith('<') || readRequest(text).kind !== 'unreadable') return false;
  const before = readRequest(last.text);
  const joined = readRequest(last.text + text);
  const isWhole = joined.kind === 'nlets' || (joined.kind === 'ncic' && !joined.wrong);
  return last.full || isWhole || (before.kind === 'ncic' && before.wrong);
}

function watchData(state: WatchState, frame: Extract<Frame, { type: 'data' }>): Watched {
  if (state.rules.negotiates && !state.opened) {
    return { state, mistakes: [{ rule: 'data-before-connect', ...where(frame) }] };
  }
  const isOther = state.assembling !== undefined && state.assembling.exchangeId !== frame.exchangeId;
  if (isOther && state.rules.answers === 'id') {
    return { state, mistakes: [{ rule: 'more-without-final', ...where(frame) }] };
  }
  const begins = state.assembling === undefined;
  const counted = begins ? countIds(state, frame) : { state, mistakes: [] };
  const mistakes = [...counted.mistakes];
  const { last } = state;
  const text = frame.payload.toString('latin1', 0, textCharsMax);
  let joined = text;
  if (begins && last !== undefined) {
    if (last.exchangeId !== frame.exchangeId && isRestOf(last, text)) {
      mistakes.push({ rule: 'split-new-id', ...where(frame) });
      joined = (last.text + text).slice(0, textCharsMax);
    } else if (last.chunk === state.chunk && state.rules.window === 1) {
      mistakes.push({ rule: 'no-wait-for-ack', ...where(frame) });
    }
  }
  const full = frame.payload.length + state.rules.overheadBytes >= state.frameBytesMax;
  const ended = { exchangeId: frame.exchangeId, chunk: state.chunk, full, text: begins ? joined : '' };
  return {
    state: {
      ...counted.state,
      assembling: frame.final ? undefined : (state.assembling ?? where(frame)),
      last: frame.final ? ended : last,
    },
    mistakes,
  };
}

function watchAck(state: WatchState, frame: Frame): Watched {
  if (state.rules.answers !== 'id') return { state, mistakes: [] };
  const own = state.ours.find((one) => one.exchangeId === frame.exchangeId);
  if (own !== undefined && !own.acked) {
    const ours = state.ours.map((one) => (one === own ? { ...one, acked: true } : one));
    return { state: { ...state, ours }, mistakes: [] };
  }
  if (own !== undefined && own.frames > 1) {
    return { state, mistakes: [{ rule: 'ack-mid-message', ...where(frame) }] };
  }
  const known = state.answered.includes(frame.exchangeId);
  return { state, mistakes: known ? [{ rule: 'ack-of-nak', ...where(frame) }] : [] };
}

function watchBeat(state: WatchState, frame: Frame, nowMs: number): Watched {
  const counted = countIds(state, frame);
  const next = { ...counted.state, lastBeatMs: nowMs };
  if (nowMs - state.lastActivityMs >= state.maxIdleMs * earlyShare) return { state: next, mistakes: counted.mistakes };
  const sinceBeatMs = state.lastBeatMs === undefined ? 0 : nowMs - state.lastBeatMs;
  const onTick = Math.abs(sinceBeatMs - state.maxIdleMs) <= state.maxIdleMs * (1 - earlyShare);
  const rule = onTick ? 'keepalive-on-tick' : 'heartbeat-wrong-timer';
  return { state: next, mistakes: [...counted.mistakes, { rule, ...where(frame) }] };
}

function watchConnect(state: WatchState, frame: Extract<Frame, { type: 'connect' }>): Watched {
  const swapped = frame.terms.major === 0 && frame.terms.minor === 1;
  const next = { ...state, lastId: frame.exchangeId };
  return { state: next, mistakes: swapped ? [{ rule: 'version-swapped', ...where(frame) }] : [] };
}

function watchIn(state: WatchState, frame: Frame, nowMs: number): Watched {
  switch (frame.type) {
    case 'connect':
      return watchConnect(state, frame);
    case 'data':
      return watchData(state, frame);
    case 'ack':
    case 'nak':
      return watchAck(state, frame);
    case 'heartbeat':
      return watchBeat(state, frame, nowMs);
    case 'control':
    case 'unsupported':
      return { state, mistakes: [] };
  }
}

function watchOut(state: WatchState, frame: Frame): WatchState {
  switch (frame.type) {
    case 'connect':
      return {
        ...state,
        opened: true,
        frameBytesMax: frame.terms.frameBytesMax,
        maxIdleMs: frame.terms.maxIdleS * 1000,
      };
    case 'data': {
      const open = state.ours.find((one) => one.exchangeId === frame.exchangeId && !one.acked);
      const others = state.ours.filter((one) => one !== open && one.exchangeId !== frame.exchangeId);
      const grown = { exchangeId: frame.exchangeId, frames: (open?.frames ?? 0) + 1, acked: false };
      return { ...state, ours: [...others, grown].slice(-rememberedMax) };
    }
    case 'ack':
    case 'nak':
      return { ...state, answered: [...state.answered, frame.exchangeId].slice(-rememberedMax) };
    case 'heartbeat':
    case 'control':
    case 'unsupported':
      return state;
    default:
      return state;
  }
}

/** One look. `nowMs` comes from a clock that only goes forward. */
export function stepWatch(state: WatchState, event: WatchEvent, nowMs: number): Watched {
  if (event.type === 'chunk') return { state: { ...state, chunk: state.chunk + 1 }, mistakes: [] };
  if (event.type === 'out') return { state: { ...watchOut(state, event.frame), lastActivityMs: nowMs }, mistakes: [] };
  const watched = watchIn(state, event.frame, nowMs);
  return { state: { ...watched.state, lastActivityMs: nowMs }, mistakes: watched.mistakes };
}
