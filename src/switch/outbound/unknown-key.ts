/**
 * A message under a key that no table names: it can't be read, so its body is kept as it came, and only its header becomes
 * ours. It is held, and never sent a second time (DESIGN.md, section 3).
 */
import type { Message } from '../../formats/message.ts';
import type { Parts } from '../parts.ts';
import { type Draft, sha256Of } from './drafting.ts';

const nletsForm =
  /^([A-Z][A-Z0-9]{1,4})\.([A-Z]{2}[A-Z0-9]{7})\.([A-Z0-9]{2,9}(?:,[A-Z0-9]{2,9}){0,4})\.(?:\*[^.\n]{1,10}\.)?(TXT\n[\x20-\x7e\n]*)$/;
const ncicForm = /^(?:[126T][LN]01[^.\n]{0,60}\.)?([A-Z][A-Z0-9]{1,4})\.([A-Z]{2}[A-Z0-9]{7})\.([\x20-\x7e\n]*)$/;

/** What can be told of such a text, when it has the outline of a message at all. */
export interface UnknownOutline {
  readonly key: string;
  readonly ori: string;
  readonly destinations: readonly string[];
  readonly body: string;
  readonly line: 'nlets' | 'ncic';
}

/** Reads the outline; undefined when the text has none. */
export function outlineOf(text: string): UnknownOutline | undefined {
  const nlets = nletsForm.exec(text);
  if (nlets !== null) {
    const [, key = '', ori = '', destinations = '', body = ''] = nlets;
    return { key, ori, destinations: destinations.split(','), body, line: 'nlets' };
  }
  const ncic = ncicForm.exec(text);
  if (ncic === null) return undefined;
  const [, key = '', ori = '', body = ''] = ncic;
  return { key, ori, destinations: [], body, line: 'ncic' };
}

/** Lays the final text out: our ORI, our reference, and the body as it came. */
export async function layOutUnknown(parts: Parts, outline: UnknownOutline): Promise<Draft> {
  const { key, destinations, body, line } = outline;
  const { ori } = parts.config.agency;
  const reference = await parts.references.next();
  const terminalId = parts.config.upstream.terminalId.slice(0, 15 - reference.length);
  const text =
    line === 'nlets'
      ? `${key}.${ori}.${destinations.join(',')}.*${reference}.${body}`
      : `1N01${terminalId}${reference}.${key}.${ori}.${body}`;
  const message: Message = { line, key, ori, destinations, fields: {} };
  return { reference, message, text, sha256: sha256Of(text), warnings: [] };
}
