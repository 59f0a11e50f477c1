/** What a check is, and the steps that checks are made of. Each has a connection of its own. */
import type { LinkClock } from '../clock.ts';
import type { ConnectTerms, DataFrame, Frame } from '../framing/frame.ts';
import type { WireProfile } from '../profile.ts';
import type { Arrival, BareClient } from './bare-client.ts';

export interface CheckContext {
  readonly profile: WireProfile;
  readonly client: BareClient;
  readonly clock: LinkClock;
  /** A text the other side may acknowledge or refuse; it is only ever looked at as bytes. */
  readonly payload: Buffer;
  /** How long an answer may take. */
  readonly answerMs: number;
  /** How long it is watched for something that must not come. */
  readonly quietMs: number;
}

/** What a check found: what went wrong in a sentence, why it could not be judged, or nothing. */
export type Finding = string | { readonly notJudged: string } | undefined;

export interface Check {
  /** The rule's name, as the simulator's strict mode reports it where it has one. */
  readonly rule: string;
  /** Where the rule comes from. */
  readonly source: string;
  readonly describe: string;
  applies(profile: WireProfile): boolean;
  run(context: CheckContext): Promise<Finding>;
  /** True when it waits for minutes; such a check runs only when asked for. */
  readonly slow?: boolean;
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

export const always = (): boolean => true;
export const hasIds = (profile: WireProfile): boolean => profile.rules.answers === 'id';
export const negotiates = (profile: WireProfile): boolean => profile.rules.negotiates;
export const isNamed =
  (name: string) =>
  (profile: WireProfile): boolean =>
    profile.name === name;

/** Messages of the other side's that may come before what is waited for. */
const framesBetweenMax = 200;

/** An arrival in words, without anything of its payload. */
export function seen(arrival: Arrival): string {
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
export async function openSession(context: CheckContext, over: Partial<ConnectTerms> = {}): Promise<Finding> {
  const { client, profile, answerMs } = context;
  if (!profile.rules.negotiates) return undefined;
  client.write(profile.encode({ type: 'connect', exchangeId: 1, terms: { ...wishTerms, ...over } }));
  const arrival = await client.next(answerMs);
  if (arrival.type === 'frame' && arrival.frame.type === 'connect') return undefined;
  return `no answer to the connect frame: ${seen(arrival)}`;
}

export function acknowledge({ client, profile }: CheckContext, frame: Frame): void {
  client.write(profile.encode({ type: 'ack', exchangeId: frame.exchangeId }));
}

/** Waits for a frame of these types; messages of the application that come before it are acknowledged. */
export async function nextOf(context: CheckContext, types: readonly Frame['type'][]): Promise<Arrival> {
  for (let count = 0; count < framesBetweenMax; count += 1) {
    const arrival = await context.client.next(context.answerMs);
    if (arrival.type !== 'frame' || types.includes(arrival.frame.type)) return arrival;
    if (arrival.frame.type === 'data' && arrival.frame.final) acknowledge(context, arrival.frame);
  }
  return { type: 'nothing' };
}

/** Waits for the answer to exchange `exchangeId`. */
export async function answered(context: CheckContext, exchangeId: number): Promise<string | undefined> {
  const arrival = await nextOf(context, ['ack', 'nak']);
  if (arrival.type !== 'frame') return `no acknowledgement: ${seen(arrival)}`;
  const isOther = hasIds(context.profile) && arrival.frame.exchangeId !== exchangeId;
  return isOther ? `the answer names another id: ${seen(arrival)}` : undefined;
}

/** Nothing that answers an exchange may come while it is watched. */
export async function noAnswer(context: CheckContext): Promise<string | undefined> {
  for (;;) {
    const arrival = await context.client.next(context.quietMs);
    if (arrival.type === 'nothing') return undefined;
    if (arrival.type !== 'frame') return seen(arrival);
    if (arrival.frame.type !== 'data') return `an answer nobody asked for: ${seen(arrival)}`;
    if (arrival.frame.final) acknowledge(context, arrival.frame);
  }
}

/** The connection must end, and what was written must not be acknowledged before. */
export async function closes(context: CheckContext): Promise<string | undefined> {
  const arrival = await nextOf(context, ['ack', 'connect']);
  if (arrival.type === 'closed') return undefined;
  if (arrival.type === 'frame' && arrival.frame.type === 'ack') {
    return 'the connection must be closed, but it was acknowledged';
  }
  return `the connection must be closed, but ${seen(arrival)}`;
}

/** The message must be refused, or the connection end. */
export async function refused(context: CheckContext): Promise<string | undefined> {
  const arrival = await nextOf(context, ['ack', 'nak']);
  if (arrival.type === 'closed' || (arrival.type === 'frame' && arrival.frame.type === 'nak')) return undefined;
  return `it must be refused or the connection closed, but ${seen(arrival)}`;
}

/** One message in one frame, as bytes. */
export function data({ profile, payload }: CheckContext, exchangeId: number, bytes: Buffer = payload): Buffer {
  return profile.encode({ type: 'data', exchangeId, final: true, payload: bytes });
}

/** A check that begins with an open session. */
export function inSession(run: Check['run'], over: Partial<ConnectTerms> = {}): Check['run'] {
  return async (context) => (await openSession(context, over)) ?? (await run(context));
}

/** One heartbeat and its echo. */
export async function beats(context: CheckContext, exchangeId: number): Promise<string | undefined> {
  const { client, profile } = context;
  client.write(profile.encode({ type: 'heartbeat', exchangeId }));
  const arrival = await nextOf(context, ['heartbeat', 'ack', 'nak', 'connect', 'unsupported']);
  const isEcho =
    arrival.type === 'frame' &&
    arrival.frame.type === 'heartbeat' &&
    arrival.frame.exchangeId === exchangeId &&
    // Where the answer is another frame than the request, an echo of the request would be a request of theirs.
    (profile.rules.negotiates || arrival.frame.reply === true);
  return isEcho ? undefined : `no answer to the heartbeat: ${seen(arrival)}`;
}

/** The frames of the other side's next message, not acknowledged; or the finding that there was none. */
export interface Theirs {
  readonly frames: readonly DataFrame[];
  readonly finding?: Finding;
}

/** Waits for one; with `acksDue`, for so many answers of theirs too, which may come before or after it. */
export async function theirMessage(context: CheckContext, acksDue = 0): Promise<Theirs> {
  const frames: DataFrame[] = [];
  let acksLeft = acksDue;
  for (let count = 0; count < framesBetweenMax; count += 1) {
    if (acksLeft <= 0 && frames.at(-1)?.final === true) return { frames };
    const arrival = await context.client.next(context.answerMs);
    if (arrival.type === 'nothing' && frames.length === 0) {
      return { frames, finding: { notJudged: 'The other side sent no message of its own.' } };
    }
    if (arrival.type !== 'frame') return { frames, finding: `not everything came that was due: ${seen(arrival)}` };
    if (arrival.frame.type === 'ack' || arrival.frame.type === 'nak') acksLeft -= 1;
    if (arrival.frame.type === 'data') frames.push(arrival.frame);
  }
  return { frames, finding: 'not everything came that was due: too many frames came' };
}
