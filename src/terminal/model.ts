/** Everything the screen knows, as plain data. Only `update` makes a new one; only `present` shows it. */
import type {
  AlarmView,
  CaseRow,
  CaseView,
  Gives,
  MessageRow,
  MessageView,
  MethodName,
  NotificationName,
  PersonView,
  Says,
  StatusView,
  Takes,
} from '../console/contract.ts';
import { federalLexicon, type Lexicon } from '../formats/lexicon.ts';
import type { Field } from './field.ts';
import type { Size } from './frame.ts';

/** The boxes a list can show. `results` is what the ledger look-up found. */
export type Box = 'inbound' | 'held' | 'sent' | 'cases' | 'alarms' | 'results';

/** What a form is for. */
export type Purpose =
  | { readonly kind: 'logon' }
  | { readonly kind: 'release'; readonly id: string }
  | { readonly kind: 'refuse'; readonly id: string }
  | { readonly kind: 'withdraw'; readonly id: string }
  | { readonly kind: 'resolve'; readonly id: string }
  | { readonly kind: 'link'; readonly id: string }
  | { readonly kind: 'free'; readonly id: string }
  | { readonly kind: 'disseminate'; readonly id: string }
  | { readonly kind: 'classify'; readonly caseId: string; readonly messageId: string }
  | { readonly kind: 'check'; readonly caseId: string }
  | { readonly kind: 'contact'; readonly caseId: string }
  | { readonly kind: 'answer'; readonly caseId: string }
  | { readonly kind: 'close'; readonly caseId: string }
  | { readonly kind: 'unlock' }
  | { readonly kind: 'search' }
  | { readonly kind: 'compose'; readonly key: string; readonly caseId: string | null };

/** A text above a form that a person must be able to read, such as the exact text before a release. */
export interface Pane {
  readonly title: string;
  readonly paragraphs: readonly Paragraph[];
  /** The first line shown. */
  readonly top: number;
  readonly mustRead: boolean;
  /** True once its last line has been on the screen. */
  readonly wasRead: boolean;
  /** Digest of the text it shows; another digest empties what was read and typed. */
  readonly sha256: string | null;
  /** What goes with it, whose texts it shows too and which is released in the same act. */
  readonly also: readonly Shown[];
}

/** A text as it was shown: whose it is, and its digest. */
export interface Shown {
  readonly id: string;
  readonly sha256: string;
}

/** `exact` shows every character, line ends too; `sheet` is a document whose lines are only lines; `prose` wraps words. */
export interface Paragraph {
  readonly style: 'exact' | 'sheet' | 'prose' | 'heading';
  readonly text: string;
}

export interface ListScreen {
  readonly kind: 'list';
  readonly box: Box;
  readonly selectedId: string | null;
  readonly top: number;
}

export interface MessageScreen {
  readonly kind: 'message';
  readonly id: string;
  readonly top: number;
  /** A dialog to open as soon as the message has come. */
  readonly opens: 'release' | 'refuse' | null;
}

export interface CaseScreen {
  readonly kind: 'case';
  readonly id: string;
  readonly top: number;
}

export interface FormScreen {
  readonly kind: 'form';
  readonly purpose: Purpose;
  readonly fields: readonly Field[];
  readonly focus: number;
  readonly pane: Pane | null;
  /** Faults that belong to no field shown. */
  readonly faults: readonly string[];
  readonly dirty: boolean;
  /** The call that was sent, while its answer is out. */
  readonly waitingFor: number | null;
}

export interface MenuScreen {
  readonly kind: 'menu';
  readonly index: number;
  readonly typed: string;
  readonly caseId: string | null;
}

export interface HelpScreen {
  readonly kind: 'help';
  readonly top: number;
}

export type Screen = ListScreen | MessageScreen | CaseScreen | FormScreen | MenuScreen | HelpScreen;

/** What is fetched and kept fresh. */
export type Resource =
  | { readonly what: 'status' | 'language' | 'inbound' | 'held' | 'sent' | 'cases' | 'alarms' }
  | { readonly what: 'message' | 'case'; readonly id: string };

/** What the answer of a call will be used for. */
export type Pending =
  | { readonly kind: 'load'; readonly resource: Resource; readonly again: boolean }
  | { readonly kind: 'submit'; readonly purpose: Purpose; readonly sinceMs: number }
  | { readonly kind: 'act'; readonly method: MethodName; readonly id: string; readonly sinceMs: number };

export interface LinkView {
  readonly state: 'connecting' | 'up' | 'away' | 'closed';
  readonly reason: string;
  readonly retryAtMs: number | null;
}

/** The line at the foot: what the last act came to. */
export interface Said {
  readonly text: string;
  readonly tone: 'good' | 'warn' | 'bad';
}

