/** How moments, clocks, states and verdicts are written on every screen. */
import type { CaseRow, ConfirmationClass, MessageRow } from '../console/contract.ts';
import type { Tone } from './frame.ts';

/** A formatter that gives year, month, day, hour, minute and second of a time zone, for `dateOf` and `timeOf`. */
export function clockFace(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
}

function partsOf(face: Intl.DateTimeFormat, atMs: number): Record<string, string> {
  return Object.fromEntries(face.formatToParts(atMs).map((part) => [part.type, part.value]));
}

/** `2026-11-21`. */
export function dateOf(face: Intl.DateTimeFormat, atMs: number): string {
  const { year, month, day } = partsOf(face, atMs);
  return `${year}-${month}-${day}`;
}

/** `03:12:44`. */
export function timeOf(face: Intl.DateTimeFormat, atMs: number): string {
  const { hour, minute, second } = partsOf(face, atMs);
  return `${hour}:${minute}:${second}`;
}

/** `2026-11-21 03:12`, the form in which a person types a moment too. */
export function momentOf(face: Intl.DateTimeFormat, atMs: number): string {
  return `${dateOf(face, atMs)} ${timeOf(face, atMs).slice(0, 5)}`;
}

/**
 * Reads `YYYY-MM-DD HH:MM`, or `HH:MM` of the day of `nowMs`, in the face's time zone.
 * Gives milliseconds, or undefined when it is no such moment.
 */
export function readMoment(face: Intl.DateTimeFormat, text: string, nowMs: number): number | undefined {
  const found = /^(?:(\d{4})-(\d{2})-(\d{2})\s+)?(\d{1,2}):?(\d{2})$/.exec(text.trim());
  if (found === null) return undefined;
  const date = found[1] === undefined ? dateOf(face, nowMs) : `${found[1]}-${found[2]}-${found[3]}`;
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const wanted = Date.UTC(year, month - 1, day, Number(found[4]), Number(found[5]));
  // The thirtieth of February would become a day of March.
  const isDay = new Date(wanted).toISOString().startsWith(date);
  // The zone's offset depends on the moment itself, so it is taken twice: the second time near the right moment.
  let atMs = wanted;
  for (let round = 0; round < 2; round += 1) atMs += wanted - asIfUtc(face, atMs);
  const isTime = Number(found[4]) < 24 && Number(found[5]) < 60;
  return isDay && isTime && asIfUtc(face, atMs) === wanted ? atMs : undefined;
}

function asIfUtc(face: Intl.DateTimeFormat, atMs: number): number {
  const { year, month, day, hour, minute } = partsOf(face, atMs);
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
}

