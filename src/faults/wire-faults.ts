import type { FaultRow } from './fault.ts';

/** Faults of the line: what a frame or a session can have wrong. */
export const wireFaults = {
  FRAME_START: { text: 'The bytes do not begin with the start pattern.', kind: 'fault', audience: 'peer' },
  FRAME_LENGTH: {
    text: 'The length of the frame is below the smallest or above the largest allowed.',
    kind: 'fault',
    audience: 'peer',
  },
  FRAME_STOP: { text: 'The stop pattern is not where the length says.', kind: 'fault', audience: 'peer' },
  FRAME_TYPE: { text: 'There is no such type of frame.', kind: 'fault', audience: 'peer' },
  FRAME_FINAL: { text: 'The end-of-exchange mark is wrong for this type of frame.', kind: 'fault', audience: 'peer' },
  FRAME_PAYLOAD: {
    text: 'The payload does not have the size this type of frame asks for.',
    kind: 'fault',
    audience: 'peer',
  },
  FRAME_UNSUPPORTED: {
    text: 'The frame belongs to the encryption of the profile, which was not agreed on.',
    kind: 'fault',
    audience: 'peer',
  },
  FRAME_CUT: { text: 'The connection ended in the middle of a frame.', kind: 'fault', audience: 'peer' },
  FRAME_TIMEOUT: { text: 'A frame that was begun was not completed in time.', kind: 'fault', audience: 'peer' },
  FRAME_JUNK: {
    text: 'There are more bytes between the frames than the resync quirk allows.',
    kind: 'fault',
    audience: 'peer',
  },
  MESSAGE_TIMEOUT: {
    text: 'A message of several frames was begun and not completed in time.',
    kind: 'fault',
    audience: 'peer',
  },
  MESSAGE_INTERLEAVED: {
    text: 'Another message began before the last one had its final frame.',
    kind: 'fault',
    audience: 'peer',
  },
  MESSAGE_TOO_LONG: { text: 'The message is longer than this link takes.', kind: 'fault', audience: 'peer' },
  CONNECT_EXPECTED: { text: 'The first frame must be the connect frame.', kind: 'fault', audience: 'peer' },
  CONNECT_REPEATED: { text: 'A connect frame came on a session that was open.', kind: 'fault', audience: 'peer' },
  CONNECT_VERSION: { text: 'The version is neither 1.0 nor 1.1.', kind: 'fault', audience: 'peer' },
  CONNECT_MINOR: {
    text: 'The two sides name different minor versions; both are taken.',
    kind: 'fault',
    audience: 'peer',
  },
  CONNECT_TERMS: {
    text: 'The terms of the connect frame are not ones this side can keep.',
    kind: 'fault',
    audience: 'installer',
  },
  CONNECT_TIMES: { text: 'A client must send both times of its connect frame as 0.', kind: 'fault', audience: 'peer' },
  CONNECT_ID: {
    text: 'The answer to the connect frame carries another exchange id.',
    kind: 'fault',
    audience: 'peer',
  },
  CONNECT_ENCRYPTION: {
    text: 'The other side wants the encryption of the profile, which hitline does not speak; use TLS or a VPN.',
    kind: 'fault',
    audience: 'installer',
  },
  OPEN_TIMEOUT: { text: 'The session was not opened in time.', kind: 'failure', audience: 'installer' },
  ACK_TIMEOUT: { text: 'The acknowledgement did not come in time.', kind: 'failure', audience: 'peer' },
  ACK_UNKNOWN: {
    text: 'An acknowledgement or refusal names no exchange under way.',
    kind: 'fault',
    audience: 'peer',
  },
  SENT_BEFORE_ACK: {
    text: 'The next message was sent before the last was acknowledged.',
    kind: 'fault',
    audience: 'peer',
  },
  ID_REUSED: {
    text: 'Another message carries the exchange id of the message before it.',
    kind: 'fault',
    audience: 'peer',
  },
  RESENT: { text: 'The payload was sent once more under the same id.', kind: 'failure', audience: 'peer' },
  HEARTBEAT_UNEXPECTED: { text: 'A heartbeat came that nobody waited for.', kind: 'fault', audience: 'peer' },
  PEER_SILENT: { text: 'The other side has been silent for too long.', kind: 'failure', audience: 'peer' },
  PEER_NOT_READING: { text: 'The other side does not take what is sent to it.', kind: 'failure', audience: 'peer' },
  PEER_REFUSED: { text: 'This address or certificate may not connect here.', kind: 'refusal', audience: 'installer' },
  LINKS_FULL: { text: 'This door has as many links as it may have.', kind: 'refusal', audience: 'installer' },
  CONNECTION_FAILED: { text: 'The connection could not be made or was lost.', kind: 'failure', audience: 'installer' },
  TLS_FAILED: { text: 'The TLS handshake failed.', kind: 'failure', audience: 'installer' },
  TLS_REQUIRED: {
    text: 'Without TLS only loopback is allowed, unless the link is inside a VPN.',
    kind: 'refusal',
    audience: 'installer',
  },
  TLS_SETTINGS: { text: 'The certificate, key or authority cannot be used.', kind: 'failure', audience: 'installer' },
  PROFILE_UNKNOWN: { text: 'There is no such wire profile.', kind: 'fault', audience: 'person' },
} as const satisfies Record<string, FaultRow>;
