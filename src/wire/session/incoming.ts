/** The peer's payloads: frames joined to messages, repeats recognised, one answer each (wire.md 4.3, 14.3). */
import { type DataFrame, type NakFrame, printableReason } from '../framing/frame.ts';
import {
  type Assembly,
  closeSession,
  isReading,
  type LastBlock,
  type Owed,
  type PartList,
  type Recent,
  recentCountMax,
  recentMs,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
  type Step,
} from './state.ts';

function join(parts: PartList | undefined, last: Buffer): Buffer {
  if (parts === undefined) return last;
  const list = [last];
  for (let one: PartList | undefined = parts; one !== undefined; one = one.before) list.push(one.part);
  return Buffer.concat(list.reverse());
}

/** True for the most frequent of all frames: one that is a message by itself, and not too long. */
export function isWholeMessage(state: SessionState, frame: DataFrame): boolean {
  return (
    frame.final &&
    state.phase === 'open' &&
    state.assembly === undefined &&
    state.rules.answers !== 'parity' &&
    frame.payload.length <= state.settings.messageBytesMax
  );
}

/** Takes such a frame as the message it is. */
export function takeWholeMessage(state: SessionState, frame: DataFrame, nowMs: number): Step {
  return takeMessage(state, { frame, payload: frame.payload, nowMs });
}

/** A data frame came: it completes a message, continues one, or breaks the rules of the line. */
export function stepDataFrame(state: SessionState, frame: DataFrame, nowMs: number): Step {
  if (state.phase === 'opening') return closeSession(state, 'CONNECT_EXPECTED');
  if (state.phase !== 'open') return { state, effects: [] };
  const digest = state.rules.answers === 'parity' ? blockDigest(state, frame) : '';
  const again = lastBlockAgain(state, { frame, digest, nowMs });
  if (again !== undefined) return takeAgain({ ...state, lastBlock: { ...again, isReacked: true } }, frame, nowMs);
  const { assembly } = state;
  if (assembly !== undefined && assembly.exchangeId !== frame.exchangeId && state.rules.answers === 'id') {
    return closeSession(state, 'MESSAGE_INTERLEAVED');
  }
  const bytes = (assembly?.bytes ?? 0) + frame.payload.length;
  const tooLong = (assembly?.tooLong ?? false) || bytes > state.settings.messageBytesMax;
  if (!frame.final) {
    const part = frame.payload.length === 0 || tooLong;
    const next: Assembly = {
      exchangeId: frame.exchangeId,
      parts: tooLong ? undefined : part ? assembly?.parts : { part: frame.payload, before: assembly?.parts },
      bytes,
      tooLong,
      touchedAtMs: nowMs,
    };
    return acknowledgeBlock(
      { ...state, assembly: next, lastBlock: { digest, final: false, atMs: nowMs, isReacked: false } },
      frame,
    );
  }
  const whole = assembly === undefined ? state : { ...state, assembly: undefined };
  if (tooLong) return refuseTooLong(whole, frame);
  return takeMessage(whole, { frame, payload: join(assembly?.parts, frame.payload), nowMs, digest });
}

function blockDigest({ digest }: SessionState, { header, payload }: DataFrame): string {
  return digest(header === undefined ? payload : Buffer.concat([header, Buffer.of(0), payload]));
}

/**
 * Where a block is known by the parity of its number alone, a sender that never saw our acknowledgement sends the same
 * block again: it is the one acknowledged last, and meets the wrong parity (wire.md 6). Such a sender comes back when its
 * own time is up; the same bytes much later are a message of their own.
 */
function lastBlockAgain(
  { lastBlock, rules, timeoutMs }: SessionState,
  one: { readonly frame: DataFrame; readonly digest: string; readonly nowMs: number },
): LastBlock | undefined {
  if (rules.answers !== 'parity' || lastBlock === undefined) return undefined;
  const { digest, final, atMs } = lastBlock;
  const isSame = digest === one.digest && final === one.frame.final && one.nowMs - atMs < 2 * timeoutMs;
  return isSame ? lastBlock : undefined;
}

/** Acknowledges it once more under the same parity; a message is handed over as the repeat it is. */
function takeAgain(state: SessionState, frame: DataFrame, nowMs: number): Step {
  const { blocksIn } = state;
  if (!frame.final) return { state, effects: [{ type: 'write', frame: { type: 'ack', exchangeId: blocksIn } }] };
  const { payload } = frame;
  return deliver(state, { payload, duplicate: true, effects: [], frame, digest: '', nowMs, isRepeat: true });
}

