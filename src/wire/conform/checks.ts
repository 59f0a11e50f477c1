/** What a switch must do, one check a rule. Each has a connection of its own and says in a sentence what went wrong. */
import type { ConnectTerms, Frame } from '../framing/frame.ts';
import type { WireProfile } from '../profile.ts';
import type { Arrival, BareClient } from './bare-client.ts';

export interface CheckContext {
  readonly profile: WireProfile;
  readonly client: BareClient;
  /** A text the other side may acknowledge or refuse; it is only ever looked at as bytes. */
  readonly payload: Buffer;
  /** How long an answer may take. */
  readonly answerMs: number;
  /** How long it is watched for something that must not come. */
  readonly quietMs: number;
}

export interface Check {
  /** The rule's name, as the simulator's strict mode reports it where it has one. */
  readonly rule: string;
  /** Where the rule comes from. */
  readonly source: string;
  readonly describe: string;
  applies(profile: WireProfile): boolean;
  /** Gives what went wrong, or nothing. */
  run(context: CheckContext): Promise<string | undefined>;
}

export const wishTerms: ConnectTerms = {
  major: 1,
  minor: 1,
  frameBytesMax: 65_000,
  maxIdleS: 0,
  defaultTimeoutS: 0,
  encryption: false,
  coding: 'NON',
  newline: 'LF',
};

const always = (): boolean => true;
const hasIds = (profile: WireProfile): boolean => profile.rules.answers === 'id';
const hasLength = hasIds;
const negotiates = (profile: WireProfile): boolean => profile.rules.negotiates;

/** An arrival in words, without anything of its payload. */
function seen(arrival: Arrival): string {
  switch (arrival.type) {
    case 'frame':
      return `a ${arrival.frame.type} frame with exchange id ${arrival.frame.exchangeId} came`;
    case 'closed':
      return 'the connection was closed';
    case 'garbage':
      return 'bytes came that are no frame';
    case 'nothing':
      return 'nothing came in time';
  }
}

/** Opens the session where the profile has a connect exchange. */
async function openSession({ client, profile, answerMs }: CheckContext): Promise<string | undefined> {
  if (!profile.rules.negotiates) return undefined;
  client.write(profile.encode({ type: 'connect', exchangeId: 1, terms: wishTerms }));
  const arrival = await client.next(answerMs);
  if (arrival.type === 'frame' && arrival.frame.type === 'connect') return undefined;
  return `no answer to the connect frame: ${seen(arrival)}`;
}

/** Waits for the answer to exchange `exchangeId`; answers of the application that come before it are acknowledged. */
async function answered(context: CheckContext, exchangeId: number): Promise<string | undefined> {
  const { client, profile, answerMs } = context;
  for (let count = 0; count < 20; count += 1) {
    const arrival = await client.next(answerMs);
    if (arrival.type !== 'frame') return `no acknowledgement: ${seen(arrival)}`;
    const { frame } = arrival;
    if (frame.type === 'ack' || frame.type === 'nak') {
      return hasIds(profile) && frame.exchangeId !== exchangeId
        ? `the answer names another id: ${seen(arrival)}`
        : undefined;
    }
    if (frame.type === 'data' && frame.final) client.write(profile.encode(ackOf(frame)));
  }
  return 'too many frames came before the acknowledgement';
}

const ackOf = (frame: Frame): Frame => ({ type: 'ack', exchangeId: frame.exchangeId });

/** Nothing that answers an exchange may come while it is watched. */
async function noAnswer({ client, profile, quietMs }: CheckContext): Promise<string | undefined> {
  for (;;) {
    const arrival = await client.next(quietMs);
    if (arrival.type === 'nothing') return undefined;
    if (arrival.type !== 'frame') return seen(arrival);
    if (arrival.frame.type !== 'data') return `too early: ${seen(arrival)}`;
    if (arrival.frame.final) client.write(profile.encode(ackOf(arrival.frame)));
  }
}

/** The connection must end, whatever comes before its end. */
async function closes({ client, answerMs }: CheckContext): Promise<string | undefined> {
  for (let count = 0; count < 20; count += 1) {
    const arrival = await client.next(answerMs);
    if (arrival.type === 'closed') return undefined;
    if (arrival.type !== 'frame') return `the connection must be closed, but ${seen(arrival)}`;
    if (arrival.frame.type === 'ack') return 'the connection must be closed, but it was acknowledged';
  }
  return 'the connection must be closed';
}

function data({ profile, payload }: CheckContext, exchangeId: number, bytes: Buffer = payload): Buffer {
  return profile.encode({ type: 'data', exchangeId, final: true, payload: bytes });
}

/** A check that begins with an open session. */
function inSession(run: Check['run']): Check['run'] {
  return async (context) => (await openSession(context)) ?? (await run(context));
}

/** One heartbeat and its echo. */
async function beats({ client, profile, answerMs }: CheckContext, exchangeId: number): Promise<string | undefined> {
  client.write(profile.encode({ type: 'heartbeat', exchangeId }));
  for (let count = 0; count < 20; count += 1) {
    const arrival = await client.next(answerMs);
    if (arrival.type !== 'frame') return `no answer to the heartbeat: ${seen(arrival)}`;
    if (arrival.frame.type === 'data') {
      if (arrival.frame.final) client.write(profile.encode(ackOf(arrival.frame)));
      continue;
    }
    const isEcho = arrival.frame.type === 'heartbeat' && arrival.frame.exchangeId === exchangeId;
    return isEcho ? undefined : `no answer to the heartbeat: ${seen(arrival)}`;
  }
  return 'too many frames came before the answer to the heartbeat';
}

