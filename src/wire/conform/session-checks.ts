/** How the other side keeps a session: opening, acknowledgements, heartbeats, and what it sends of its own. */
import {
  acknowledge,
  always,
  answered,
  beats,
  type Check,
  type CheckContext,
  closes,
  data,
  type Finding,
  hasIds,
  inSession,
  negotiates,
  noAnswer,
  refused,
  seen,
  type Theirs,
  theirMessage,
  wishTerms,
} from './check.ts';

/** The terms of the answer that a client cannot keep, by name. */
async function connectAnswer(context: CheckContext, over: Partial<typeof wishTerms> = {}): Promise<Finding> {
  const { client, profile, answerMs } = context;
  const wish = { ...wishTerms, ...over };
  client.write(profile.encode({ type: 'connect', exchangeId: 4_242, terms: wish }));
  const arrival = await client.next(answerMs);
  if (arrival.type !== 'frame' || arrival.frame.type !== 'connect') return `no connect answer: ${seen(arrival)}`;
  const { terms, exchangeId } = arrival.frame;
  if (exchangeId !== 4_242) return 'the answer carries another exchange id';
  if (terms.major !== 1 || terms.minor > 1) return 'the version is neither 1.0 nor 1.1';
  if (terms.frameBytesMax > wish.frameBytesMax) return 'the largest frame was raised';
  if (terms.maxIdleS === 0 || terms.defaultTimeoutS === 0) return 'the switch must set both times';
  if (terms.encryption) return 'encryption was forced, which hitline does not speak';
  if (terms.coding !== wish.coding || terms.newline !== wish.newline) return 'coding and newline must be honoured';
  return undefined;
}

/** Sends one message and waits for its acknowledgement and for a message of the other side's, which stays unanswered. */
async function provoke(context: CheckContext, exchangeId: number): Promise<Theirs> {
  context.client.write(data(context, exchangeId));
  return await theirMessage(context, 1);
}

const part = ({ profile, payload }: CheckContext, exchangeId: number, final: boolean): Buffer => {
  const half = Math.floor(payload.length / 2);
  const bytes = final ? payload.subarray(half) : payload.subarray(0, half);
  return profile.encode({ type: 'data', exchangeId, final, payload: bytes });
};

const openingChecks: readonly Check[] = [
  {
    rule: 'connect-answer',
    source: 'wire.md 4.2',
    describe: 'The connect answer keeps the id, sets both times, raises nothing and honours coding and newline.',
    applies: negotiates,
    run: (context) => connectAnswer(context),
  },
  {
    rule: 'connect-other-wishes',
    source: 'wire.md 4.2',
    describe: 'Another coding, newline and largest frame are honoured too.',
    applies: negotiates,
    run: (context) => connectAnswer(context, { coding: 'B64', newline: 'CRLF', frameBytesMax: 4_000 }),
  },
  {
    rule: 'version-mismatch',
    source: 'wire.md 4.2, 12',
    describe: 'Version 1.0 is accepted as well as 1.1.',
    applies: negotiates,
    run: (context) => connectAnswer(context, { minor: 0 }),
  },
  {
    rule: 'version-swapped',
    source: 'wire.md 12',
    describe: 'A minor version in the place of the major one is not taken for version 1.',
    applies: negotiates,
    run: async (context) => {
      const terms = { ...wishTerms, major: 0, minor: 1 };
      context.client.write(context.profile.encode({ type: 'connect', exchangeId: 1, terms }));
      return await closes(context);
    },
  },
  {
    rule: 'connect-nonzero-times',
    source: 'wire.md 4.2, 12',
    describe: 'Times that a client puts into its connect frame do no harm: the switch sets both.',
    applies: negotiates,
    run: (context) => connectAnswer(context, { maxIdleS: 1, defaultTimeoutS: 60 }),
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
];

const answerChecks: readonly Check[] = [
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
      context.client.write(part(context, 6, false));
      const early = await noAnswer(context);
      if (early !== undefined) return early;
      context.client.write(part(context, 6, true));
      return (await answered(context, 6)) ?? (await noAnswer(context));
    }),
  },
  {
    rule: 'more-without-final',
    source: 'wire.md 12',
    describe: 'A message that begins inside another one is refused, or the connection closed.',
    applies: (profile) => profile.rules.multiFrame,
    run: inSession(async (context) => {
      context.client.write(Buffer.concat([part(context, 6, false), data(context, 7)]));
      return await refused(context);
    }),
  },
  {
    rule: 'ack-of-nak',
    source: 'wire.md 4.3, 12',
    describe: 'A refusal is never answered.',
    applies: (profile) => profile.rules.heartbeat,
    run: inSession(async (context) => {
      context.client.write(context.profile.encode({ type: 'nak', exchangeId: 31_000, reason: 'SYNTHETIC' }));
      return (await noAnswer(context)) ?? (await beats(context, 9));
    }),
  },
  {
    rule: 'unknown-ack',
    source: 'wire.md 15',
    describe: 'An acknowledgement of an id that is not under way does no harm and is never answered.',
    applies: (profile) => profile.rules.heartbeat,
    run: inSession(async (context) => {
      context.client.write(context.profile.encode({ type: 'ack', exchangeId: 31_000 }));
      return (await noAnswer(context)) ?? (await beats(context, 9));
    }),
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
    rule: 'heartbeat-echo',
    source: 'wire.md 4.3, 5.4',
    describe: 'A heartbeat is answered at once under its id.',
    applies: (profile) => profile.rules.heartbeat,
    run: inSession((context) => beats(context, 9)),
  },
];

