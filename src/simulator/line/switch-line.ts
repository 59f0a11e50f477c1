/** The switch's side of every link: it listens, does the scripted faults of the line, and in strict mode says what is wrong. */
import type { FaultCode } from '../../faults/fault.ts';
import { dayOf } from '../../formats/language.ts';
import type { Clock } from '../../host/clock.ts';
import type { Log } from '../../host/log.ts';
import { decodeText, encodeText, type TextCoding } from '../../wire/charsets/charset.ts';
import type { Newline } from '../../wire/framing/frame.ts';
import type { CloseReason, Incoming, Link, Peer } from '../../wire/link.ts';
import type { Quirks, WireProfile } from '../../wire/profile.ts';
import { profileNewlines, wireProfile } from '../../wire/profiles.ts';
import { linkSettings } from '../../wire/settings.ts';
import { type LinkDoor, type ListenOptions, listenLinks } from '../../wire/sockets/listen.ts';
import type { LinkTap } from '../../wire/sockets/socket-link.ts';
import { joinTaps } from '../../wire/trace/trace-recorder.ts';
import type { EventBook } from '../events.ts';
import { readRequest, type SwitchRequest } from '../requests.ts';
import type { LineFault, Script } from '../script.ts';
import type { BeforeSend, Outgoing } from '../stations.ts';
import { factsOf } from '../step.ts';
import { LineTap, writeRaw } from './line-tap.ts';
import { type StrictRule, strictRuleOf, strictRules } from './strict-rules.ts';
import type { Mistake } from './strict-watch.ts';

export type LineSettings = NonNullable<ListenOptions['settings']>;

export interface SwitchLineOptions {
  readonly door: Pick<ListenOptions, 'host' | 'port'> & Partial<Pick<ListenOptions, 'tls' | 'insideVpn' | 'linksMax'>>;
  readonly profile: string;
  readonly quirks: Quirks;
  readonly settings: LineSettings;
  readonly coding: TextCoding | undefined;
  /** Records what really passes on the links. */
  readonly trace: LinkTap | undefined;
  readonly strict: boolean;
  readonly script: Script;
  readonly clock: Clock;
  readonly book: EventBook;
  readonly log: Log | undefined;
  /** Why nothing more can be taken just now. */
  readonly busy: () => string | undefined;
  readonly onOpened: (link: Link) => void;
  readonly onClosed: (link: Link) => void;
  /** A message that is to be worked on, once. */
  readonly onRequest: (link: Link, request: SwitchRequest) => void;
  /** A script wants a message of ours to cross the client's under the same id. */
  readonly onCrossing: (link: Link, request: SwitchRequest, exchangeId: number) => void;
}

function isFaultCode(reason: CloseReason): reason is FaultCode {
  return reason !== 'CLOSED_BY_US' && reason !== 'CLOSED_BY_PEER';
}

const lineEndText = { LF: '\n', CR: '\r', CRLF: '\r\n' } as const;

/** Whether the client ended the connection, in whatever manner. */
function isPeersEnd(reason: CloseReason): boolean {
  return reason === 'CLOSED_BY_PEER' || reason === 'CONNECTION_FAILED' || reason === 'FRAME_CUT';
}

/** Statuses of a refusal where the profile has them: the same bytes again would not do, or came too fast (wire.md 5.3). */
const permanentError = 0x0011;
const logicalError = 0x0013;

/** A client that comes back sooner than this looks like an attack (wire.md 4.3). */
const reconnectMinMs = 30_000;
const addressesMax = 1_000;
/** Refusals that wait for their message to be complete. */
const refusalsMax = 1_000;

export class SwitchLine {
  readonly #options: SwitchLineOptions;
  readonly #profile: WireProfile;
  readonly #tap: LineTap;
  /** Messages that a strict rule refuses, by link and exchange id. */
  readonly #refusals = new Map<string, string>();
  readonly #lastMistakes = new Map<string, Mistake>();
  readonly #deaf = new Set<string>();
  readonly #timers = new Set<() => void>();
  /** When the last link from an address ended, and how many it has. */
  readonly #addresses = new Map<string, { open: number; endedAtMs: number | undefined }>();
  #door: LinkDoor | undefined;

