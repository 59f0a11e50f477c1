/**
 * Messages as the markup that some State switches speak in place of text: `OFML` with `HDR` and, on the way in, `TRN` with one element
 * for each field; on the way out `RSP` with the text of the reply in `TXT`. The shapes are read from public samples; the whole
 * schema is not published, so elements that are not known are kept and never dropped.
 */
import type { Fault } from '../../faults/fault.ts';
import type { CompiledKey, Lexicon } from '../lexicon.ts';
import type { Message, ParseResult } from '../message.ts';
import { takesAnyField } from '../request/body.ts';
import { buildWith } from '../request/build.ts';
import { addFault, addWarning, newReport } from '../request/rule-note.ts';

import { type ElementPlaces, type MarkupElement, readMarkup, writeMarkup } from './markup.ts';

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
  return /^[\s\u0000-\u001f\u007f]*(?:<\?[^>]{0,200}\?>[\s\u0000-\u001f\u007f]*)?<OFML[\s>]/.test(text.slice(0, 400));
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

/** Elements of which one message has one: twice they would say two things. */
const single: readonly string[] = ['MKE', 'ORI', 'CTL'];

interface Parts {
  readonly root: MarkupElement;
  readonly header: MarkupElement;
  readonly body: MarkupElement;
}

/** Header and body of a document, or the place where it stops being one: each of the two stands there once, and neither says a thing twice. */
function partsOf(root: MarkupElement | undefined, places: ElementPlaces): Parts | { readonly brokenAt: number } {
  if (root?.name !== 'OFML') return { brokenAt: 0 };
  const [header, otherHeader] = root.children.filter((one) => one.name === 'HDR');
  const [body, otherBody] = root.children.filter((one) => one.name === 'TRN' || one.name === 'RSP');
  const placeOf = (one: MarkupElement) => places.get(one)?.at ?? 0;
  if (header === undefined || body === undefined) return { brokenAt: placeOf(root) };
  const isSeveralReplies = body.name === 'RSP' && otherBody?.name === 'RSP';
  const extra = otherHeader ?? (isSeveralReplies ? undefined : otherBody);
  if (extra !== undefined) return { brokenAt: placeOf(extra) };
  for (const name of single) {
    const [, second] = header.children.filter((one) => one.name === name);
    if (second !== undefined && body.name === 'TRN') return { brokenAt: placeOf(second) };
  }
  return { root, header, body };
}

/** The element that a note is about: of a field its own, of the head the one in the header, else the body. */
function aboutElement({ header, body }: Parts, note: Fault): MarkupElement {
  const field = note.field === undefined ? undefined : (child(body, note.field) ?? child(header, note.field));
  const inHead = (name: string) => child(header, name) ?? header;
  if (field !== undefined) return field;
  if (note.code === 'ORI_SHAPE') return inHead('ORI');
  if (note.code.startsWith('KEY_')) return inHead('MKE');
  if (note.code.startsWith('DESTINATION_')) return inHead('DST');
  if (note.code.startsWith('CONTROL_')) return inHead('CTL');
  if (note.code.startsWith('TEXT_')) return child(body, 'TXT') ?? body;
  return body;
}

/** The notes with their places in the markup: where the text of the element begins that they are about, or its tag. */
function placed<Note extends Fault>(notes: readonly Note[], parts: Parts, places: ElementPlaces): readonly Note[] {
  return notes.map((note) => {
    const found = places.get(aboutElement(parts, note));
    return { ...note, offset: found?.pieces[0]?.at ?? found?.at ?? 0 };
  });
}

/** Reads markup. The message of a transaction is checked by the same rules as text; all faults at once, each with its place. */
export function readOfml(text: string, lexicon: Lexicon, today?: string): OfmlResult {
  const report = newReport();
  const places: ElementPlaces = new Map();
  const read = readMarkup(text, places);
  const parts = 'element' in read ? partsOf(read.element, places) : read;
  if ('brokenAt' in parts) {
    addFault(report, 'OFML_SHAPE', { offset: parts.brokenAt });
    return { ok: false, faults: report.faults, warnings: report.warnings };
  }
  const { root, header, body } = parts;
  if (body.name === 'RSP') {
    const first = child(body, 'TXT');
    const others = [
      ...body.children.filter((one) => one !== first),
      ...root.children.filter((one) => one !== body && one !== header),
    ];
    const whole = { elements: header.children };
    return { ok: true, document: { kind: 'response', header: whole, text: first?.text ?? '', others }, warnings: [] };
  }
  const rest = { elements: header.children.filter((one) => !messageElements.has(one.name)) };
  const key = lexicon.keys.get(textsOf(header, 'MKE')[0] ?? '');
  if (key === undefined) {
    addFault(report, 'KEY_UNKNOWN');
    return { ok: false, faults: placed(report.faults, parts, places), warnings: [] };
  }
  const { message, others } = messageOf({ header, body }, key, lexicon);
  const built = buildWith(message, lexicon, today);
  if (!built.ok) return { ok: false, faults: placed(built.faults, parts, places), warnings: [] };
  // No dictionary has the name of such an element, which may be anything; its place says which it is.
  if (others[0] !== undefined && !takesAnyField(key)) {
    addWarning(report, 'FIELD_UNEXPECTED', { offset: places.get(others[0])?.at ?? 0 });
  }
  const document = { kind: 'transaction', header: rest, message, others } as const;
  return { ok: true, document, warnings: [...placed(built.warnings, parts, places), ...report.warnings] };
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