/** Rules for what the other side sends; they can be judged only when it answers the message it was sent. */
const senderChecks: readonly Check[] = [
  {
    rule: 'no-wait-for-ack',
    source: 'wire.md 4.3, 7, 12',
    describe: 'Its next message leaves only after the last was answered.',
    applies: (profile) => profile.rules.windowMax === 1,
    run: inSession(async (context) => {
      const { finding } = await provoke(context, 5);
      if (finding !== undefined) return finding;
      const arrival = await context.client.next(context.quietMs);
      const isEarly = arrival.type === 'frame' && arrival.frame.type === 'data';
      return isEarly ? `the next message came before the last was answered: ${seen(arrival)}` : undefined;
    }),
  },
  {
    rule: 'id-reused',
    source: 'wire.md 4.1, 12',
    describe: 'A different message of its own carries another exchange id than the one before.',
    applies: hasIds,
    run: inSession(async (context) => {
      const first = await provoke(context, 5);
      const [one] = first.frames;
      if (first.finding !== undefined || one === undefined) return first.finding;
      acknowledge(context, one);
      const second = await theirMessage(context);
      const [other] = second.frames;
      if (second.finding !== undefined || other === undefined) return second.finding;
      const isReused = one.exchangeId === other.exchangeId && !one.payload.equals(other.payload);
      return isReused ? `two messages came under exchange id ${one.exchangeId}` : undefined;
    }),
  },
  {
    rule: 'crossing',
    source: 'wire.md 4.3',
    describe: 'A message that crosses one of its own is acknowledged before that one is answered.',
    applies: hasIds,
    run: inSession(async (context) => {
      const theirs = await provoke(context, 5);
      const [one] = theirs.frames;
      if (theirs.finding !== undefined || one === undefined) return theirs.finding;
      context.client.write(data(context, one.exchangeId));
      return await answered(context, one.exchangeId);
    }),
  },
  {
    rule: 'split-new-id',
    source: 'wire.md 4.2, 4.3, 12',
    describe: 'What is longer than the agreed frame comes in frames of one id, none longer than agreed.',
    applies: negotiates,
    run: inSession(
      async (context) => {
        const { profile, payload, client } = context;
        for (let at = 0; at < payload.length; at += 48) {
          const final = at + 48 >= payload.length;
          client.write(profile.encode({ type: 'data', exchangeId: 5, final, payload: payload.subarray(at, at + 48) }));
        }
        const { frames, finding } = await theirMessage(context);
        if (finding !== undefined) return finding;
        if (frames.some((frame) => profile.encode(frame).length > 64)) return 'a frame was longer than agreed';
        const ids = new Set(frames.map(({ exchangeId }) => exchangeId));
        return ids.size > 1 ? 'the frames of one message carry different exchange ids' : undefined;
      },
      { frameBytesMax: 64 },
    ),
  },
];

/** How much longer than twice the idle time a switch may take to close. */
const silenceSlackMs = 30_000;

const livenessChecks: readonly Check[] = [
  {
    rule: 'silence-closes',
    source: 'wire.md 4.3, 5.4',
    describe: 'A client that says nothing for twice the agreed idle time is thrown out.',
    applies: (profile) => profile.rules.heartbeat,
    slow: true,
    run: async (context) => {
      const { client, profile, answerMs } = context;
      let idleMs = profile.times?.maxIdleMs ?? 0;
      if (profile.rules.negotiates) {
        client.write(profile.encode({ type: 'connect', exchangeId: 1, terms: wishTerms }));
        const arrival = await client.next(answerMs);
        if (arrival.type !== 'frame' || arrival.frame.type !== 'connect') return `no connect answer: ${seen(arrival)}`;
        idleMs = arrival.frame.terms.maxIdleS * 1_000;
      }
      return await closes({ ...context, answerMs: 2 * idleMs + silenceSlackMs });
    },
  },
];

export const sessionChecks: readonly Check[] = [...openingChecks, ...answerChecks, ...senderChecks, ...livenessChecks];