  constructor(options: SwitchLineOptions) {
    this.#options = options;
    const { script, clock, book } = options;
    const { lengthExcludesBytes, controlBytes } = script.quirks;
    this.#profile = wireProfile(options.profile, {
      ...options.quirks,
      ...(lengthExcludesBytes === undefined ? {} : { lengthExcludesBytes }),
      ...(controlBytes === undefined ? {} : { controlBytes }),
    });
    this.#tap = new LineTap({
      clock,
      profile: this.#profile,
      faults: script.line,
      strict: options.strict,
      terms: linkSettings(this.#profile, this.#settings()),
      onMistake: (link, mistake) => this.#onMistake(link, mistake),
      onFault: (linkId, fault) => book.add({ type: 'fault', linkId, fault }),
    });
  }

  async listen(): Promise<void> {
    const { door, clock } = this.#options;
    this.#door = await listenLinks({
      ...door,
      profile: this.#profile,
      settings: this.#settings(),
      clock,
      name: 'switch',
      allow: (peer) => this.#allow(peer),
      ...this.#taps(),
      events: {
        onOpen: (link) => this.#onOpen(link),
        onMessage: (link, incoming) => this.#onMessage(link, incoming),
        onClosed: (link, reason) => {
          const unfinished = this.#tap.unfinished(link);
          const rule = isFaultCode(reason) ? strictRuleOf(reason) : undefined;
          const named = rule ?? (unfinished !== undefined && isPeersEnd(reason) ? 'more-without-final' : undefined);
          if (named !== undefined && this.#lastMistakes.get(link.id)?.rule !== named) {
            this.#onMistake(link, { rule: named, ...unfinished });
          }
          this.#options.book.add({ type: 'closed', linkId: link.id, reason });
          this.#options.log?.info({ code: 'LINK_CLOSED', reason, link: link.id });
          this.#onGone(link);
        },
        onNotice: (link, notice) => this.#onNotice(link, notice),
      },
    });
  }

  /** A tap costs a little on every frame, so a switch that has no use for one has none. */
  #taps(): Pick<ListenOptions, 'tap'> {
    const { strict, script, trace } = this.#options;
    const taps = [...(strict || script.line.length > 0 ? [this.#tap] : []), ...(trace === undefined ? [] : [trace])];
    return taps.length === 0 ? {} : { tap: joinTaps(...taps) };
  }

  get address(): { readonly host: string; readonly port: number } {
    if (this.#door === undefined) throw new Error('the switch is not listening yet');
    return this.#door.address;
  }

  async close(): Promise<void> {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await this.#door?.close();
  }

  /** Bytes of a text as this line carries it; nothing when its code page lacks a character. */
  encode(link: Link, outgoing: Pick<Outgoing, 'about' | 'text'>): Buffer | undefined {
    const { coding } = this.#options;
    const text = this.#withLineEnds(link, outgoing);
    // Latin 1 keeps every character below 256 a byte of its own, damaged ones included.
    if (coding === undefined) return Buffer.from(text, 'latin1');
    const encoded = encodeText(text, coding);
    return encoded.ok ? encoded.bytes : undefined;
  }

  /** Lines end as was agreed when the session opened, or as the profile has it (wire.md 4.2, 5.4), unless somebody said how. */
  #withLineEnds(link: Link, { about, text }: Pick<Outgoing, 'about' | 'text'>): string {
    const { coding, script } = this.#options;
    if (about === 'injected' || script.newline !== undefined || coding?.lineEnd !== undefined) return text;
    const end = lineEndText[this.#newline(link)];
    return end === '\n' ? text : text.replace(/\r?\n/g, end);
  }

  #newline(link: Link): Newline {
    return link.newline ?? profileNewlines[this.#options.profile] ?? 'LF';
  }

  /** What the script wants done to a message of ours that is about to leave. */
  beforeSend(link: Link, outgoing: Outgoing): BeforeSend {
    const fault = this.#tap.choose('answer', outgoing.facts);
    if (fault === undefined) return {};
    this.#options.book.add({ type: 'fault', linkId: link.id, fault: fault.fault });
    if (fault.fault === 'reuse-id') return { reuseId: true };
    if (fault.fault === 'again-after-reconnect') return { againAfterReconnect: true };
    return { plan: (exchangeId) => this.#tap.planData(link, exchangeId, fault) };
  }

  #settings(): LineSettings {
    const { frameBytesMax, maxIdleMs, defaultTimeoutMs } = this.#options.script.terms;
    return {
      ...(frameBytesMax === undefined ? {} : { frameBytesMax }),
      ...(maxIdleMs === undefined ? {} : { maxIdleMs }),
      ...(defaultTimeoutMs === undefined ? {} : { defaultTimeoutMs }),
      ...this.#options.settings,
    };
  }

  #allow(peer: Peer): boolean {
    const fault = this.#tap.choose('connect', undefined, ['refuse-connect']);
    if (fault !== undefined) this.#options.book.add({ type: 'fault', linkId: peer.address, fault: fault.fault });
    return fault === undefined;
  }

  #onOpen(link: Link): void {
    const { book, clock, strict, log, onOpened } = this.#options;
    book.add({ type: 'opened', linkId: link.id, address: link.peer.address });
    log?.info({ code: 'LINK_OPEN', link: link.id });
    const known = this.#addresses.get(link.peer.address) ?? { open: 0, endedAtMs: undefined };
    const sinceMs = known.endedAtMs === undefined ? undefined : clock.monoMs() - known.endedAtMs;
    // Other links of the same address show that this one is another client, not the old one come back.
    if (strict && known.open === 0 && sinceMs !== undefined && sinceMs < reconnectMinMs) {
      this.#onMistake(link, { rule: 'reconnect-too-fast', offset: 0 });
    }
    if (this.#addresses.size < addressesMax || known.endedAtMs !== undefined) {
      this.#addresses.set(link.peer.address, { ...known, open: known.open + 1 });
    }
    onOpened(link);
  }

  #onGone(link: Link): void {
    const known = this.#addresses.get(link.peer.address);
    if (known !== undefined && known.open > 0) {
      const endedAtMs = this.#options.clock.monoMs();
      this.#addresses.set(link.peer.address, { open: known.open - 1, endedAtMs });
    }
    this.#tap.closed(link);
    this.#deaf.delete(link.id);
    this.#lastMistakes.delete(link.id);
    for (const place of this.#refusals.keys()) if (place.startsWith(`${link.id} `)) this.#refusals.delete(place);
    this.#options.onClosed(link);
  }

  #onNotice(link: Link, notice: { code: FaultCode; exchangeId?: number; offset?: number }): void {
    const { code, exchangeId, offset } = notice;
    const where = { ...(exchangeId === undefined ? {} : { exchangeId }), ...(offset === undefined ? {} : { offset }) };
    const rule = strictRuleOf(code);
    const explained = code === 'FRAME_STOP' && offset !== undefined ? this.#tap.explainStop(link, offset) : undefined;
    if (explained !== undefined) this.#onMistake(link, explained);
    else if (rule !== undefined) this.#onMistake(link, { rule, ...where });
    else if (!this.#isNamed(link, where))
      this.#options.book.add({ type: 'mistake', linkId: link.id, rule: code, ...where });
  }

  /** True when a rule has named this very frame already: what the line says of it besides is the same mistake. */
  #isNamed(link: Link, where: { readonly exchangeId?: number; readonly offset?: number }): boolean {
    const seen = this.#lastMistakes.get(link.id);
    return (
      seen !== undefined &&
      seen.offset !== undefined &&
      seen.offset === where.offset &&
      seen.exchangeId === where.exchangeId
    );
  }

  /** Writes the mistake down and, in strict mode, does what its rule says. A mistake seen twice is written once. */
  #onMistake(link: Link, mistake: Mistake): void {
    const { book, log, strict } = this.#options;
    const { rule, exchangeId, offset } = mistake;
    const seen = this.#lastMistakes.get(link.id);
    if (seen?.rule === rule && seen.exchangeId === exchangeId && seen.offset === offset) return;
    this.#lastMistakes.set(link.id, mistake);
    const { reaction, tolerated } = strictRules[rule] as StrictRule;
    book.add({ type: 'mistake', linkId: link.id, ...mistake, ...(tolerated === true ? { tolerated } : {}) });
    log?.warn({ code: 'LINE_MISTAKE', kind: rule, link: link.id, offset, exchangeId });
    if (!strict) return;
    if (reaction === 'refuse' && exchangeId !== undefined) {
      const at = offset === undefined ? '' : ` AT BYTE ${offset}`;
      const [oldest] = this.#refusals.keys();
      if (oldest !== undefined && this.#refusals.size >= refusalsMax) this.#refusals.delete(oldest);
      this.#refusals.set(`${link.id} ${exchangeId}`, `${rule}${at}`);
    }
    if (reaction === 'close') process.nextTick(() => void link.close('FRAME_TYPE'));
  }

  #textOf(link: Link, payload: Buffer): string | undefined {
    const coding = { lineEnd: this.#newline(link), ...(this.#options.coding ?? { charset: 'latin1' }) } as const;
    const decoded = decodeText(payload, coding);
    return decoded.ok ? decoded.text : undefined;
  }

  #onMessage(link: Link, incoming: Incoming): void {
    if (this.#deaf.has(link.id)) return;
    const { exchangeId, duplicate } = incoming;
    const { book, clock, log, busy, onRequest } = this.#options;
    const text = this.#textOf(link, incoming.payload);
    const place = `${link.id} ${exchangeId}`;
    const unreadable = text === undefined ? 'A BYTE IS NO CHARACTER OF THIS LINE' : undefined;
    const request = readRequest(text ?? '', dayOf(clock.wallMs()));
    const fault = duplicate ? undefined : this.#tap.choose('message', factsOf(request));
    const scripted = fault?.fault === 'refuse' ? fault.reason : undefined;
    const broken = this.#refusals.get(place);
    const refused = unreadable ?? broken ?? scripted ?? busy();
    this.#refusals.delete(place);
    const received = { type: 'received', linkId: link.id, exchangeId, duplicate, text: text ?? '' } as const;
    book.add(refused === undefined ? received : { ...received, refused });
    if (fault !== undefined) book.add({ type: 'fault', linkId: link.id, fault: fault.fault });
    if (refused !== undefined) {
      if (fault?.fault === 'refuse') this.#tap.planAnswer(link, exchangeId, fault);
      incoming.refuse(
        refused,
        unreadable !== undefined ? permanentError : broken === refused ? logicalError : undefined,
      );
      return;
    }
    this.#acknowledge(link, incoming, { fault, request });
    log?.debug({ code: 'RECEIVED', link: link.id, exchangeId, bytes: incoming.payload.length });
    if (!duplicate && !this.#deaf.has(link.id)) onRequest(link, request);
  }

  /** Acknowledges as the script wants it. Whatever becomes of the acknowledgement, the message has been taken. */
  #acknowledge(
    link: Link,
    incoming: Incoming,
    about: { readonly fault: LineFault | undefined; readonly request: SwitchRequest },
  ): void {
    const { fault, request } = about;
    const { exchangeId } = incoming;
    switch (fault?.fault) {
      case 'delay-ack':
        this.#later(fault.ms, () => incoming.acknowledge());
        return;
      case 'ack-unknown-id':
        writeRaw(link, this.#profile.encode({ type: 'ack', exchangeId: (exchangeId % 0xfffe) + 1 }));
        break;
      case 'cross-same-id':
        this.#options.onCrossing(link, request, exchangeId);
        break;
      case 'close-before-ack':
        void link.close('CONNECTION_FAILED');
        return;
      case 'silence':
        this.#tap.silence(link);
        break;
      case 'half-open':
        this.#tap.silence(link);
        this.#deaf.add(link.id);
        return;
      case 'drop-ack':
      case 'ack-status':
      case 'ack-bytes':
        this.#tap.planAnswer(link, exchangeId, fault);
        break;
      default:
        break;
    }
    incoming.acknowledge();
  }

  #later(afterMs: number, action: () => void): void {
    const cancel = this.#options.clock.after(afterMs, () => {
      this.#timers.delete(cancel);
      action();
    });
    this.#timers.add(cancel);
  }
}