/** The terms of the answer that a client cannot keep, by name. */
async function connectAnswer({ client, profile, answerMs }: CheckContext): Promise<string | undefined> {
  client.write(profile.encode({ type: 'connect', exchangeId: 4_242, terms: wishTerms }));
  const arrival = await client.next(answerMs);
  if (arrival.type !== 'frame' || arrival.frame.type !== 'connect') return `no connect answer: ${seen(arrival)}`;
  const { terms, exchangeId } = arrival.frame;
  if (exchangeId !== 4_242) return 'the answer carries another exchange id';
  if (terms.major !== 1 || terms.minor > 1) return 'the version is neither 1.0 nor 1.1';
  if (terms.frameBytesMax > wishTerms.frameBytesMax) return 'the largest frame was raised';
  if (terms.maxIdleS === 0 || terms.defaultTimeoutS === 0) return 'the switch must set both times';
  if (terms.encryption) return 'encryption was forced, which hitline does not speak';
  if (terms.coding !== 'NON' || terms.newline !== 'LF') return 'coding and newline must be honoured';
  return undefined;
}

const nasty = Buffer.from('55AA00FFFF00AA550000001000014159' + '55AA00FF', 'hex');

function withLength(context: CheckContext, length: number): Buffer {
  const bytes = data(context, 5);
  bytes.writeUInt32BE(length, 4);
  return bytes;
}

function changed(context: CheckContext, at: number): Buffer {
  const bytes = data(context, 5);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 0x55;
  return bytes;
}

export const checks: readonly Check[] = [
  {
    rule: 'connect-answer',
    source: 'wire.md 4.2',
    describe: 'The connect answer keeps the id, sets both times, raises nothing and honours coding and newline.',
    applies: negotiates,
    run: connectAnswer,
  },
  {
    rule: 'ack-once',
    source: 'wire.md 4.3, 5.4, 7',
    describe: 'A message in one frame gets one answer, under its own id.',
    applies: always,
    run: inSession(async (context) => {
      context.client.write(data(context, 5));
      return (await answered(context, 5)) ?? (await noAnswer(context));
    }),
  },
  {
    rule: 'ack-mid-message',
    source: 'wire.md 4.3, 12',
    describe: 'Frames that are not final get no answer; the final one gets one.',
    applies: (profile) => profile.rules.multiFrame,
    run: inSession(async (context) => {
      const { client, profile, payload } = context;
      const half = Math.floor(payload.length / 2);
      const part = (final: boolean) =>
        profile.encode({
          type: 'data',
          exchangeId: 6,
          final,
          payload: final ? payload.subarray(half) : payload.subarray(0, half),
        });
      client.write(part(false));
      const early = await noAnswer(context);
      if (early !== undefined) return early;
      client.write(part(true));
      return (await answered(context, 6)) ?? (await noAnswer(context));
    }),
  },
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
    applies: hasLength,
    run: inSession(async (context) => {
      context.client.write(data(context, 5, Buffer.concat([nasty, context.payload, nasty])));
      return (await answered(context, 5)) ?? (await noAnswer(context));
    }),
  },
  {
    rule: 'heartbeat-echo',
    source: 'wire.md 4.3, 5.4',
    describe: 'A heartbeat is answered at once under its id.',
    applies: (profile) => profile.rules.heartbeat,
    run: inSession((context) => beats(context, 9)),
  },
  {
    rule: 'repeat-is-acked',
    source: 'wire.md 14.3',
    describe: 'The same message under the same id is acknowledged again.',
    applies: hasIds,
    run: inSession(async (context) => {
      context.client.write(data(context, 5));
      const first = await answered(context, 5);
      if (first !== undefined) return first;
      context.client.write(data(context, 5));
      return await answered(context, 5);
    }),
  },
  {
    rule: 'unknown-ack',
    source: 'wire.md 15',
    describe: 'An acknowledgement of an id that is not under way does no harm.',
    applies: (profile) => profile.rules.heartbeat,
    run: inSession(async (context) => {
      context.client.write(context.profile.encode({ type: 'ack', exchangeId: 31_000 }));
      return await beats(context, 9);
    }),
  },
  {
    rule: 'data-before-connect',
    source: 'wire.md 12',
    describe: 'A message before the connect exchange closes the connection.',
    applies: negotiates,
    run: async (context) => {
      context.client.write(data(context, 5));
      return await closes(context);
    },
  },
  {
    rule: 'length-too-small',
    source: 'wire.md 11.2, 11.4',
    describe: 'A length below the smallest frame closes the connection.',
    applies: hasLength,
    run: inSession(async (context) => {
      context.client.write(withLength(context, 8));
      return await closes(context);
    }),
  },
  {
    rule: 'length-too-large',
    source: 'wire.md 11.2, 11.4',
    describe: 'A length above the cap closes the connection before the bytes have come.',
    applies: hasLength,
    run: inSession(async (context) => {
      context.client.write(withLength(context, 0x7fff_ffff));
      return await closes(context);
    }),
  },
  {
    rule: 'stop-pattern',
    source: 'wire.md 11.1, 11.2',
    describe: 'A wrong stop pattern closes the connection.',
    applies: hasLength,
    run: inSession(async (context) => {
      context.client.write(changed(context, -1));
      return await closes(context);
    }),
  },
  {
    rule: 'start-pattern',
    source: 'wire.md 11.2',
    describe: 'Bytes that begin no frame close the connection.',
    applies: always,
    run: inSession(async (context) => {
      context.client.write(changed(context, 0));
      return await closes(context);
    }),
  },
];
