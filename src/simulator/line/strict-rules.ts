/** The mistakes that clients make on the line, by the rule names of the strict mode (wire.md 12). */
import type { FaultCode } from '../../faults/fault.ts';

/** What the switch does about a mistake in strict mode: writes it down, refuses the message, or ends the link. */
export type Reaction = 'note' | 'refuse' | 'close';

export interface StrictRule {
  readonly text: string;
  readonly reaction: Reaction;
  /** True where the rule itself says that both ways are taken: it is named, and no client fails by it. */
  readonly tolerated?: boolean;
}

/** Every rule. Frames that the profile never answers (acknowledgements, heartbeats) are only written down. */
export const strictRules = {
  'split-new-id': { text: 'A split message carries a new exchange id on each part.', reaction: 'refuse' },
  'ack-mid-message': { text: 'A frame that says more follows was acknowledged.', reaction: 'note' },
  'ack-of-nak': { text: 'An acknowledgement or refusal was acknowledged.', reaction: 'note' },
  'no-wait-for-ack': { text: 'The next message left before the last was answered.', reaction: 'refuse' },
  'silent-loss': {
    text: 'The exchange ids counted by one and then skipped: messages seem to be lost.',
    reaction: 'note',
  },
  'heartbeat-wrong-timer': { text: 'A heartbeat came sooner than the agreed idle time.', reaction: 'note' },
  'connect-nonzero-times': { text: 'A client sends both times of its connect frame as 0.', reaction: 'note' },
  'version-swapped': { text: 'Minor and major version stand in each other’s place.', reaction: 'close' },
  'length-in-chars': { text: 'The length counts characters instead of bytes.', reaction: 'close' },
  'version-mismatch': {
    text: 'The two sides name different minor versions; both are taken.',
    reaction: 'note',
    tolerated: true,
  },
  'id-reused': { text: 'A different message carries the exchange id of the one before.', reaction: 'refuse' },
  'reconnect-too-fast': { text: 'The client came back in under 30 seconds.', reaction: 'note' },
  'length-excludes-envelope': { text: 'The block length is 12 bytes short.', reaction: 'close' },
  'keepalive-on-tick': { text: 'Keep-alives come on a fixed tick although traffic flows.', reaction: 'note' },
  'more-without-final': { text: 'A message was begun and never completed, or another began in it.', reaction: 'close' },
  'data-before-connect': { text: 'Data came before the connect exchange.', reaction: 'close' },
} as const satisfies Record<string, StrictRule>;

export type StrictRuleName = keyof typeof strictRules;

/** Rules that the line itself notices, by its fault code. The link closes by itself where it has to. */
const ruleOfCode: Partial<Record<FaultCode, StrictRuleName>> = {
  CONNECT_TIMES: 'connect-nonzero-times',
  CONNECT_MINOR: 'version-mismatch',
  SENT_BEFORE_ACK: 'no-wait-for-ack',
  ID_REUSED: 'id-reused',
  MESSAGE_INTERLEAVED: 'more-without-final',
  MESSAGE_TIMEOUT: 'more-without-final',
  CONNECT_EXPECTED: 'data-before-connect',
};

/** The rule that a fault code of the line stands for, where there is one. */
export function strictRuleOf(code: FaultCode): StrictRuleName | undefined {
  return ruleOfCode[code];
}
