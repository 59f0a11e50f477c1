/**
 * What comes from the upstream: never refused for its content. It is filed with its frame, sorted, attached to its question
 * or its case, and alarmed where a person must look, all in one unit; only then is it acknowledged.
 */
import { raise } from '../alarms/alarm.ts';
import type { Change } from '../change.ts';
import type { Entry, JsonObject } from '../ledger/ledger.ts';
import { priorityOf } from '../outbound/drafting.ts';
import { outboundMachine } from '../outbound/outbound-message.ts';
import type { Parts, Work } from '../parts.ts';
import { type Arrival, sha256 } from '../records/frames.ts';
import { isFailure } from '../records/is-failure.ts';
import { codingOf, keptOf, textFrom } from '../records/line-text.ts';
import { textOfMessage } from '../records/message-text.ts';
import { referenceIn, referenceInEcho } from '../routing/matching.ts';
import { inboundMachine } from './inbound-message.ts';
import { countOut, outStepOf } from './out-numbers.ts';
import { type Reading, readText, shownVerdict, sourceOf } from './reading.ts';
import { sortByReference } from './sort-answer.ts';
import { sealedQuestion, sortSealed } from './sort-sealed.ts';
import { sortUnsolicited, sortYrWithoutControl } from './sort-unasked.ts';
import { tokensOf } from './tokens.ts';

/** Where a message goes once it is received. */
interface Sorting {
  /** The message of ours that it names, whose text it is held against. */
  readonly askedId: string | undefined;
  sort(change: Change, messageId: string, asked: string | undefined): Promise<void>;
}

/** Files one arrival and everything that follows from it. Resolves when the disk has it; throws when it could not be kept. */
export async function takeFromUpstream(parts: Parts, arrival: Arrival): Promise<void> {
  if (arrival.duplicate) {
    const messageId = await firstOf(parts, arrival);
    await parts.change(async (change) => {
      parts.frames.arrived(change, arrival, { actor: 'upstream', messageId });
    });
    return;
  }
  const { text } = textFrom(arrival.payload, codingOf(parts.config.upstream, arrival.newline));
  const reading = readText(text, parts.language);
  const came = { arrival, reading };
  try {
    await file(parts, came, {
      askedId: answeredReference(reading),
      sort: (change, messageId, asked) => sort({ parts, change }, messageId, { reading, asked }),
    });
  } catch (error) {
    if (isFailure(error)) throw error;
    // Whatever its content did to a rule of ours, and whatever we know of what it names, it is kept, and a person reads it.
    await file(parts, came, {
      askedId: undefined,
      async sort(change, messageId) {
        const event = { type: 'UNSOLICITED', caseId: null } as const;
        await change.apply(inboundMachine, messageId, { event, actor: 'system' });
        await raise(change, 'UNSORTED', { alarmId: parts.ids.next('a'), messageId });
      },
    });
  }
}

/** How far back the line knows a payload again, in frames; what it knew from an earlier life is as many. */
const knownFrames = 256;

/** The message that the same bytes under the same id became when they first came; null when that is too long ago. */
async function firstOf({ ledger }: Parts, { payload, exchangeId }: Arrival): Promise<string | null> {
  const digest = sha256(payload);
  const frames = await ledger.events({ stream: 'frame', actor: 'upstream', limit: knownFrames });
  const first = frames.find(({ data }) => data['sha256'] === digest && data['exchangeId'] === exchangeId);
  const messageId = first?.data['messageId'];
  return typeof messageId === 'string' ? messageId : null;
}

