/** The settings of a line to a station or to the switch: profile, deviations, coding, and the figures its links live by. */
import { z } from 'zod';
import { type CharsetName, charsetNames } from '../../wire/charsets/charset.ts';
import { type ProfileName, profileNames } from '../../wire/profiles.ts';
import { defaultLinkSettings } from '../../wire/settings.ts';

export const profileName = z.enum(profileNames as [ProfileName, ...ProfileName[]]);

export const quirks = z
  .strictObject({
    lengthExcludesBytes: z.int().min(0).max(64).optional().describe('The length field leaves out this many bytes.'),
    lengthBytes: z
      .union([z.literal(2), z.literal(4)])
      .optional()
      .describe("Width of the length field, when it is not the profile's."),
    resyncBytesMax: z
      .int()
      .min(1)
      .max(65_536)
      .optional()
      .describe('Skips up to this many bytes to find the next frame, instead of closing at the first fault.'),
    controlBytes: z.enum(['ascii', 'ebcdic']).optional().describe('The control bytes of stx-etx.'),
  })
  .optional()
  .describe(
    "What this peer does otherwise than its profile says; only the switch's or vendor's own word justifies one.",
  );

export const textCoding = z
  .strictObject({
    charset: z
      .enum(charsetNames as [CharsetName, ...CharsetName[]])
      .default('latin1')
      .describe('How characters are coded. What does not map is refused with its position, never replaced.'),
    lineEnd: z
      .enum(['LF', 'CR', 'CRLF', 'NEL'])
      .optional()
      .describe('What ends a line on the wire; as the texts have it unless given.'),
  })
  .prefault({})
  .describe('How texts are coded on this line.');

const waitMs = (what: string) => z.int().min(100).max(600_000).optional().describe(what);

/** Each figure is the profile's own unless given; the names are those of docs/wire.md. */
export const linkFigures = z
  .strictObject({
    window: z
      .int()
      .min(1)
      .max(255)
      .optional()
      .describe("How many messages may be under way to the other side: the profile's own unless given."),
    ackTimeoutMs: waitMs('How long an acknowledgement, or the answer to a heartbeat, may take.'),
    idleMs: waitMs(
      'After so much silence the side that dialled sends a heartbeat; a peer silent for twice as long is dead.',
    ),
    openTimeoutMs: waitMs('How long connecting and opening the session may take.'),
    completeTimeoutMs: waitMs('How long the rest of a frame or message may take.'),
    drainTimeoutMs: waitMs('How long the other side may leave what was written to it unread.'),
    frameBytesMax: z.int().min(256).max(16_777_216).optional().describe('The largest frame taken or sent.'),
    messageBytesMax: z
      .int()
      .min(1_024)
      .max(16_777_216)
      .default(defaultLinkSettings.messageBytesMax)
      .describe('The largest message; a longer one is refused and the link stays.'),
    resendAny: z
      .boolean()
      .default(false)
      .describe(
        'True only where the other side is known to recognise a repeated id: any message may then be sent once more, with the same bytes and id on the same connection. False: only inquiries are.',
      ),
  })
  .prefault({})
  .describe('What each link of this line lives by.');

export const blockKeyFile = z
  .string()
  .min(1)
  .max(1_000)
  .optional()
  .describe(
    'File with the keys of the blocks of dmpp-2020, mode 0600, outside the data folder: on each line the number of the book, the number of the key and its 32 bytes in Base64. What is sent is encrypted under the first.',
  );
