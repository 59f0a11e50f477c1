/**
 * The language as this agency speaks it: the federal tables with the State's profile laid over them. Made once at the start;
 * no room of the gateway reads, builds or classes a text by any other tables.
 */
import {
  buildMessage,
  type Confirmation,
  type ConfirmationMap,
  classifyConfirmation,
  classOf,
  dayOf,
  type KeyTable,
  keyTable,
  type LanguageOptions,
  parseMessage,
  readReply,
  readValues,
  readyLanguage,
} from '../formats/language.ts';
import type { BuildResult, KeyClass, Message, ParseResult, Reply, Values } from '../formats/message.ts';
import { type StateProfile, stateLexicon } from '../formats/states/state-profile.ts';
import type { Clock } from '../host/clock.ts';

export interface Language {
  /** What the State or agency adds, as its file says it; screens draw their forms from it. */
  readonly profile: StateProfile | undefined;
  /** Reads a text of ours or of a station. All faults at once; never throws. */
  parse(text: string): ParseResult;
  /** The same for a text from anywhere: where it was written it may be tomorrow already. */
  parseTheirs(text: string): ParseResult;
  /** Builds the exact text of a message, checked by the rules that reading checks. */
  build(message: Message): BuildResult;
  /** What a reply says, by the State's wording and kinds of record before the common ones. */
  readReply(text: string): Reply;
  /** Every field and value that a reply names. */
  readValues(text: string): Values;
  /** The table of a key; undefined when nobody names it. */
  keyTable(key: string): KeyTable | undefined;
  /** The class of a key; undefined when nobody names it: then it is held and never sent again. */
  classOf(key: string): KeyClass | undefined;
  /** What a YR says, by the State's letters of CON where its profile has them. */
  classify(message: Message): Confirmation;
}

/** Wherever it becomes another day, it does so at a quarter of an hour of UTC. */
const quarterMs = 900_000;

/** The day it is, written anew only when it can have changed: it is asked for with every message. */
function dayBy(clock: Pick<Clock, 'wallMs'>, timeZone: string | undefined): () => string {
  let quarterCount = Number.NaN;
  let day = '';
  return () => {
    const wallMs = clock.wallMs();
    if (Math.floor(wallMs / quarterMs) !== quarterCount) {
      quarterCount = Math.floor(wallMs / quarterMs);
      day = dayOf(wallMs, timeZone);
    }
    return day;
  };
}

/**
 * The language under a profile, or the federal one without; the clock tells which dates lie in the future, by the day of the time zone
 * (IANA name), or of UTC without one.
 */
export function speak(profile: StateProfile | undefined, clock: Pick<Clock, 'wallMs'>, timeZone?: string): Language {
  const today = dayBy(clock, timeZone);
  const todayUtc = dayBy(clock, undefined);
  const todayAnywhere = (): string => (today() > todayUtc() ? today() : todayUtc());
  const options: LanguageOptions = profile === undefined ? {} : { lexicon: stateLexicon(profile) };
  const wording = profile === undefined ? {} : { rules: profile.replyRules, recordKinds: profile.recordKinds };
  readyLanguage(options);
  const letters: ConfirmationMap | undefined = profile?.confirmation;
  return {
    profile,
    parse: (text) => parseMessage(text, { ...options, today: today() }),
    parseTheirs: (text) => parseMessage(text, { ...options, today: todayAnywhere() }),
    build: (message) => buildMessage(message, { ...options, today: today() }),
    readReply: (text) => readReply(text, { ...options, ...wording }),
    readValues: (text) => readValues(text, options),
    keyTable: (key) => keyTable(key, options),
    classOf: (key) => classOf(key, options),
    classify: (message) => classifyConfirmation(message, letters),
  };
}