async function file(
  parts: Parts,
  came: { readonly arrival: Arrival; readonly reading: Reading },
  sorting: Sorting,
): Promise<void> {
  const { arrival, reading } = came;
  const { askedId } = sorting;
  await parts.change(async (change) => {
    const messageId = parts.ids.next('m');
    const frameId = parts.frames.arrived(change, arrival, { actor: 'upstream', messageId });
    const { reply } = reading;
    const [sealed, asked, out] = await Promise.all([
      settledQuestion({ parts, change }, answeredReference(reading)),
      askedId === undefined ? undefined : textOfMessage(parts.ledger, askedId),
      outStepOf({ parts, change }, reading.text),
    ]);
    await change.begin(inboundMachine, messageId, {
      event: {
        type: 'RECEIVED',
        frameId,
        key: reading.key,
        keyClass: parts.language.classOf(reading.key) ?? 'unknown',
        parsed: reading.message !== undefined || reply.kind !== 'other',
        ori: reading.senderOri,
        destinations: reading.destinations,
        priority: reading.message === undefined ? null : priorityOf(reading.message),
        verdict: shownVerdict(reply),
        kind: reply.kind,
        source: sourceOf(reading),
        nics: reading.gist.nics,
        faultCodes: reading.faultCodes,
        control: controlOf(reading),
        stamps: stampsOf(reading),
        ...(out?.gap === undefined ? {} : { gap: { ...out.gap } }),
      },
      actor: 'upstream',
      texts: keptOf(arrival.payload, reading.text),
      tokens: sealed === undefined ? tokensIn(reading) : [],
    });
    if (out !== undefined) await countOut({ parts, change }, out, { id: messageId, isShown: sealed === undefined });
    if (sealed === undefined) await sorting.sort(change, messageId, asked);
    else await sortSealed({ parts, change }, messageId, { reading, ...sealed });
  });
}

/** The sealed question, if it is one, as it is once what the switch said of it before this is on file. */
async function settledQuestion(
  { parts, change }: Work,
  reference: string | undefined,
): ReturnType<typeof sealedQuestion> {
  if (reference !== undefined) await parts.line.settled(reference);
  return sealedQuestion(change, reference);
}

/** What a received text can be found by; where it did not parse, the NICs in it. */
function tokensIn({ message, gist }: Reading): NonNullable<Entry['tokens']> {
  return message === undefined ? gist.nics.map((value) => ({ kind: 'NIC', value })) : tokensOf(message);
}

/** The reference of ours that an answer bears. A request of theirs bears its own, which may look like ours. */
function answeredReference(reading: Reading): string | undefined {
  if (reading.key === 'YQ') return undefined;
  return referenceIn(reading.gist.control) ?? echoedReference(reading);
}

function stampsOf({ message }: Reading): JsonObject | null {
  const { received, sent } = message?.stamps ?? {};
  return received === undefined || sent === undefined ? null : { received: { ...received }, sent: { ...sent } };
}

/** Their control field, as far as it has the form of one: what else stands there may be a word. */
function controlOf({ message, gist }: Reading): string | null {
  const control = message?.control ?? gist.control;
  return control !== undefined && /^(?=.*\d)[A-Z0-9]{1,15}$/.test(control) ? control : null;
}

/**
 * A request of theirs is sorted by what it asks, whatever its control field: that is theirs, and another gateway may count
 * as we do. An answer belongs to the reference it bears; one that bears none of ours is looked at as one without.
 */
async function sort(
  { parts, change }: Work,
  messageId: string,
  { reading, asked }: { readonly reading: Reading; readonly asked: string | undefined },
): Promise<void> {
  if (reading.key === 'YQ') return sortUnsolicited({ parts, change }, messageId, reading);
  const reference = answeredReference(reading);
  const question = reference === undefined ? undefined : await change.get(outboundMachine, reference);
  if (question !== undefined && question.state.direction === 'out')
    return sortByReference({ parts, change }, { messageId, reading, question, asked });
  if (reading.key === 'YR') return sortYrWithoutControl({ parts, change }, messageId, reading);
  return sortUnsolicited({ parts, change }, messageId, reading);
}

function echoedReference(reading: Reading): string | undefined {
  return reading.key === 'ER' || reading.key === 'SM' ? referenceInEcho(reading.text) : undefined;
}
