/**
 * The shapes of the language. Text in, text out: no bytes, no clock, no chance, no log anywhere below src/formats.
 */
import type { Fault, Warning } from '../faults/fault.ts';

/** A family of text. `reply` is only a way to read: what the State switch or NCIC sends back. */
export type Line = 'ncic' | 'iii' | 'nlets' | 'state' | 'reply';

/** What a key does, which decides whether it is held and whether it may be sent again (DESIGN.md, section 3). */
export type KeyClass = 'inquiry' | 'history' | 'record' | 'confirm' | 'tell';

/** How sure a rule is. A recalled rule may warn; it never rejects, stops a clock or declares a verdict. */
export type Provenance = 'verified' | 'state' | 'recalled';

/** Field code to its values, in order of appearance. */
export type Values = Readonly<Record<string, readonly string[]>>;

/** The two time stamps of an Nlets output header, kept as text; derive no logic from the numbers but gap detection. */
export interface Stamps {
  readonly received: { readonly time: string; readonly date: string; readonly seq: string };
  readonly sent: { readonly time: string; readonly date: string; readonly seq: string };
}

/** One message as data. `parseMessage` makes it from text and `buildMessage` makes text from it. */
export interface Message {
  readonly line: Line;
  readonly key: string;
  /** NCIC and III header up to its first period, such as `1N01COJ10000001`. */
  readonly header?: string;
  /** Nlets control field without its asterisk, exactly 10 characters. */
  readonly control?: string;
  /** The sender's ORI. */
  readonly ori: string;
  readonly destinations: readonly string[];
  readonly fields: Values;
  /** Free text that belongs to no field (AM bodies, prose). */
  readonly text?: string;
  /** Only on what Nlets delivered. */
  readonly stamps?: Stamps;
}

export type ParseResult =
  | { readonly ok: true; readonly message: Message; readonly warnings: readonly Warning[] }
  | { readonly ok: false; readonly faults: readonly Fault[]; readonly warnings: readonly Warning[] };

export type BuildResult =
  | { readonly ok: true; readonly text: string; readonly warnings: readonly Warning[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * What can be told of any text, parsed or not: never throws, never refuses. For a message that does not parse
 * these few facts still decide whether it opens or joins a case.
 */
export interface Gist {
  readonly key?: string;
  readonly senderOri?: string;
  readonly destinations: readonly string[];
  /** Nlets control field or the control data of an NCIC header, trimmed. */
  readonly control?: string;
  /** Words of the form of a NIC, at most 200. */
  readonly nics: readonly string[];
  /** Nine-character words of the form of an ORI, at most 50; those with a digit come first. */
  readonly oris: readonly string[];
}

/**
 * What a record lets an officer think of. Only `want` may be shown like a want; `caution` is a record on which nobody is arrested
 * (protection orders, gang, supervised release …), `welfare` a missing or unidentified person, `unknown` a literal no table knows.
 */
export type RecordStanding = 'want' | 'property' | 'welfare' | 'caution' | 'unknown';

/** One record found in a reply. */
export interface ReplyRecord {
  readonly literal: string;
  readonly values: Values;
  readonly nic?: string;
  readonly ori?: string;
  readonly oca?: string;
  /** Name and aliases, as they stand. */
  readonly names: readonly string[];
  /** Words of caution or medical condition, such as ARMED AND DANGEROUS. */
  readonly cautions: readonly string[];
  /** The file it came from, by its literal; absent when no table knows the literal. */
  readonly file?: string;
  readonly standing?: RecordStanding;
  /** True for a record of a restricted file, which is protected like a criminal history. */
  readonly restricted?: boolean;
  /** True when a locate is on it already. */
  readonly located?: boolean;
  /** The prose that speaks against arrest, when there is some. */
  readonly caveat?: { readonly offset: number; readonly length: number };
  readonly offset: number;
  readonly length: number;
}

/**
 * What a reply says. NO RECORD only when every line is accounted for by a no-record or a known banner rule;
 * any record block makes it HIT; any remainder makes it READ IT.
 */
export interface Reply {
  readonly verdict: 'HIT' | 'NO RECORD' | 'READ IT';
  readonly kind:
    | 'hit'
    | 'no-record'
    | 'acknowledgement'
    | 'reject'
    | 'error'
    | 'status'
    | 'confirmation'
    | 'notice'
    | 'other';
  /** Who answered, when the text shows it: NCIC, III, STATE, NLETS. */
  readonly source?: 'NCIC' | 'III' | 'STATE' | 'NLETS';
  /** All who said that there is no record, when one text holds the answers of several. */
  readonly sources?: readonly NonNullable<Reply['source']>[];
  readonly records: readonly ReplyRecord[];
  /** The NIC of an acknowledged entry, or the only one of a hit or notice. */
  readonly nic?: string;
  /** The code of a `$.` notice, such as `H`, when the text is one; perhaps one that no table knows. */
  readonly notice?: string;
  /** Number of an ER or SM, such as `.22.` → 22. */
  readonly statusNumber?: number;
  /** Where the verdict was read: offset and length in characters of the text. */
  readonly evidence: readonly {
    readonly offset: number;
    readonly length: number;
    readonly rule: string;
    readonly provenance: Provenance;
  }[];
  readonly warnings: readonly Warning[];
}
