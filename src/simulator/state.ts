/** Everything the simulated switch knows, as one plain value, and the events and effects of its step. */
import type { Values } from '../formats/message.ts';
import type { Stamp } from './nlets/nlets-text.ts';
import { nextSeq } from './nlets/nlets-text.ts';
import type { Registers } from './records/criminal-histories.ts';
import type { HotRecords } from './records/hot-records.ts';
import type { SwitchRequest } from './requests.ts';
import type { Matcher, Script } from './script.ts';

/** An inquiry that a later entry may turn into a delayed hit. */
export interface PastInquiry {
  readonly atMs: number;
  readonly ori: string;
  readonly key: string;
  readonly fields: Values;
}

export interface SwitchState {
  readonly script: Script;
  readonly records: HotRecords;
  readonly registers: Registers;
  /** State of the seeded chance. */
  readonly chance: number;
  /** Count of messages that entered the network, shown on the first stamp. */
  readonly systemSeq: number;
  /** Count of messages that left to each ORI, shown on the second stamp and in the OUT line. */
  readonly outSeq: Readonly<Record<string, number>>;
  /** The switch's own message reference, shown in the trailer. */
  readonly reference: number;
  /** Counts the control fields that scripted agencies made up. */
  readonly madeControls: number;
  /** ORIs that are reached over a link: configured ones and every sender that was heard. */
  readonly stations: ReadonlySet<string>;
  /** How often the rest of a rule's conditions held, by the rule's place in the script. */
  readonly matched: Readonly<Record<string, number>>;
  readonly inquiries: readonly PastInquiry[];
  /** Control data of the last inquiry answered, for answers scripted to carry the wrong one. */
  readonly previousControl: string;
}

/** ORIs remembered as reached over a link; a sender beyond them still gets its answers, on the link it asked on. */
export const stationsMax = 2_000;
/** The past inquiries kept for delayed hits; the oldest go first. */
export const inquiriesMax = 1_000;

/** The state of a switch at its start. */
export function initialState(script: Script, records: HotRecords, registers: Registers): SwitchState {
  return {
    script,
    records,
    registers,
    chance: script.seed,
    systemSeq: 0,
    outSeq: {},
    reference: 1_000_000,
    madeControls: 0,
    stations: new Set(script.stations.flatMap((station) => station.oris)),
    matched: {},
    inquiries: [],
    previousControl: '',
  };
}

/** Why the switch sends something. */
export type About =
  | 'acknowledgement'
  | 'reject'
  | 'state-answer'
  | 'federal-answer'
  | 'network-answer'
  | 'relay'
  | 'agency-answer'
  | 'error'
  | 'status'
  | 'notice'
  | 'unsolicited'
  | 'injected';

interface DeliveryBase {
  readonly about: About;
  readonly key: string;
  readonly to: string;
  /** The link to prefer: the one the question came on. */
  readonly linkId?: string | undefined;
  /** `DAC.REFERENCE.USER-ID.` of the question, to stand in front again. */
  readonly prefix: string;
  readonly nic?: string | undefined;
}

/** Something that will be sent once its time has come; stamps and counters are put in then, so that they never run backwards. */
export type Delivery =
  | (DeliveryBase & {
      readonly form: 'nlets';
      readonly sender: string;
      readonly control?: string | undefined;
      readonly body: string;
      readonly received: Stamp;
    })
  | (DeliveryBase & { readonly form: 'plain'; readonly text: string });

export type SwitchEvent =
  | { readonly type: 'opened'; readonly linkId: string }
  | { readonly type: 'received'; readonly linkId: string; readonly request: SwitchRequest }
  | { readonly type: 'due'; readonly delivery: Delivery }
  /** A client acknowledged what was sent to it. */
  | { readonly type: 'accepted'; readonly facts: Facts }
  /** A moment's time has come. */
  | { readonly type: 'moment'; readonly index: number };

export type SwitchEffect =
  | { readonly type: 'later'; readonly afterMs: number; readonly event: SwitchEvent }
  | {
      readonly type: 'send';
      readonly about: About;
      readonly key: string;
      readonly to: string;
      readonly linkId?: string | undefined;
      readonly text: string;
      readonly facts: Facts;
    }
  | { readonly type: 'clock-jump'; readonly byMs: number }
  | { readonly type: 'close'; readonly to: string }
  | { readonly type: 'note'; readonly code: NoteCode; readonly key: string };

/** Things worth counting that send nothing. */
export type NoteCode = 'AGENCY_SILENT' | 'LISTENER_TOOK' | 'ANSWER_WITHHELD' | 'UNREADABLE' | 'RELAYED_TO_AGENCY';

export interface Stepped {
  readonly state: SwitchState;
  readonly effects: readonly SwitchEffect[];
}

/** What the conditions of a script look at. */
export interface Facts {
  readonly key: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly nics: readonly string[];
  readonly requestNumber?: string | undefined;
}

/** Tells whether a condition holds, counting for `nth` under `place`, the rule's place in the script. */
export function meets<Counting extends Pick<SwitchState, 'matched'>>(
  state: Counting,
  when: Matcher | undefined,
  about: { readonly facts: Facts; readonly place: string },
): { readonly held: boolean; readonly state: Counting } {
  if (when === undefined) return { held: true, state };
  const { facts, place } = about;
  const rest =
    (when.key === undefined || when.key === facts.key) &&
    (when.from === undefined || when.from === facts.from) &&
    (when.to === undefined || facts.to.includes(when.to)) &&
    (when.nic === undefined || facts.nics.includes(when.nic)) &&
    (when.requestNumber === undefined || when.requestNumber === facts.requestNumber);
  if (!rest || when.nth === undefined) return { held: rest, state };
  const times = (state.matched[place] ?? 0) + 1;
  return { held: times === when.nth, state: { ...state, matched: { ...state.matched, [place]: times } } };
}

/**
 * The first rule whose condition holds. Every rule counts for its own `nth`, also behind one that held, so that `nth`
 * means the same wherever a rule stands.
 */
export function firstMet<
  Counting extends Pick<SwitchState, 'matched'>,
  Rule extends { readonly when?: Matcher | undefined },
>(
  state: Counting,
  rules: readonly Rule[],
  about: { readonly facts: Facts; readonly place: string },
): { readonly state: Counting; readonly rule: Rule | undefined } {
  let current = state;
  let first: Rule | undefined;
  for (const [index, rule] of rules.entries()) {
    const met = meets(current, rule.when, { facts: about.facts, place: `${about.place}.${index}` });
    current = met.state;
    if (met.held) first ??= rule;
  }
  return { state: current, rule: first };
}

/** Counts a message into the network. */
export function stampIn(state: SwitchState, nowMs: number): { readonly state: SwitchState; readonly stamp: Stamp } {
  const systemSeq = nextSeq(state.systemSeq);
  return { state: { ...state, systemSeq }, stamp: { atMs: nowMs, seq: systemSeq } };
}

/** One number of the seeded chance in [0, 1): mulberry32, whose only state is one 32-bit number. */
export function drawChance(state: SwitchState): { readonly state: SwitchState; readonly value: number } {
  const chance = (state.chance + 0x6d2b79f5) >>> 0;
  let mixed = chance;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { state: { ...state, chance }, value: ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296 };
}
