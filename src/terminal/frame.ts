/** What a screen is before it is painted: lines of spans, each with a tone. Colour is never the only sign of anything. */

export type Tone = 'plain' | 'strong' | 'quiet' | 'bar' | 'selected' | 'good' | 'warn' | 'bad' | 'alarm' | 'entry';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Span[];

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Frame {
  readonly lines: readonly Line[];
  /** Where the person's cursor stands, counted from 0; null when nothing can be typed. */
  readonly cursor: { readonly row: number; readonly column: number } | null;
}

/** A span of one tone; with no tone, plain. */
export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** A line of one span. */
export function line(text: string, tone: Tone = 'plain'): Line {
  return [{ text, tone }];
}

/** How many cells a line takes; every character a frame may hold is one cell wide. */
export function widthOf(spans: Line): number {
  return spans.reduce((sum, one) => sum + one.text.length, 0);
}

/** Cuts a text to `width` cells, ending in … when something was cut. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return width <= 1 ? text.slice(0, Math.max(0, width)) : `${text.slice(0, width - 1)}…`;
}

/** Cuts or fills a text to exactly `width` cells. */
export function column(text: string, width: number): string {
  return cut(text, width).padEnd(width);
}

/** Cuts or fills a line to exactly `width` cells; the filling takes the last span's tone. */
export function fitted(spans: Line, width: number): Line {
  const out: Span[] = [];
  let left = width;
  for (const one of spans) {
    if (left <= 0) break;
    const text = cut(one.text, left);
    out.push({ text, tone: one.tone });
    left -= text.length;
  }
  if (left > 0) out.push({ text: ' '.repeat(left), tone: out.at(-1)?.tone ?? 'plain' });
  return out;
}

/** Wraps words to lines of at most `width` cells; a word longer than a line is broken. Never loses a character but blanks at a break. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let now = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (now !== '' && now.length + 1 + rest.length > width) {
      lines.push(now);
      now = '';
    } else if (now !== '') {
      now += ' ';
    }
    while (now.length + rest.length > width) {
      const room = width - now.length;
      lines.push(now + rest.slice(0, room));
      rest = rest.slice(room);
      now = '';
    }
    now += rest;
  }
  lines.push(now);
  return lines;
}

/** The characters beyond ASCII and Latin-1 that our own screens use, all one cell wide. */
const ours = '–—…│─┌┐└┘├┤┬┴┼▲▼►◄•→←↑↓✓✗';

/**
 * Text of a peer as it may be shown: control characters as their pictures (␀ ␍ ␊ ␛ …), and whatever is not surely one
 * cell wide and upright (wide, combining, bidirectional, unassigned) as ◇, so that nothing a peer sends can move, hide or
 * forge anything on the screen. Takes any text; gives the same number of cells as it has code points.
 */
export function pictures(text: string): string {
  let out = '';
  for (const ch of text) {
    const code = ch.codePointAt(0) ?? 0;
    if (code < 0x20) out += String.fromCharCode(0x2400 + code);
    else if (code === 0x7f) out += '␡';
    else if (code < 0x7f || (code >= 0xa1 && code <= 0xff && code !== 0xad) || ours.includes(ch)) out += ch;
    else out += '◇';
  }
  return out;
}

/** A document in lines of at most `width` cells; its line ends are not shown, whatever else it holds is. */
export function sheetLines(text: string, width: number): string[] {
  const lines = text.replace(/\r?\n$/u, '').split(/\r?\n/u);
  return lines.flatMap((one) => exactLines(one, width));
}

/**
 * The exact text of a message in lines of at most `width` cells: a new line only after a line feed (or a lone carriage
 * return), whose picture stays visible at the end, and where the width is reached.
 */
export function exactLines(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of text.split(/(?<=\n|\r(?!\n))/u)) {
    const shown = pictures(part);
    for (let at = 0; at === 0 || at < shown.length; at += width) lines.push(shown.slice(at, at + width));
  }
  return lines;
}
