/**
 * What stands between the keyboard's bytes and blessed: escape sequences come out whole, pasted text comes out apart from
 * keys, and what no key sends (answers of the terminal, mouse, focus) does not come out at all.
 */

import { Transform, type TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '../host/clock.ts';

/** The rest of an escape sequence is waited for this long; after it, Esc was the Esc key. */
const sequenceMs = 60;
/** A paste whose end has not come is taken as ended after this silence. */
const pasteMs = 1_000;
/** More is cut off; no field takes as much. */
const pasteCharsMax = 20_000;
/**
 * So many characters in one read were not typed, not even on a line that stood still for a while: a terminal without
 * bracketed paste is pasting.
 */
const burstCharsMin = 80;

/** Several letters in one read; where each letter is a command, no person has pressed them one by one. */
const severalLetters = /[^\u0000-\u001f\u007f][^\u0000-\u001f\u007f]/u;

const pasteStart = '\u001b[200~';
const pasteEnd = '\u001b[201~';

export type Piece =
  | { readonly kind: 'key'; readonly text: string }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'dropped' };

/** A sequence blessed knows as a key; all others would leave their tail behind as typed letters. */
const knownKey = /^\u001b(?:\[(?:\d+(?:;\d+)?)?[~^$A-HZa-e]|\[1;\d+[A-Z]|\[\[[A-E]|O[A-Za-z]|[^\u001b[\]PX^_])$/u;

/** How long the escape sequence at the beginning of `text` is; 0 when its end has not come. */
function sequenceLength(text: string): number {
  if (text.length < 2) return 0;
  const opener = text[1] ?? '';
  if (opener === '[') {
    if (text[2] === '[') return text.length >= 4 ? 4 : 0;
    const found = /^\u001b\[[0-?]*[ -/]*[@-~]/u.exec(text);
    if (found !== null) return found[0].length;
    return /^\u001b\[[0-?]*[ -/]*$/u.test(text) && text.length < 64 ? 0 : 2;
  }
  if (']PX^_'.includes(opener)) {
    const end = /\u0007|\u001b\\/u.exec(text.slice(2));
    if (end !== null) return 2 + end.index + end[0].length;
    return text.length < 4_096 ? 0 : text.length;
  }
  if (opener === 'O') return text.length >= 3 ? 3 : 0;
  // Two Esc in a row are the Esc key, and whatever the second one begins.
  return opener === '\u001b' ? 1 : 2;
}

/**
 * Cuts what the keyboard sent into pieces. `rest` is an unfinished sequence or paste; give it back with what comes next.
 * Pure: the same bytes in other chunks give the same keys.
 */
export function takePieces(text: string): { readonly pieces: readonly Piece[]; readonly rest: string } {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const left = text.slice(at);
    if (left.startsWith(pasteStart)) {
      const end = left.indexOf(pasteEnd);
      if (end === -1) return { pieces, rest: left };
      pieces.push({ kind: 'paste', text: left.slice(pasteStart.length, end) });
      at += end + pasteEnd.length;
      continue;
    }
    if (left[0] !== '\u001b') {
      pieces.push({ kind: 'key', text: left[0] ?? '' });
      at += 1;
      continue;
    }
    const length = sequenceLength(left);
    if (length === 0) return { pieces, rest: left };
    const sequence = left.slice(0, length);
    pieces.push(length === 1 || knownKey.test(sequence) ? { kind: 'key', text: sequence } : { kind: 'dropped' });
    at += length;
  }
  return { pieces, rest: '' };
}

export interface KeyboardOptions {
  readonly clock: Clock;
  readonly onPaste: (text: string) => void;
  /** False while letters are commands and no text: several at once are then taken for a paste. True unless given. */
  readonly takesText?: () => boolean;
  /** The terminal itself, whose raw mode blessed switches through us. */
  readonly source?: { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown };
}

/** The stream given to blessed as its input. */
export class KeyboardStream extends Transform {
  readonly isTTY: boolean;
  isRaw = false;
  readonly #options: KeyboardOptions;
  readonly #decoder = new StringDecoder('utf8');
  #held = '';
  #callOff: () => void = () => {};

  constructor(options: KeyboardOptions) {
    super();
    this.#options = options;
    this.isTTY = options.source?.isTTY === true;
  }

  setRawMode(mode: boolean): this {
    this.isRaw = mode;
    this.#options.source?.setRawMode?.(mode);
    return this;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const text = this.#decoder.write(chunk);
    this.#callOff();
    if (this.#held === '' && this.#isPaste(text)) this.#options.onPaste(text.slice(0, pasteCharsMax));
    else this.#take(this.#held + text);
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#callOff();
    done();
  }

  /** A paste of a terminal that does not bracket it, such as GNU screen. */
  #isPaste(text: string): boolean {
    if (text.includes('\u001b')) return false;
    if (text.length >= burstCharsMin) return true;
    return this.#options.takesText?.() === false && severalLetters.test(text);
  }

  #take(text: string): void {
    const { pieces, rest } = takePieces(text);
    for (const piece of pieces) this.#give(piece);
    const isPaste = rest.startsWith(pasteStart);
    this.#held = isPaste ? rest.slice(0, pasteCharsMax) : rest;
    if (this.#held === '') return;
    this.#callOff = this.#options.clock.after(isPaste ? pasteMs : sequenceMs, () => this.#giveUp());
  }

  #give(piece: Piece): void {
    if (piece.kind === 'key') this.push(piece.text);
    else if (piece.kind === 'paste') this.#options.onPaste(piece.text.slice(0, pasteCharsMax));
  }

  /** The rest did not come: a lone Esc was the key; a paste has ended; half a sequence is no key at all. */
  #giveUp(): void {
    const held = this.#held;
    this.#held = '';
    if (held.startsWith(pasteStart)) this.#options.onPaste(held.slice(pasteStart.length));
    else if (held === '\u001b') this.push(held);
    else if (held.length === 2 && (held[1] === '[' || held[1] === 'O')) this.push('\u001b');
  }
}