/** `9:41`, or `1:02:07` from an hour on. Never negative; seconds are rounded up so that 0:00 means due. */
export function spanOf(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** The running clock of a case: what is left, or OVERDUE and by how much, or how it ended. */
export function clockOf(row: CaseRow, nowMs: number | null): { readonly text: string; readonly tone: Tone } {
  if (row.status === 'closed') return { text: 'closed', tone: 'quiet' };
  if (row.dueAtMs === null || nowMs === null) {
    return row.stoppedAtMs === null ? { text: 'no clock', tone: 'quiet' } : { text: 'stopped', tone: 'good' };
  }
  const leftMs = row.dueAtMs - nowMs;
  if (leftMs <= 0) return { text: `OVERDUE ${spanOf(Math.floor(-leftMs / 1000) * 1000)}`, tone: 'alarm' };
  // The first clock has stopped and another one runs, such as to the time that was named.
  if (row.stoppedAtMs !== null) return { text: `FOLLOW-UP ${spanOf(leftMs)}`, tone: 'strong' };
  if (row.overdue) return { text: `OVERDUE (${spanOf(leftMs)})`, tone: 'alarm' };
  const wholeMs = row.dueAtMs - (row.startedAtMs ?? row.dueAtMs);
  return { text: spanOf(leftMs), tone: leftMs < wholeMs / 5 ? 'bad' : leftMs < wholeMs / 2 ? 'warn' : 'strong' };
}

/** True while a clock of the case runs, the first or a later one. */
export function isRunning(row: CaseRow): boolean {
  return row.status === 'open' && row.dueAtMs !== null;
}

/** A verdict as it may be shown: a hit is never called more than possible and unconfirmed. */
export function verdictOf(verdict: string | undefined): string {
  if (verdict === undefined) return '';
  if (/\bHIT\b/i.test(verdict) && !/POSSIBLE HIT\s*[–-]\s*UNCONFIRMED/i.test(verdict))
    return 'POSSIBLE HIT – UNCONFIRMED';
  return verdict.replace(/HIT - UNCONFIRMED/i, 'HIT – UNCONFIRMED').replaceAll(' - ', ' – ');
}

/** A case's phase; a record that was not confirmed always carries the warning not to act on it. */
export function phaseOf(phase: string): string {
  if (/^NOT CONFIRMED$/i.test(phase)) return 'NOT CONFIRMED – DO NOT ACT ON THIS RECORD';
  return phase.replaceAll(' - ', ' – ');
}

/** True when our request did not reach the other agency and nobody has recorded a telephone call to it yet. */
export function asksForTelephone(row: CaseRow): boolean {
  return row.status === 'open' && row.side === 'ask' && /TELEPHONE THE AGENCY/.test(row.phase);
}

/** The tone of a phase or verdict; the words alone must say it too. */
export function toneOf(words: string): Tone {
  // A record on which nobody is arrested never has the colour of a want.
  if (/POSSIBLE HIT.*(?:NOT A WANT|CAVEAT AGAINST ARREST)/.test(words)) return 'warn';
  if (/DO NOT ACT|OVERDUE|READ IT|KIND NOT KNOWN|LAPSED|QUARANTIN|NOT DELIVERED/.test(words)) return 'alarm';
  if (/POSSIBLE HIT|NOT CONFIRMED|UNCLEAR|NOT DECIDED|DUE|IN_DOUBT|DOUBT|NAKED|STALE/.test(words)) return 'bad';
  if (/^(CONFIRMED|ACKED|ANSWERED|CLOSED)/.test(words)) return 'good';
  if (/HELD|WAITING|APPROVED|QUEUED|SENT/.test(words)) return 'warn';
  return 'plain';
}

/** Every class of a YR as a person reads it. */
export const classWords: Readonly<Record<ConfirmationClass, string>> = {
  confirmed: 'CONFIRMED',
  'not-confirmed': 'NOT CONFIRMED – DO NOT ACT ON THIS RECORD',
  'time-named': 'NOT CONFIRMED – A TIME WAS NAMED',
  'in-process': 'NOT CONFIRMED – IN PROCESS, NO TIME NAMED',
  'valid-extradition-open': 'VALID – EXTRADITION NOT DECIDED',
  unclear: 'UNCLEAR – THE CLOCK RUNS ON',
};

/** The state of a message in its list. */
export function stateOf(row: MessageRow): string {
  const state = row.status.replace('_', ' ');
  return row.stale && !state.includes('STALE') ? `${state} – STALE` : state;
}

/** True while what came contradicts its question and no person has freed it, whether somebody has read it or not. */
export function isInQuarantine(row: MessageRow): boolean {
  return row.direction === 'in' && (row.status === 'QUARANTINED' || row.reason !== undefined);
}

/** What a person does next about a message, in one sentence; empty when there is nothing to do. */
export function nextActOf(row: MessageRow): string {
  if (row.direction === 'in') {
    if (isInQuarantine(row))
      return 'It contradicts its question and stops nothing. Read it; f frees it, with a reason.';
    return row.status === 'READ' ? '' : 'Read it; m marks it read by you.';
  }
  if (row.status === 'HELD' && row.operator === undefined)
    return 'The operator at the COJ accepts it: a. Nothing has left.';
  if (row.status === 'HELD') return 'A supervisor reads and releases it: r (or refuses it: x). Nothing has left.';
  if (row.status === 'APPROVED' || row.status === 'QUEUED')
    return 'Released; it leaves when the line is free. w takes it back.';
  if (row.status === 'SENT') return 'Sent; waiting for the switch to acknowledge it.';
  if (row.status === 'IN_DOUBT')
    return 'It may or may not have arrived. Find out, then decide: d. It is never sent again by itself.';
  if (row.status === 'NAKED') return 'The switch refused it: it was NOT delivered.';
  return '';
}
