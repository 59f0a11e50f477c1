/** What a key's table says of a message beside its fields: who sends it, where it goes, under which header, and its free text. */
import type { CompiledKey } from '../lexicon.ts';
import type { CleanText } from './clean-text.ts';
import { splitHeader } from './ncic-header.ts';
import { addByRule, addWarning, type Report } from './rule-note.ts';

/** Where notes go, and the text that is read; no text when building. */
export interface MessageCheck {
  readonly report: Report;
  readonly clean?: CleanText;
}

/** Where a word of the header stands, in characters of the original; undefined when there is no text. */
function wordPlace({ clean }: MessageCheck, words: readonly string[], index: number): number | undefined {
  if (clean === undefined) return undefined;
  let at = 0;
  for (const word of words.slice(0, index + 1)) {
    const found = clean.text.indexOf(word, at + 1);
    if (found < 0) return undefined;
    at = found;
  }
  return clean.offsetOf(at);
}

const kindWords = {
  ori: 'Nine-character ORIs only.',
  region: 'Two-character codes only.',
  both: '',
} as const;

/** Checks the addresses of a message that is sent in against the key's rule. */
export function checkDestinations(
  key: CompiledKey,
  given: { readonly ori: string; readonly destinations: readonly string[] },
  check: MessageCheck,
): void {
  const rule = key.table.destinations;
  if (rule === undefined) return;
  const { destinations } = given;
  const { max, regionMax, kind } = rule;
  const note = (code: 'DESTINATION_COUNT' | 'DESTINATION_KIND', index: number, says: string): void => {
    const offset = wordPlace(check, [given.ori, ...destinations], index + 1);
    addByRule(check.report, code, { provenance: rule.provenance, source: rule.source, offset, says });
  };
  if (max !== undefined && destinations.length > max) note('DESTINATION_COUNT', max, `At most ${max}.`);
  if (regionMax !== undefined) {
    const codes = destinations.filter((one) => one.length === 2);
    const over = codes[regionMax];
    if (over !== undefined) note('DESTINATION_COUNT', destinations.indexOf(over), `At most ${regionMax} codes.`);
  }
  const wrong = destinations.findIndex((one) => (one.length === 9 ? kind === 'region' : kind === 'ori'));
  if (wrong >= 0) note('DESTINATION_KIND', wrong, kindWords[kind]);
  const barred = destinations.findIndex((one) => rule.not?.includes(one) === true);
  if (barred >= 0) note('DESTINATION_KIND', barred, `Not ${rule.not?.join(' ')}.`);
  const other = rule.only === undefined ? -1 : destinations.findIndex((one) => one !== rule.only);
  if (other >= 0 && other !== wrong) note('DESTINATION_KIND', other, `Only ${rule.only}.`);
}

/** Some keys come from one sender only, such as ER from the Nlets switch itself. */
export function checkOrigin(key: CompiledKey, ori: string, check: MessageCheck): void {
  const only = key.table.onlyFrom;
  if (only === undefined || ori === '' || ori === only) return;
  addByRule(check.report, 'KEY_ORIGIN', {
    provenance: key.table.provenance,
    source: key.table.source,
    offset: wordPlace(check, [ori], 0),
    says: `Only ${only}.`,
  });
}

/** How a key of another line is written, for whoever used it on this one. */
export function properLine({ table }: CompiledKey): string | undefined {
  if (table.header !== undefined) return `It goes under the header ${table.header}.`;
  return table.line === 'nlets' ? 'It goes to Nlets: key, ORI, destinations, TXT, then its fields.' : undefined;
}

const headersOf: Readonly<Record<string, readonly string[]>> = {
  '1N01': ['1N01', '1L01', 'TN01', 'TL01'],
  '2L01': ['2L01'],
};

/** A header of another line than the key's: LEDS names one header for each line, the mapping of replies is recalled. */
export function checkHeader(key: CompiledKey | undefined, header: string | undefined, report: Report): void {
  const own = key?.table.header;
  if (own === undefined || header === undefined) return;
  const { prefix } = splitHeader(header);
  if ((headersOf[own] ?? [own]).includes(prefix) || key?.table.alsoHeaders?.includes(prefix)) return;
  addWarning(report, 'HEADER_OTHER_LINE', { offset: 0, detail: `${own} is its own. (Rule verified: LEDS-MKE.)` });
}

/** Checks the free text of a message against what its key asks of it. `at` is where the text begins. */
export function checkFreeText(key: CompiledKey, text: string, check: MessageCheck & { readonly at?: number }): void {
  const rule = key.table.body;
  if (rule === undefined) return;
  const offset = check.clean === undefined ? undefined : check.clean.offsetOf(check.at ?? 0);
  const { provenance, source, max, listed } = rule;
  if (text === '') {
    if (rule.must === true) {
      addByRule(check.report, 'BODY_MISSING', { provenance, source, offset });
    }
    return;
  }
  if (max !== undefined && text.length > max) {
    addByRule(check.report, 'VALUE_TOO_LONG', {
      provenance,
      source,
      offset,
      says: `At most ${max} characters of text.`,
    });
  }
  if (listed !== undefined && !listed.includes(text.trim().toUpperCase())) {
    addByRule(check.report, 'VALUE_NOT_LISTED', {
      provenance: 'recalled',
      source,
      offset,
      says: `The only body that is published is ${listed.join(', ')}.`,
    });
  }
}