/** A frame that is not final is acknowledged only where its sender asks for it. */
function acknowledgeBlock(state: SessionState, frame: DataFrame): Step {
  if (frame.ackWanted !== true) return { state, effects: [] };
  const blocksIn = state.blocksIn + 1;
  const exchangeId = state.rules.answers === 'id' ? frame.exchangeId : blocksIn;
  return { state: { ...state, blocksIn }, effects: [{ type: 'write', frame: { type: 'ack', exchangeId } }] };
}

function noticeOf(frame: DataFrame, code: 'MESSAGE_TOO_LONG' | 'SENT_BEFORE_ACK' | 'ID_REUSED'): SessionEffect {
  return {
    type: 'notice',
    code,
    exchangeId: frame.exchangeId,
    ...(frame.offset === undefined ? {} : { offset: frame.offset }),
  };
}

/** The sender is told and the link stays: closing it would only make the peer send the same again. */
function refuseTooLong(state: SessionState, frame: DataFrame): Step {
  const nak: NakFrame = { type: 'nak', exchangeId: frame.exchangeId, reason: 'MESSAGE TOO LONG', status: 0x14 };
  const effects: SessionEffect[] = [noticeOf(frame, 'MESSAGE_TOO_LONG')];
  if (frame.ackWanted !== false) effects.push({ type: 'write', frame: nak });
  return { state, effects };
}

function takeMessage(
  state: SessionState,
  one: {
    readonly frame: DataFrame;
    readonly payload: Buffer;
    readonly nowMs: number;
    /** That of its last block, where blocks are known by their parity. */
    readonly digest?: string;
  },
): Step {
  const { frame, payload, nowMs } = one;
  const { exchangeId } = frame;
  const named = state.rules.answers === 'id';
  const digest = named ? state.digest(payload) : (one.digest ?? '');
  const effects: SessionEffect[] = [];
  const sameAsOwed = named && state.owed.some((other) => other.exchangeId === exchangeId && other.digest === digest);
  if (sameAsOwed) {
    // The copy waits for the fate of the first: acknowledging it now could acknowledge what is not on file yet.
    const held = [...state.held, { exchangeId, digest, payload }];
    return { state: { ...state, held, lastReceivedMs: nowMs, lastActivityMs: nowMs }, effects };
  }
  if (state.owed.length >= state.settings.window) effects.push(noticeOf(frame, 'SENT_BEFORE_ACK'));
  const duplicate = named && isRepeated(state.recent, { exchangeId, digest, nowMs });
  if (!duplicate && named && exchangeId === state.peerId) effects.push(noticeOf(frame, 'ID_REUSED'));
  return deliver(state, { payload, duplicate, effects, frame, digest, nowMs });
}

/** True when the same bytes came under the same id among the last 64 messages and within ten minutes. */
function isRepeated(
  recent: Recent | undefined,
  message: { readonly exchangeId: number; readonly digest: string; readonly nowMs: number },
): boolean {
  // Ids mostly count upwards: above all that are remembered, it is new without a look at each.
  if (recent === undefined || message.exchangeId > recent.idMax) return false;
  let one: Recent | undefined = recent;
  for (let index = 0; one !== undefined && index < recentCountMax; index += 1) {
    if (message.nowMs - one.atMs >= recentMs) return false;
    if (one.exchangeId === message.exchangeId && one.digest === message.digest) return true;
    one = one.before;
  }
  return false;
}

function deliver(
  state: SessionState,
  one: {
    readonly payload: Buffer;
    readonly duplicate: boolean;
    readonly effects: readonly SessionEffect[];
    readonly frame: Pick<DataFrame, 'exchangeId' | 'ackWanted'>;
    readonly digest: string;
    /** When it came; absent for a copy that waited. */
    readonly nowMs?: number;
    readonly isRepeat?: boolean;
  },
): Step {
  const token = state.nextToken;
  const { exchangeId } = one.frame;
  const { payload, duplicate } = one;
  const handed: SessionEffect = { type: 'deliver', token, exchangeId, payload, duplicate };
  const ackWanted = one.frame.ackWanted !== false;
  const owed: Owed = { token, exchangeId, digest: one.digest, ackWanted, isRepeat: one.isRepeat === true };
  return {
    state: {
      ...state,
      lastReceivedMs: one.nowMs ?? state.lastReceivedMs,
      lastActivityMs: one.nowMs ?? state.lastActivityMs,
      nextToken: token + 1,
      peerId: exchangeId,
      owed: state.owed.length === 0 ? [owed] : [...state.owed, owed],
    },
    effects: one.effects.length === 0 ? [handed] : [...one.effects, handed],
  };
}

