/** Control characters of their own, in the profiles that answer by order or parity (wire.md 6). */
import type { ControlFrame } from '../framing/frame.ts';
import { closeSession, type SessionState, type Step } from './state.ts';

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
        state: { ...state, lastActivityMs: nowMs },
        effects: [{ type: 'write', frame: { type: 'ack', exchangeId: state.blocksIn } }],
      };
    case 'WACK':
      return {
        state: { ...state, underWay: state.underWay.map((one) => ({ ...one, sentAtMs: nowMs })) },
        effects: [],
      };
    case 'EOT':
      return { state: { ...state, assembly: undefined }, effects: [{ type: 'notice', code: 'MESSAGE_GIVEN_UP' }] };
    case 'DISC':
      return closeSession(state, 'CLOSED_BY_PEER');
  }
}
