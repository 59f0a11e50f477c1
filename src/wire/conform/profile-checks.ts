/** Rules that only one profile has. */
import type { Frame } from '../framing/frame.ts';
import { answered, type Check, type CheckContext, data, inSession, isNamed, nextOf, noAnswer, seen } from './check.ts';

/** Store-to-acknowledge must not take longer (wire.md 5.4). */
const ackWithinMs = 1_000;
const badFunction = 0x0041;

async function expectAck(context: CheckContext, parity: number): Promise<string | undefined> {
  const arrival = await nextOf(context, ['ack', 'nak']);
  const isRight = arrival.type === 'frame' && arrival.frame.type === 'ack' && arrival.frame.exchangeId === parity;
  return isRight ? undefined : `acknowledgement ${parity} was due, but ${seen(arrival)}`;
}

/** The same text with a blank at its end: another block. */
const otherText = ({ payload }: CheckContext): Buffer => Buffer.concat([payload, Buffer.of(0x40)]);

const isDmpp = isNamed('dmpp-2020');
const isParity: Check['applies'] = (profile) => profile.rules.answers === 'parity';

export const profileChecks: readonly Check[] = [
  {
    rule: 'ack-within-a-second',
    source: 'wire.md 5.4',
    describe: 'A message is acknowledged within one second.',
    applies: isDmpp,
    run: inSession(async (context) => {
      const fromMs = context.clock.monoMs();
      context.client.write(data(context, 5));
      const missing = await answered(context, 5);
      if (missing !== undefined) return missing;
      const tookMs = context.clock.monoMs() - fromMs;
      return tookMs > ackWithinMs ? `the acknowledgement took ${Math.round(tookMs)} ms` : undefined;
    }),
  },
  {
    rule: 'no-ack-wanted',
    source: 'wire.md 5.2',
    describe: 'Function 0001 gets no answer.',
    applies: isDmpp,
    run: inSession(async (context) => {
      const frame: Frame = { type: 'data', exchangeId: 5, final: true, ackWanted: false, payload: context.payload };
      context.client.write(context.profile.encode(frame));
      return await noAnswer(context);
    }),
  },
  {
    rule: 'ack-each-block',
    source: 'wire.md 5.2',
    describe: 'Function 0004 is acknowledged although more follows.',
    applies: isDmpp,
    run: inSession(async (context) => {
      const frame: Frame = { type: 'data', exchangeId: 5, final: false, ackWanted: true, payload: context.payload };
      context.client.write(context.profile.encode(frame));
      return await answered(context, 5);
    }),
  },
  {
    rule: 'bad-function',
    source: 'wire.md 5.2, 5.3',
    describe: 'A function that does not exist is refused with status 0041.',
    applies: isDmpp,
    run: inSession(async (context) => {
      const frame: Frame = { type: 'unsupported', exchangeId: 5, name: 'function 0051', carried: { code: 0x51 } };
      context.client.write(context.profile.encode(frame));
      const arrival = await nextOf(context, ['ack', 'nak']);
      if (arrival.type !== 'frame' || arrival.frame.type !== 'nak') return `it must be refused, but ${seen(arrival)}`;
      const { status = 0 } = arrival.frame;
      return status === badFunction ? undefined : `it was refused with status ${status.toString(16).padStart(4, '0')}`;
    }),
  },
  {
    rule: 'alternating-acks',
    source: 'wire.md 6',
    describe: 'The acknowledgements of two blocks alternate, the first being ACK1.',
    applies: isParity,
    run: inSession(async (context) => {
      context.client.write(data(context, 1));
      const first = await expectAck(context, 1);
      if (first !== undefined) return first;
      context.client.write(data(context, 2, otherText(context)));
      return await expectAck(context, 0);
    }),
  },
  {
    rule: 'repeated-block',
    source: 'wire.md 6',
    describe: 'A block that comes again is acknowledged again under the same parity.',
    applies: isParity,
    run: inSession(async (context) => {
      context.client.write(data(context, 1));
      const first = await expectAck(context, 1);
      if (first !== undefined) return first;
      context.client.write(data(context, 1));
      return await expectAck(context, 1);
    }),
  },
  {
    rule: 'enquiry',
    source: 'wire.md 6',
    describe: 'ENQ brings the last acknowledgement again.',
    applies: isParity,
    run: inSession(async (context) => {
      context.client.write(data(context, 1));
      const first = await expectAck(context, 1);
      if (first !== undefined) return first;
      context.client.write(context.profile.encode({ type: 'control', exchangeId: 0, name: 'ENQ' }));
      return await expectAck(context, 1);
    }),
  },
  {
    rule: 'header-before-text',
    source: 'wire.md 6',
    describe: 'A header before the text is taken with it.',
    applies: isNamed('stx-etx'),
    run: inSession(async (context) => {
      const frame: Frame = {
        type: 'data',
        exchangeId: 5,
        final: true,
        payload: context.payload,
        header: Buffer.from('40404040', 'hex'),
      };
      context.client.write(context.profile.encode(frame));
      return await answered(context, 5);
    }),
  },
];
