/** How the other side reads bytes: what is one frame, and what must end the connection. */
import {
  always,
  answered,
  type Check,
  type CheckContext,
  closes,
  data,
  hasIds,
  inSession,
  isNamed,
  noAnswer,
} from './check.ts';

const nasty = Buffer.from('55AA00FFFF00AA550000001000014159' + '55AA00FF', 'hex');

/** A message with another length in its length field; a negative one is so much shorter than the right one. */
function withLength(context: CheckContext, length: number, payload?: Buffer): Buffer {
  const bytes = data(context, 5, payload);
  bytes.writeUInt32BE(length < 0 ? bytes.readUInt32BE(4) + length : length, 4);
  return bytes;
}

function changed(context: CheckContext, at: number): Buffer {
  const bytes = data(context, 5);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 0x55;
  return bytes;
}

/** A check that writes these bytes into an open session and wants the connection to end. */
const ends = (bytes: (context: CheckContext) => Buffer): Check['run'] =>
  inSession(async (context) => {
    context.client.write(bytes(context));
    return await closes(context);
  });

export const frameChecks: readonly Check[] = [
  {
    rule: 'split-reads',
    source: 'wire.md 11.3',
    describe: 'A frame that comes one byte at a time is still one frame.',
    applies: always,
    run: inSession(async (context) => {
      for (const byte of data(context, 5)) {
        context.client.write(Buffer.from([byte]));
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      return await answered(context, 5);
    }),
  },
  {
    rule: 'embedded-patterns',
    source: 'wire.md 11.1',
    describe: 'A payload that holds patterns and a plausible length is one message.',
    applies: hasIds,
    run: inSession(async (context) => {
      context.client.write(data(context, 5, Buffer.concat([nasty, context.payload, nasty])));
      return (await answered(context, 5)) ?? (await noAnswer(context));
    }),
  },
  {
    rule: 'carriage-returns',
    source: 'wire.md 7',
    describe: 'A frame ends only at 1C directly followed by 0D: a text full of 0D is one message.',
    applies: isNamed('mllp-r2'),
    run: inSession(async (context) => {
      const text = Buffer.concat([Buffer.from('\r\r'), context.payload, Buffer.from('\r\n\r')]);
      context.client.write(data(context, 5, text));
      return (await answered(context, 5)) ?? (await noAnswer(context));
    }),
  },
  {
    rule: 'length-too-small',
    source: 'wire.md 11.2, 11.4',
    describe: 'A length below the smallest frame closes the connection.',
    applies: hasIds,
    run: ends((context) => withLength(context, 8)),
  },
  {
    rule: 'length-too-large',
    source: 'wire.md 11.2, 11.4',
    describe: 'A length above the cap closes the connection before the bytes have come.',
    applies: hasIds,
    run: ends((context) => withLength(context, 0x7fff_ffff)),
  },
  {
    rule: 'length-in-chars',
    source: 'wire.md 4.1, 12',
    describe: 'A length that counts characters instead of bytes closes the connection.',
    applies: isNamed('foxtalk-1'),
    run: ends((context) => withLength(context, -1, Buffer.concat([context.payload, Buffer.from('é')]))),
  },
  {
    rule: 'length-excludes-envelope',
    source: 'wire.md 5.4, 12',
    describe: 'A block length that is 12 bytes short closes the connection.',
    applies: isNamed('dmpp-2020'),
    run: ends((context) => withLength(context, -12)),
  },
  {
    rule: 'stop-pattern',
    source: 'wire.md 11.1, 11.2',
    describe: 'A wrong stop pattern closes the connection.',
    applies: hasIds,
    run: ends((context) => changed(context, -1)),
  },
  {
    rule: 'start-pattern',
    source: 'wire.md 11.2',
    describe: 'Bytes that begin no frame close the connection.',
    applies: always,
    run: ends((context) => changed(context, 0)),
  },
];
