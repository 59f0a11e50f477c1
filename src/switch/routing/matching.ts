/**
 * Does this answer belong to that question? An answer belongs when its control or reference field is ours and nothing in
 * it contradicts the question (DESIGN.md, section 3, Matching). Pure; it never pairs by order, ORI or key alone.
 */
import type { Gist, Message, Reply } from '../../formats/message.ts';

/** The form of a reference of ours: `G`, the gateway's letter, eight digits; ten characters, as a control field needs. */
const referenceForm = /G[A-Z]\d{8}/;

/** The reference of ours that a text carries in its control field, if any. */
export function referenceIn(control: string | undefined): string | undefined {
  return control === undefined ? undefined : (referenceForm.exec(control)?.[0] ?? undefined);
}

/**
 * The reference in the echo that an ER or SM carries after ORIGINAL MESSAGE; those come from the Nlets switch itself and
 * may have no control field of their own (nlets.md, 5.1).
 */
export function referenceInEcho(text: string): string | undefined {
  const from = text.search(/ORIGINAL\s+MESSAGE/);
  return from < 0 ? undefined : (/\*(G[A-Z]\d{8})/.exec(text.slice(from, from + 400))?.[1] ?? undefined);
}

/** Fields that name the record or its subject; a YR repeats those of its YQ. */
const identifying = ['NIC', 'OCA', 'NAM', 'DOB', 'LIC', 'VIN', 'SER', 'REG', 'BHN'] as const;

const squeeze = (value: string): string => value.toUpperCase().replace(/[\s,]+/g, '');

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
  if (question.line !== 'nlets' && key !== undefined && (key === 'YQ' || key === 'YR')) found.push('KEY');
  if (question.line !== 'nlets') found.push(...differingRecord(question, answer));
  if (question.key === 'YQ' && !fromSwitch) found.push(...differingFields(question, answer));
  return found;
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
