/**
 * A person at a real terminal: spawns a command in a pseudo-terminal, reads its screen as a terminal would show it, and
 * presses keys as a keyboard would send them. Waits only for what appears, never for a time.
 */
import { spawn } from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';
import { hangMs } from '../support/until.ts';

/** What each named key sends. */
const keys: Readonly<Record<string, string>> = {
  f1: '\u001bOP',
  f2: '\u001bOQ',
  f3: '\u001bOR',
  f4: '\u001bOS',
  f5: '\u001b[15~',
  f6: '\u001b[17~',
  f7: '\u001b[18~',
  f8: '\u001b[19~',
  f9: '\u001b[20~',
  f10: '\u001b[21~',
  f12: '\u001b[24~',
  enter: '\r',
  tab: '\t',
  'S-tab': '\u001b[Z',
  escape: '\u001b',
  backspace: '\u007f',
  delete: '\u001b[3~',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  pageup: '\u001b[5~',
  pagedown: '\u001b[6~',
  'C-c': '\u0003',
  'C-u': '\u0015',
};

export interface ScreenOptions {
  readonly command: string;
  readonly words: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export interface TestScreen {
  readonly pid: number;
  /** Resolves when the text (or pattern) stands on the screen; fails with the whole screen when it does not come. */
  waitFor(wanted: string | RegExp): Promise<string>;
  /** Resolves when it no longer stands there. */
  waitForGone(wanted: string | RegExp): Promise<string>;
  /** Presses named keys (`f9`, `enter`, `pagedown`) or single characters, one after another. */
  press(...names: readonly string[]): void;
  /** Types a text. */
  type(text: string): void;
  /** Pastes as a terminal with bracketed paste does. */
  paste(text: string): void;
  /** Sends bytes as they are. */
  send(bytes: string): void;
  resize(columns: number, rows: number): void;
  /** The screen as text: every line without the blanks at its end. */
  snapshot(): string;
  cursor(): { readonly row: number; readonly column: number };
  /** True while the program holds the alternate screen, as a full-screen program does. */
  isFullScreen(): boolean;
  /** True when any cell on the screen has a colour of its own. */
  hasColours(): boolean;
  kill(signal?: string): void;
  /** Takes the terminal away, as a broken line or a closed window does. */
  hangUp(): void;
  /** Resolves when the command has ended. */
  ended: Promise<{ readonly code: number; readonly signal: number | undefined }>;
}

/** Calls everyone who waits for the screen to change. */
class Looks {
  readonly #looks = new Set<() => void>();

  again(): void {
    for (const look of [...this.#looks]) look();
  }

  until(options: { name: string; read: () => string; holds: (text: string) => boolean }): Promise<string> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        clearTimeout(timer);
        this.#looks.delete(look);
        act();
      };
      const look = (): void => {
        const text = options.read();
        if (options.holds(text)) end(() => resolve(text));
      };
      const timer = setTimeout(
        () => end(() => reject(new Error(`${options.name}; the screen shows:\n${options.read()}`))),
        hangMs,
      );
      this.#looks.add(look);
      look();
    });
  }
}

function readScreen(terminal: Terminal): string {
  const buffer = terminal.buffer.active;
  const lines = Array.from({ length: terminal.rows }, (_unused, row) =>
    (buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? '').trimEnd(),
  );
  return lines.join('\n').trimEnd();
}

function hasColours(terminal: Terminal): boolean {
  const buffer = terminal.buffer.active;
  const cells = Array.from({ length: terminal.rows * terminal.cols }, (_unused, at) =>
    buffer.getLine(buffer.viewportY + Math.floor(at / terminal.cols))?.getCell(at % terminal.cols),
  );
  return cells.some((cell) => cell !== undefined && !(cell.isFgDefault() && cell.isBgDefault()));
}

function stands(wanted: string | RegExp): (text: string) => boolean {
  return (text) => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text));
}

/** Starts a command at a screen of 80 by 24 (or another size) in a UTF-8 xterm. */
export function openScreen(options: ScreenOptions): TestScreen {
  const { columns = 80, rows = 24 } = options;
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
  const locale = { TERM: 'xterm-256color', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TMUX: undefined };
  const env = { ...process.env, ...locale, ...options.env };
  const size = { cols: columns, rows };
  const child = spawn(options.command, [...options.words], {
    name: env.TERM,
    ...size,
    cwd: options.cwd ?? process.cwd(),
    env,
  });
  const looks = new Looks();
  child.onData((data) => terminal.write(data, () => looks.again()));
  terminal.onData((data) => child.write(data));
  const ended = new Promise<{ code: number; signal: number | undefined }>((resolve) => {
    child.onExit(({ exitCode, signal }) =>
      // What was written last is read before the end is told.
      terminal.write('', () => {
        resolve({ code: exitCode, signal });
        looks.again();
      }),
    );
  });
  const read = (): string => readScreen(terminal);
  return {
    pid: child.pid,
    waitFor: (wanted) =>
      looks.until({
        name: `waited in vain for ${wanted}`,
        read,
        holds: stands(wanted),
      }),
    waitForGone: (wanted) =>
      looks.until({ name: `${wanted} did not go`, read, holds: (text) => !stands(wanted)(text) }),
    press(...names) {
      for (const name of names) child.write(keys[name] ?? name);
    },
    type: (text) => child.write(text),
    paste: (text) => child.write(`\u001b[200~${text}\u001b[201~`),
    send: (bytes) => child.write(bytes),
    resize(newColumns, newRows) {
      terminal.resize(newColumns, newRows);
      child.resize(newColumns, newRows);
    },
    snapshot: read,
    cursor: () => ({ row: terminal.buffer.active.cursorY, column: terminal.buffer.active.cursorX }),
    isFullScreen: () => terminal.buffer.active.type === 'alternate',
    hasColours: () => hasColours(terminal),
    kill: (signal) => child.kill(signal),
    hangUp: () => (child as unknown as { destroy(): void }).destroy(),
    ended,
  };
}
