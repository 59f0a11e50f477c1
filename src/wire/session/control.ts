/** Control characters of their own, in the profiles that answer by order or parity (wire.md 6). */
import type { ControlFrame } from '../framing/frame.ts';
import { closeSession, type LastBlock, type SessionState, type Step, type UnderWay } from './state.ts';

/** How many times the ordinary wait a peer may ask for: a wait without an end would keep the line for ever. */
const waitsMax = 10;

/** Waits for an acknowledgement anew, and asks for it anew when that time is over too. */
function waitOn(one: UnderWay, { timeoutMs }: SessionState, nowMs: number): UnderWay {
  const lastMs = one.firstSentAtMs + (waitsMax - 1) * timeoutMs;
  return nowMs < lastMs ? { ...one, sentAtMs: nowMs, enquired: false } : one;
}

/**
 * Who asks again although a block was acknowledged twice did see the first of the two, and meant another message with the
 * same bytes: when it comes once more it is taken.
 */
function unlessDoubted(lastBlock: LastBlock | undefined): LastBlock | undefined {
  return lastBlock?.isReacked === true ? undefined : lastBlock;
}

/**
 * ENQ asks which block we acknowledged last; WACK asks us to wait for the acknowledgement; EOT gives up the message that
 * was begun; DISC ends the session. What WACK means is recalled only, so it settles nothing.
 */
export function stepControl(state: SessionState, frame: ControlFrame, nowMs: number): Step {
  switch (frame.name) {
    case 'ENQ':
      // Without parity an acknowledgement could be taken for a block we never saw, so the peer is left to its own timer.
      if (state.rules.answers !== 'parity') return { state, effects: [{ type: 'notice', code: 'FRAME_UNSUPPORTED' }] };
      return {
        state: { ...state, lastActivityMs: nowMs, lastBlock: unlessDoubted(state.lastBlock) },
        effects: [{ type: 'write', frame: { type: 'ack', exchangeId: state.blocksIn } }],
      };
    case 'WACK':
      return { state: { ...state, underWay: state.underWay.map((one) => waitOn(one, state, nowMs)) }, effects: [] };
    case 'EOT':
      return { state: { ...state, assembly: undefined }, effects: [{ type: 'notice', code: 'MESSAGE_GIVEN_UP' }] };
    case 'DISC':
      return closeSession(state, 'CLOSED_BY_PEER');
  }
}