/** The owner of the link answered a payload: it is on file, or it is refused. */
export function stepAnswer(state: SessionState, event: Extract<SessionEvent, { type: 'answer' }>, nowMs: number): Step {
  const one = state.owed.find(({ token }) => token === event.token);
  if (one === undefined) return { state, effects: [] };
  const effects: SessionEffect[] = [];
  const refused = event.refusal !== undefined;
  const named = state.rules.answers === 'id';
  const blocksIn = state.blocksIn + (refused || one.isRepeat ? 0 : 1);
  const exchangeId = named ? one.exchangeId : blocksIn;
  if (one.ackWanted) {
    const frame = refused
      ? refusalOf(exchangeId, printableReason(event.refusal), event.status)
      : ({ type: 'ack', exchangeId } as const);
    effects.push({ type: 'write', frame });
  }
  const wasReading = isReading(state);
  const settled: SessionState = {
    ...state,
    blocksIn,
    lastBlock: one.isRepeat ? state.lastBlock : refused ? undefined : lastBlockOf(state, one, nowMs),
    owed: state.owed.length === 1 ? [] : state.owed.filter((other) => other !== one),
    recent: refused || !named ? state.recent : remember(state, one, nowMs),
    lastActivityMs: nowMs,
  };
  const released = releaseCopy(settled, one, { duplicate: !refused, effects });
  if (wasReading || !isReading(released.state)) return released;
  return { state: resumeReading(released.state, nowMs), effects: released.effects };
}

function refusalOf(exchangeId: number, reason: string, status: number | undefined): NakFrame {
  return { type: 'nak', exchangeId, reason, ...(status === undefined ? {} : { status }) };
}

function lastBlockOf({ rules }: SessionState, { digest }: Owed, nowMs: number): LastBlock | undefined {
  return rules.answers === 'parity' ? { digest, final: true, atMs: nowMs, isReacked: false } : undefined;
}

/** Adds a message in front; at twice the number that counts the list is cut to it, so that each message costs the same. */
function remember(state: SessionState, one: Owed, nowMs: number): Recent {
  const before = state.recent?.count === 2 * recentCountMax ? cutRecent(state.recent) : state.recent;
  const { exchangeId, digest } = one;
  return linkRecent({ exchangeId, digest, atMs: nowMs }, before);
}

function cutRecent(recent: Recent): Recent | undefined {
  const kept: Recent[] = [];
  let one: Recent | undefined = recent;
  while (one !== undefined && kept.length < recentCountMax) {
    kept.push(one);
    one = one.before;
  }
  return kept.reduceRight<Recent | undefined>((before, each) => linkRecent(each, before), undefined);
}

function linkRecent(one: Pick<Recent, 'exchangeId' | 'digest' | 'atMs'>, before: Recent | undefined): Recent {
  const { exchangeId, digest, atMs } = one;
  if (before === undefined) return { exchangeId, digest, atMs, count: 1, idMax: exchangeId, before };
  return { exchangeId, digest, atMs, count: before.count + 1, idMax: Math.max(exchangeId, before.idMax), before };
}

/** A copy that waited for its first is handed over: as a repeat when the first was acknowledged, else as new. */
function releaseCopy(
  state: SessionState,
  one: Owed,
  how: { readonly duplicate: boolean; readonly effects: readonly SessionEffect[] },
): Step {
  if (state.held.length === 0) return { state, effects: how.effects };
  const copy = state.held.find((other) => other.exchangeId === one.exchangeId && other.digest === one.digest);
  if (copy === undefined) return { state, effects: how.effects };
  const held = state.held.filter((other) => other !== copy);
  return deliver(
    { ...state, held },
    { payload: copy.payload, duplicate: how.duplicate, effects: how.effects, frame: copy, digest: one.digest },
  );
}

/** Reading goes on after a pause of ours: what the peer sent meanwhile may still lie unread, so its timers start anew. */
function resumeReading(state: SessionState, nowMs: number): SessionState {
  return {
    ...state,
    lastReceivedMs: nowMs,
    partialSinceMs: state.partialSinceMs === undefined ? undefined : nowMs,
    assembly: state.assembly === undefined ? undefined : { ...state.assembly, touchedAtMs: nowMs },
    beat: state.beat === undefined ? undefined : { ...state.beat, sentAtMs: nowMs },
    underWay: state.underWay.map((one) => ({ ...one, sentAtMs: nowMs })),
  };
}
