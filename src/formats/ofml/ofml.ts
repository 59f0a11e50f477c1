/**
 * Messages as the markup that some State switches speak in place of text: `OFML` with `HDR` and, on the way in, `TRN` with one element
 * for each field; on the way out `RSP` with the text of the reply in `TXT`. The shapes are read from public samples; the whole
 * schema is not published, so elements that are not known are kept and never dropped.
 */
import type { CompiledKey, Lexicon } from '../lexicon.ts';
import type { Message, ParseResult } from '../message.ts';
import { takesAnyField } from '../request/body.ts';
import { buildWith } from '../request/build.ts';
import { addFault, addWarning, newReport } from '../request/rule-note.ts';
import { type MarkupElement, readMarkup, type Stretch, stretchesOf, type TextPieces, writeMarkup } from './markup.ts';

/** What the header of the markup holds beside the message: station, user, reference, date. In the order they were written. */
export interface OfmlHeader {
  readonly elements: readonly MarkupElement[];
}

/** A transaction (a question or a change) or a response, read from markup. */
export type OfmlDocument =
  | {
      readonly kind: 'transaction';
      readonly header: OfmlHeader;
      readonly message: Message;
      /** Elements of the transaction that are no field of the dictionary. */
      readonly others: readonly MarkupElement[];
    }
  | {
      readonly kind: 'response';
      readonly header: OfmlHeader;
      /** The reply itself, to be read by `readReply`. */
      readonly text: string;
      readonly others: readonly MarkupElement[];
    };

export type OfmlResult =
  | { readonly ok: true; readonly document: OfmlDocument; readonly warnings: ParseResult['warnings'] }
  | Extract<ParseResult, { ok: false }>;

/** Elements of the header that the message itself carries. */
const messageElements = new Set(['MKE', 'ORI', 'DST', 'CTL']);
const controlCharsCount = 10;

/** True when a text is markup rather than a message line. */
export function isOfml(text: string): boolean {
  return /^\s*(?:<\?[^>]{0,200}\?>\s*)?<OFML[\s>]/.test(text.slice(0, 400));
}

function child(element: MarkupElement | undefined, name: string): MarkupElement | undefined {
  return element?.children.find((one) => one.name === name);
}

function textsOf(header: MarkupElement | undefined, name: string): readonly string[] {
  return (header?.children ?? []).filter((one) => one.name === name).map((one) => one.text.trim());
}

function fieldsOf(
  body: MarkupElement,
  lexicon: Lexicon,
): { fields: Record<string, string[]>; others: MarkupElement[] } {
  const fields: Record<string, string[]> = {};
  const others: MarkupElement[] = [];
  for (const element of body.children) {
    if (element.children.length > 0 || !lexicon.fields.has(element.name)) {
      others.push(element);
      continue;
    }
    const value = element.text.trim();
    if (value === '') continue;
    const before = fields[element.name];
    if (before === undefined) fields[element.name] = [value];
    else before.push(value);
  }
  return { fields, others };
}

function messageOf(parts: { header: MarkupElement; body: MarkupElement }, key: CompiledKey, lexicon: Lexicon) {
  const { header, body } = parts;
  const { fields, others } = fieldsOf(body, lexicon);
  const nlets = key.table.line === 'nlets';
  const control = textsOf(header, 'CTL')[0];
  const text = child(body, 'TXT')?.text;
  const message: Message = {
    line: key.table.line,
    key: key.table.key,
    ...(control === undefined || control === '' || !nlets ? {} : { control: control.padEnd(controlCharsCount) }),
    ori: textsOf(header, 'ORI')[0] ?? '',
    destinations: nlets ? textsOf(header, 'DST') : [],
    fields,
    ...(text === undefined || text === '' ? {} : { text }),
  };
  return { message, others: others.filter((one) => one.name !== 'TXT') };
}

/** The text of the replies in a response, and where each of its characters stands in the markup. */
export interface ResponseText {
  readonly text: string;
  /** The stretches of `text` in order; line feeds that were laid between two replies belong to none. */
  readonly places: readonly (Stretch & { readonly textAt: number })[];
  /** True when the markup holds other words than these and its header. */
  readonly hasMore: boolean;
}

function hasWords(element: MarkupElement): boolean {
  return element.text.trim() !== '' || element.children.some(hasWords);
}