export interface Model {
  readonly size: Size;
  readonly consoleId: string;
  readonly banner: readonly string[];
  /** Writes moments in the time zone of the people at this screen. */
  readonly face: Intl.DateTimeFormat;
  /** The machine's own forward-only clock, at the last event. */
  readonly nowMs: number;
  /** Add to `nowMs` for the gateway's wall clock; null before its first status. */
  readonly offsetMs: number | null;
  readonly link: LinkView;
  readonly status: StatusView | null;
  readonly statusAtMs: number;
  readonly person: PersonView | null;
  /** Who was logged on before the link was lost: his forms are kept for him alone. */
  readonly lastOsn: string | null;
  /** The tables that forms are drawn from: the federal ones until the gateway has told its State's. */
  readonly lexicon: Lexicon;
  /** Keys the State or agency adds or replaces, offered beside the usual ones. */
  readonly stateKeys: readonly string[];
  readonly inbound: readonly MessageRow[];
  readonly held: readonly MessageRow[];
  readonly sent: readonly MessageRow[];
  readonly results: readonly MessageRow[];
  readonly cases: readonly CaseRow[];
  readonly alarms: readonly AlarmView[];
  readonly withClosed: boolean;
  readonly messages: Readonly<Record<string, MessageView>>;
  readonly caseViews: Readonly<Record<string, CaseView>>;
  /** The last one is on top and has the keys. */
  readonly stack: readonly Screen[];
  readonly said: Said | null;
  readonly pending: Readonly<Record<number, Pending>>;
  readonly nextToken: number;
  /** A key that must be pressed twice, and until when the second press counts. */
  readonly armed: { readonly action: string; readonly untilMs: number } | null;
  readonly nextBellMs: number | null;
  /** What has become old and is fetched again as soon as its turn comes. */
  readonly stale: readonly Resource[];
  readonly refreshedMs: number;
  /** Alarms that a person has had before his eyes; they no longer ring. */
  readonly seenAlarms: readonly string[];
}

/** A key as the keyboard gives it: `f9`, `enter`, `S-tab`, `C-c`, or `char` with what was typed. */
export interface Key {
  readonly name: string;
  readonly ch?: string;
}

export type Event =
  | { readonly type: 'tick'; readonly nowMs: number }
  | { readonly type: 'key'; readonly key: Key }
  | { readonly type: 'paste'; readonly text: string }
  | { readonly type: 'resize'; readonly size: Size }
  | { readonly type: 'link'; readonly link: LinkView }
  | { readonly type: 'said'; readonly notification: Heard }
  | { readonly type: 'answered'; readonly token: number; readonly gives: unknown }
  | {
      readonly type: 'failed';
      readonly token: number;
      readonly code: string;
      readonly text: string;
      readonly faults: readonly FaultLine[];
    };

export type Heard = {
  readonly [N in NotificationName]: { readonly name: N; readonly says: Says<N> };
}[NotificationName];

export interface FaultLine {
  readonly code: string;
  readonly field?: string | undefined;
  readonly offset?: number | undefined;
  readonly text: string;
}

/** A call the model asks for; what it gives comes back as `answered` with the same token. */
export type CallEffect = {
  readonly [M in MethodName]: {
    readonly type: 'call';
    readonly token: number;
    readonly method: M;
    readonly params: Takes<M>;
  };
}[MethodName];

export type Effect = CallEffect | { readonly type: 'bell' } | { readonly type: 'leave' };

/** A new model and what must be done about it. */
export interface Step {
  readonly model: Model;
  readonly effects: readonly Effect[];
}

/** What a call gives, by its method. */
export type Given = { readonly [M in MethodName]: Gives<M> };

export interface ModelOptions {
  readonly size: Size;
  readonly consoleId: string;
  readonly banner: readonly string[];
  readonly face: Intl.DateTimeFormat;
  readonly nowMs: number;
}

/** Nothing known yet, nobody logged on. */
export function emptyModel(options: ModelOptions): Model {
  return {
    ...options,
    offsetMs: null,
    link: { state: 'connecting', reason: 'Connecting to the gateway.', retryAtMs: null },
    status: null,
    statusAtMs: options.nowMs,
    person: null,
    lastOsn: null,
    lexicon: federalLexicon,
    stateKeys: [],
    inbound: [],
    held: [],
    sent: [],
    results: [],
    cases: [],
    alarms: [],
    withClosed: false,
    messages: {},
    caseViews: {},
    stack: [],
    said: null,
    pending: {},
    nextToken: 1,
    armed: null,
    nextBellMs: null,
    seenAlarms: [],
    stale: [],
    refreshedMs: Number.NEGATIVE_INFINITY,
  };
}

/** A step that changes the model and asks for nothing. */
export function only(model: Model): Step {
  return { model, effects: [] };
}

/** Goes on from a step with another one; the effects of both stay, in order. */
export function andThen(step: Step, next: (model: Model) => Step): Step {
  const after = next(step.model);
  return { model: after.model, effects: [...step.effects, ...after.effects] };
}

/** The screen that has the keys. */
export function topOf(model: Model): Screen | undefined {
  return model.stack.at(-1);
}

/** The same stack with another screen on top. */
export function withTop(model: Model, screen: Screen): Model {
  return { ...model, stack: [...model.stack.slice(0, -1), screen] };
}

/** Asks for a call and remembers what its answer is for. */
export function ask<M extends MethodName>(
  model: Model,
  pending: Pending,
  call: { readonly method: M; readonly params: Takes<M> },
): Step & { readonly token: number } {
  const token = model.nextToken;
  return {
    token,
    model: { ...model, nextToken: token + 1, pending: { ...model.pending, [token]: pending } },
    effects: [{ type: 'call', token, ...call } as unknown as CallEffect],
  };
}

/** The gateway's wall clock now, as well as this screen knows it. */
export function gatewayNowMs(model: Model): number | null {
  return model.offsetMs === null ? null : model.nowMs + model.offsetMs;
}
