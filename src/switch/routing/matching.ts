/**
 * Does this answer belong to that question? An answer belongs when its control or reference field is ours and nothing in
 * it contradicts the question (DESIGN.md, section 3, Matching). Pure; it never pairs by order, ORI or key alone.
 */
import type { KeyTable } from '../../formats/language.ts';
import type { Gist, Message, Reply, Values } from '../../formats/message.ts';
import { referenceForm } from '../outbound/references.ts';

const anywhere = new RegExp(referenceForm);
const marked = new RegExp(`\\*(${referenceForm})`);

/** The reference of ours that a text carries in its control field, if any. */
export function referenceIn(control: string | undefined): string | undefined {
  return control === undefined ? undefined : anywhere.exec(control)?.[0];
}

/**
 * The reference in the echo that an ER or SM carries after ORIGINAL MESSAGE; those come from the Nlets switch itself and
 * may have no control field of their own (nlets.md, 5.1).
 */
export function referenceInEcho(text: string): string | undefined {
  const from = text.search(/ORIGINAL\s+MESSAGE/);
  return from < 0 ? undefined : marked.exec(text.slice(from, from + 400))?.[1];
}

/** Fields that name the record or its subject; a YR repeats those of its YQ. */
const identifying = ['NIC', 'OCA', 'NAM', 'DOB', 'LIC', 'VIN', 'SER', 'REG', 'BHN'] as const;

const squeeze = (value: string): string => value.toUpperCase().replace(/[\s,.]+/g, '');

/** Keys of the Nlets switch itself that may answer any Nlets message. */
const switchKeys: readonly string[] = ['ER', 'SM'];

/**
 * Everything in the answer that contradicts the question, each as a short name (`KEY`, `SENDER`, `NIC`, `OCA` …), never a
 * value. An empty list means that nothing does.
 */
export function contradictions(
  question: Message,
  answer: {
    readonly message: Message | undefined;
    readonly gist: Gist;
    readonly answerKeys: readonly string[];
    readonly reply?: Pick<Reply, 'kind' | 'nic'>;
    /** Every field that the text of the reply names. */
    readonly named?: Values;
    /** What its own key's table says of it; absent for a key that nobody names. */
    readonly table?: Pick<KeyTable, 'action'> | undefined;
  },
): readonly string[] {
  const found: string[] = [];
  const key = answer.message?.key ?? answer.gist.key;
  const fromSwitch = key !== undefined && switchKeys.includes(key);
  if (question.line === 'nlets' && !fromSwitch) {
    if (key === undefined || !answer.answerKeys.includes(key)) found.push('KEY');
    const sender = answer.message?.ori ?? answer.gist.senderOri;
    if (question.key === 'YQ' && (sender === undefined || !question.destinations.includes(sender)))
      found.push('SENDER');
  }
  const isConfirmation = key === 'YQ' || key === 'YR';
  if (question.line !== 'nlets' && !fromSwitch && (isConfirmation || speaksForItself(answer))) found.push('KEY');
  if (question.line !== 'nlets') found.push(...differingRecord(question, answer));
  if (question.key === 'YQ' && !fromSwitch) found.push(...differingFields(question, answer));
  found.push(...differingEcho(question, answer));
  return found;
}

/** An agency's own request or message, which NCIC and III answer nothing with, whatever stands in its control field. */
function speaksForItself({
  message,
  table,
}: {
  readonly message: Message | undefined;
  readonly table?: Pick<KeyTable, 'action'> | undefined;
}): boolean {
  return message?.line === 'nlets' && table !== undefined && table.action !== 'response';
}

/** Fields that say whom or what a question is about, in the order in which a contradiction is named. */
const askedBy = [...identifying, 'LIS', 'FBI', 'SID', 'SOC', 'MNU', 'OLN', 'OLS'] as const;

/** A name may be cut where a line ends; so much of it is enough to know it by. */
const cutNameChars = 20;

function isSame(code: string, said: string, asked: string): boolean {
  const [one, other] = [squeeze(said), squeeze(asked)];
  return one === other || (code === 'NAM' && one.length >= cutNameChars && other.startsWith(one));
}

/**
 * Who says that there is no record, or that one was entered, says of whom or what, as it was asked or entered. Another person or
 * thing there means that it was said to another question: taken for ours it would clear the wrong one. A hit names what it has.
 */
function differingEcho(
  question: Message,
  { reply, named = {} }: { readonly reply?: Pick<Reply, 'kind'>; readonly named?: Values },
): readonly string[] {
  const isEntry = reply?.kind === 'acknowledgement' && question.fields['NIC'] === undefined;
  if (reply?.kind !== 'no-record' && !isEntry) return [];
  const said = askedBy.filter((code) => named[code] !== undefined);
  const shared = said.filter((code) => question.fields[code] !== undefined);
  const differing = shared.filter((code) => {
    const asked = question.fields[code] ?? [];
    return !(named[code] ?? []).every((value) => asked.some((one) => isSame(code, value, one)));
  });
  // It names something, and nothing of what was asked for.
  return shared.length === 0 && !isEntry ? said : differing;
}

/** What NCIC says back names the asker's ORI below its header, and an acknowledgement names the record it is about. */
function differingRecord(
  question: Message,
  answer: { readonly gist: Gist; readonly reply?: Pick<Reply, 'kind' | 'nic'> },
): string[] {
  const differing: string[] = [];
  const [asker] = answer.gist.destinations;
  if (answer.gist.key === undefined && asker !== undefined && asker !== question.ori) differing.push('ORI');
  const nics = question.fields['NIC'] ?? [];
  const { kind, nic } = answer.reply ?? {};
  if (kind === 'acknowledgement' && nic !== undefined && nics.length > 0 && !nics.includes(nic)) differing.push('NIC');
  return differing;
}

function differingFields(
  question: Message,
  answer: { readonly message: Message | undefined; readonly gist: Gist },
): string[] {
  if (answer.message === undefined) {
    // A text that does not parse may still name another record; it must name ours, or it proves nothing.
    const ours = question.fields['NIC']?.[0];
    return ours !== undefined && answer.gist.nics.length > 0 && !answer.gist.nics.includes(ours) ? ['NIC'] : [];
  }
  const differing: string[] = [];
  for (const code of identifying) {
    const asked = question.fields[code];
    const said = answer.message.fields[code];
    if (asked === undefined || said === undefined) continue;
    const known = asked.map(squeeze);
    if (!said.some((value) => known.includes(squeeze(value)))) differing.push(code);
  }
  return differing;
}