/** The words of a response in markup; undefined for a transaction, for a response without `TXT`, and for what is no markup. */
export function readResponseText(markup: string): ResponseText | undefined {
  const pieces: TextPieces = new Map();
  const read = readMarkup(markup, pieces);
  const root = 'element' in read && read.element.name === 'OFML' ? read.element : undefined;
  const body = child(root, 'RSP');
  if (root === undefined || body === undefined || child(root, 'TRN') !== undefined) return undefined;
  const replies = body.children.filter((one) => one.name === 'TXT' && one.children.length === 0);
  if (replies.length === 0) return undefined;
  const places: (Stretch & { textAt: number })[] = [];
  let textAt = 0;
  for (const reply of replies) {
    if (reply !== replies[0]) textAt += 1;
    for (const piece of pieces.get(reply) ?? []) {
      for (const stretch of stretchesOf(markup, piece)) {
        places.push({ ...stretch, textAt });
        textAt += stretch.text.length;
      }
    }
  }
  const rest = [
    ...root.children.filter((one) => one !== body && one !== child(root, 'HDR')),
    ...body.children.filter((one) => !replies.includes(one)),
  ];
  const hasMore = root.text !== '' || body.text !== '' || rest.some(hasWords);
  return { text: replies.map((one) => one.text).join('\n'), places, hasMore };
}

/** Reads markup. The message of a transaction is checked by the same rules as text; all faults at once. */
export function readOfml(text: string, lexicon: Lexicon): OfmlResult {
  const report = newReport();
  const read = readMarkup(text);
  const root = 'element' in read && read.element.name === 'OFML' ? read.element : undefined;
  const header = child(root, 'HDR');
  const body = child(root, 'TRN') ?? child(root, 'RSP');
  if (header === undefined || body === undefined) {
    addFault(report, 'OFML_SHAPE', { offset: 'brokenAt' in read ? read.brokenAt : 0 });
    return { ok: false, faults: report.faults, warnings: report.warnings };
  }
  const rest = { elements: header.children.filter((one) => !messageElements.has(one.name)) };
  if (body.name === 'RSP') {
    const first = child(body, 'TXT');
    const others = body.children.filter((one) => one !== first);
    const words = first?.text ?? '';
    const whole = { elements: header.children };
    return { ok: true, document: { kind: 'response', header: whole, text: words, others }, warnings: [] };
  }
  const key = lexicon.keys.get(textsOf(header, 'MKE')[0] ?? '');
  if (key === undefined) {
    addFault(report, 'KEY_UNKNOWN', { offset: 0 });
    return { ok: false, faults: report.faults, warnings: report.warnings };
  }
  const { message, others } = messageOf({ header, body }, key, lexicon);
  const built = buildWith(message, lexicon);
  if (!built.ok) return { ok: false, faults: built.faults, warnings: report.warnings };
  if (others.length > 0 && !takesAnyField(key)) addWarning(report, 'FIELD_UNEXPECTED');
  const document = { kind: 'transaction', header: rest, message, others } as const;
  return { ok: true, document, warnings: [...built.warnings, ...report.warnings] };
}

function leaf(name: string, text: string): MarkupElement {
  return { name, attributes: '', children: [], text };
}

/** Writes markup: the header with the message's own elements in it, then the fields or the text of the reply. */
export function writeOfml(document: OfmlDocument): string {
  if (document.kind === 'response') {
    const body = { name: 'RSP', attributes: '', children: [leaf('TXT', document.text), ...document.others], text: '' };
    const header = { name: 'HDR', attributes: '', children: document.header.elements, text: '' };
    return writeMarkup({ name: 'OFML', attributes: '', children: [header, body], text: '' });
  }
  const { message } = document;
  const own = [
    leaf('MKE', message.key),
    leaf('ORI', message.ori),
    ...message.destinations.map((one) => leaf('DST', one)),
    ...(message.control === undefined ? [] : [leaf('CTL', message.control.trimEnd())]),
  ];
  const fields = Object.entries(message.fields).flatMap(([code, values]) => values.map((value) => leaf(code, value)));
  const words = message.text === undefined ? [] : [leaf('TXT', message.text)];
  const header = { name: 'HDR', attributes: '', children: [...document.header.elements, ...own], text: '' };
  const body = { name: 'TRN', attributes: '', children: [...fields, ...words, ...document.others], text: '' };
  return writeMarkup({ name: 'OFML', attributes: '', children: [header, body], text: '' });
}
