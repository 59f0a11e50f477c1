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
  readyLanguage,
} from '../formats/language.ts';
import type { BuildResult, KeyClass, Message, ParseResult, Reply } from '../formats/message.ts';
import { type StateProfile, stateLexicon } from '../formats/states/state-profile.ts';
import type { Clock } from '../host/clock.ts';

export interface Language {
  /** What the State or agency adds, as its file says it; screens draw their forms from it. */
  readonly profile: StateProfile | undefined;
  /** Reads a text. All faults at once; never throws. */
  parse(text: string): ParseResult;
  /** Builds the exact text of a message, checked by the rules that reading checks. */
  build(message: Message): BuildResult;
  /** What a reply says, by the State's wording and kinds of record before the common ones. */
  readReply(text: string): Reply;
  /** The table of a key; undefined when nobody names it. */
  keyTable(key: string): KeyTable | undefined;
  /** The class of a key; undefined when nobody names it: then it is held and never sent again. */
  classOf(key: string): KeyClass | undefined;
  /** What a YR says, by the State's letters of CON where its profile has them. */
  classify(message: Message): Confirmation;
}

const dayMs = 86_400_000;

/** The day it is, written anew only when it has changed: it is asked for with every message. */
function dayBy(clock: Pick<Clock, 'wallMs'>): () => string {
  let dayCount = Number.NaN;
  let day = '';
  return () => {
    const wallMs = clock.wallMs();
    if (Math.floor(wallMs / dayMs) !== dayCount) {
      dayCount = Math.floor(wallMs / dayMs);
      day = dayOf(wallMs);
    }
    return day;
  };
}

/** The language under a profile, or the federal one without; the clock tells which dates lie in the future. */
export function speak(profile: StateProfile | undefined, clock: Pick<Clock, 'wallMs'>): Language {
  const today = dayBy(clock);
  const options: LanguageOptions = profile === undefined ? {} : { lexicon: stateLexicon(profile) };
  const wording = profile === undefined ? {} : { rules: profile.replyRules, recordKinds: profile.recordKinds };
  readyLanguage(options);
  const letters: ConfirmationMap | undefined = profile?.confirmation;
  return {
    profile,
    parse: (text) => parseMessage(text, { ...options, today: today() }),
    build: (message) => buildMessage(message, { ...options, today: today() }),
    readReply: (text) => readReply(text, { ...options, ...wording }),
    keyTable: (key) => keyTable(key, options),
    classOf: (key) => classOf(key, options),
    classify: (message) => classifyConfirmation(message, letters),
  };
}
