/**
 * The one file that knows blessed. It turns frames into cells and the keyboard into keys, and gives the terminal back as
 * it was, however the program ends. Cells are written directly: no text of a peer is ever read for tags or colours.
 */
import blessed from 'blessed';
import { HitlineError } from '../faults/fault.ts';
import type { Clock } from '../host/clock.ts';
import type { Frame, Size, Tone } from './frame.ts';
import { KeyboardStream } from './keyboard.ts';
import type { Key } from './model.ts';

export interface PainterOptions {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown };
  readonly output: NodeJS.WriteStream;
  readonly clock: Clock;
  readonly onKey: (key: Key) => void;
  readonly onPaste: (text: string) => void;
  /** True while letters are text and no commands. */
  readonly takesText: () => boolean;
  readonly onResize: (size: Size) => void;
  /** The terminal itself is gone: a line that broke, a window that was closed. */
  readonly onGone: () => void;
}

export interface Painter {
  size(): Size;
  paint(frame: Frame): void;
  bell(): void;
  /** Gives the terminal back; any number of times. */
  close(): void;
}

/** What blessed 0.1.81 has and its published types lack. */
interface Inner {
  lines: ([number, string][] & { dirty?: boolean })[];
  draw(from: number, until: number): void;
  destroy(): void;
  readonly program: {
    readonly tput: { readonly unicode: boolean };
    cup(row: number, column: number): void;
    showCursor(): void;
    hideCursor(): void;
    flush(): void;
    bell(): void;
    on(event: 'resize', listener: () => void): void;
  };
  on(event: 'keypress', listener: (ch: string | undefined, key: BlessedKey) => void): void;
}
interface BlessedKey {
  readonly name?: string;
  readonly full?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

const none = 0x1ff;
const flag = { bold: 1, underline: 2, inverse: 8 } as const;

/** blessed's cell attribute: flags, foreground, background; colours 0 to 15, `none` for the terminal's own. */
function attribute(flags: number, foreground: number = none, background: number = none): number {
  return (flags << 18) | (foreground << 9) | background;
}

const inColour: Readonly<Record<Tone, number>> = {
  plain: attribute(0),
  strong: attribute(flag.bold),
  quiet: attribute(0, 6),
  bar: attribute(0, 15, 4),
  selected: attribute(flag.inverse),
  good: attribute(0, 2),
  warn: attribute(flag.bold, 3),
  bad: attribute(flag.bold, 1),
  alarm: attribute(flag.bold, 15, 1),
  entry: attribute(flag.underline | flag.bold),
};

/** The same for who asks for no colours by NO_COLOR (no-color.org). */
const inBlackAndWhite: Readonly<Record<Tone, number>> = {
  plain: attribute(0),
  strong: attribute(flag.bold),
  quiet: attribute(0),
  bar: attribute(flag.underline),
  selected: attribute(flag.inverse),
  good: attribute(0),
  warn: attribute(flag.bold),
  bad: attribute(flag.bold),
  alarm: attribute(flag.bold | flag.inverse),
  entry: attribute(flag.underline | flag.bold),
};

function tonesHere(): Readonly<Record<Tone, number>> {
  return (process.env['NO_COLOR'] ?? '') === '' ? inColour : inBlackAndWhite;
}

/** What a locale without UTF-8 shows instead; anything else becomes a question mark there. */
const plainSigns: Readonly<Record<string, string>> = {
  '–': '-',
  '—': '-',
  '…': '~',
  '─': '-',
  '│': '|',
  '·': '.',
  '◄': '<',
  '►': '>',
  '▲': '^',
  '▼': 'v',
  '’': "'",
};

function inUtf8(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

/** The cures that must be taken before blessed makes its program. */
function takeCures(): { readonly terminal: string } {
  // Terminfo of newer ncurses is in a format blessed cannot read; without paths it uses its own copy.
  (blessed as unknown as { Tput: { ipaths: unknown[] } }).Tput.ipaths.splice(0);
  if (inUtf8()) process.env['NCURSES_NO_UTF8_ACS'] = '1';
  const term = process.env['TERM'] ?? 'xterm';
  return { terminal: /^(xterm|screen|tmux)/.test(term) ? 'xterm-256color' : term };
}

/** The key as our table names it, or undefined for what is no key of ours. */
export function keyOf(ch: string | undefined, key: BlessedKey): Key | undefined {
  // blessed tells a carriage return twice; and a bare line feed comes from pasting, never from a keyboard.
  if (key.name === 'return' || key.name === 'linefeed') return undefined;
  const alt = /^M-(\d)$/.exec(key.full ?? '');
  if (alt !== null) return { name: `f${alt[1] === '0' ? '10' : alt[1]}` };
  const isControl = key.ctrl === true || key.meta === true;
  if (!isControl && ch !== undefined && /^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff]$/u.test(ch))
    return { name: 'char', ch };
  return key.full === undefined ? undefined : { name: key.full };
}

const pasteOn = '\u001b[?2004h';
const pasteOff = '\u001b[?2004l';

/**
 * Takes the terminal over. Throws NOT_A_TERMINAL when the output is none. Ends on `close`, when the process exits, and
 * before the report of an uncaught error, so that the error can be read.
 */
export function openPainter(options: PainterOptions): Painter {
  const { input, output } = options;
  if (output.isTTY !== true || output.columns === undefined) throw new HitlineError('NOT_A_TERMINAL');
  const { terminal } = takeCures();
  const keyboard = new KeyboardStream({
    clock: options.clock,
    onPaste: options.onPaste,
    takesText: options.takesText,
    source: input,
  });
  const made = blessed.screen({
    terminal,
    input: keyboard as unknown as NodeJS.ReadStream,
    output,
    smartCSR: false,
    autoPadding: false,
  } as blessed.Widgets.IScreenOptions);
  const screen = made as unknown as Inner;
  // Without listeners the broken line of a person would end the whole program as an uncaught error.
  input.on('error', options.onGone);
  input.on('end', options.onGone);
  output.on('error', options.onGone);
  output.write(pasteOn);
  input.pipe(keyboard);
  screen.on('keypress', (ch, key) => {
    const found = keyOf(ch, key);
    if (found !== undefined) options.onKey(found);
  });
  const size = (): Size => ({ columns: output.columns, rows: output.rows });
  screen.program.on('resize', () => options.onResize(size()));
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    process.off('exit', close);
    process.off('uncaughtExceptionMonitor', close);
    input.off('end', options.onGone);
    input.unpipe(keyboard);
    if (output.writable) output.write(pasteOff);
    screen.destroy();
    keyboard.setRawMode(false);
    input.pause();
    keyboard.destroy();
  };
  process.on('exit', close);
  process.on('uncaughtExceptionMonitor', close);
  return {
    size,
    paint: (frame) => {
      if (isOpen) paintFrame(screen, frame);
    },
    bell: () => {
      if (isOpen) screen.program.bell();
    },
    close,
  };
}

function paintFrame(screen: Inner, frame: Frame): void {
  const unicode = screen.program.tput.unicode;
  const tones = tonesHere();
  frame.lines.forEach((spans, y) => {
    const row = screen.lines[y];
    if (row === undefined) return;
    let x = 0;
    for (const one of spans) {
      for (const ch of one.text) {
        if (x >= row.length) break;
        row[x] = [tones[one.tone], unicode || ch <= '~' ? ch : (plainSigns[ch] ?? '?')];
        x += 1;
      }
    }
    row.dirty = true;
  });
  screen.draw(0, screen.lines.length - 1);
  // The real cursor stands where the next character goes, so that a reader of the screen finds it too.
  if (frame.cursor === null) screen.program.hideCursor();
  else {
    screen.program.cup(frame.cursor.row, frame.cursor.column);
    screen.program.showCursor();
  }
  screen.program.flush();
}
