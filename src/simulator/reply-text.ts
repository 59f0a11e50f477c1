/** Builds the texts the State and NCIC send: headers, hits, no-record lines, acknowledgements, rejects (ncic.md 6). */
import type { Values } from '../formats/message.ts';
import type { CriminalHistory, Licence, Registration } from './records/criminal-histories.ts';
import { type FieldSet, type HotFile, hotFileNamed } from './records/files.ts';
import type { HotRecord, RecordRefusal } from './records/hot-records.ts';
import {
  acknowledgementWords,
  extraditionWords,
  historyWords,
  hitWords,
  noRecordWords,
  rejectWords,
  stateWords,
} from './replies.ts';
import type { NcicRequest } from './requests.ts';
import type { Script } from './script.ts';

/** Reply lines are at most this long; values are never cut, only lines. */
const columnsMax = 72;
/** NCIC writes its dates in eastern standard time. */
const easternMs = 5 * 3_600_000;

/** Puts words on as few lines as fit. */
function wrap(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > columnsMax) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** `CODE/value` pairs of the codes that are there, in the order asked for. */
function pairs(fields: Values, codes: readonly string[]): readonly string[] {
  return codes.flatMap((code) => {
    const value = fields[code]?.[0];
    return value === undefined || value === '' ? [] : [`${code}/${value}`];
  });
}

function dateTime(atMs: number): string {
  const iso = new Date(atMs - easternMs).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '')} ${iso.slice(11, 16).replace(':', '')} EST`;
}

/** The answer's header, the asker's ORI, an empty line and the text. Requests under 1N01 come back under 1L01. */
export function federalReply(request: NcicRequest, control: string, lines: readonly string[]): string {
  const header = request.family === 'iii' ? '2L01' : '1L01';
  return [`${header}${control}`, request.ori, '', ...lines].join('\n');
}

/** The State's answer: the same echo of the control data, under a banner that says whose files these are. */
export function stateReply(request: NcicRequest, control: string, lines: readonly string[]): string {
  return federalReply(request, control, [stateWords.banner, ...lines]);
}

/** `ORI IS` line: the agency's name as far as the directory knows it. */
function translation(script: Script, ori: string): string {
  const known = script.directory.find((one) => one.ori === ori) ?? script.agencies.find((one) => one.ori === ori);
  const name = known?.name.toUpperCase() ?? 'AGENCY NOT IN DIRECTORY';
  return ['ORI IS', name, ori.slice(0, 2), known?.phone ?? ''].join(' ').trimEnd();
}

function literal(file: HotFile, record: HotRecord): string {
  const kind = file.literalByKey?.[record.key] ?? file.literal;
  const located = record.locate === undefined ? '' : hitWords.located;
  const caution = (record.fields['CMC'] ?? []).length > 0 ? hitWords.caution : '';
  return `${located}${kind}${caution}`;
}

function locateLines(record: HotRecord): readonly string[] {
  if (record.locate === undefined) return [];
  const { ori, fields } = record.locate;
  return wrap(['LOCATED BY', ori, ...pairs(fields, ['DOL', 'DOR', 'RCA', 'LCA', 'DIS'])]);
}

/** A detainer in the hit of a located record; the words are ours, for none are published. */
function detainerLines(record: HotRecord): readonly string[] {
  return record.detainer === undefined ? [] : wrap(['DETAINER ON FILE', ...everyPair(record.detainer.fields)]);
}

const everyPair = (fields: Values): readonly string[] =>
  Object.entries(fields).flatMap(([code, values]) => values.map((value) => `${code}/${value}`));

/** One record block of a hit. The first layout line begins with the owner's ORI. */
export function hitBlock(record: HotRecord, script: Script): readonly string[] {
  const file = hotFileNamed(record.file);
  const exl = record.fields['EXL']?.[0]?.replace(/^0/, '');
  const [first = [], ...rest] = file.layout;
  const shown = new Set(['EXL', 'CMC', 'AKA', 'MIS', 'NOA', ...file.layout.flat()]);
  const others = Object.keys(record.fields).filter((code) => !shown.has(code));
  const lines = (set: FieldSet): readonly string[] => wrap(pairs(record.fields, set));
  return [
    `MKE/${literal(file, record)}`,
    ...(exl === undefined
      ? []
      : [`EXL/${exl}${extraditionWords[exl] === undefined ? '' : ` - ${extraditionWords[exl]}`}`]),
    ...wrap([`ORI/${record.ori}`, ...pairs(record.fields, first)]),
    ...rest.flatMap(lines),
    ...wrap(pairs(record.fields, others)),
    translation(script, record.ori),
    ...(record.fields['AKA'] ?? []).map((name) => `AKA/${name}`),
    ...everyPair(record.supplements ?? {}),
    ...locateLines(record),
    ...detainerLines(record),
    `NIC/${record.nic} DTE/${dateTime(record.enteredAtMs)} DLU/${dateTime(record.updatedAtMs)}`,
    hitWords.closing[file.closing],
  ];
}

/** All blocks of a hit, one `MKE/` each, behind the caveat of the first record's kind. */
export function hitLines(found: readonly HotRecord[], script: Script): readonly string[] {
  const informationOnly = found.every((record) => hotFileNamed(record.file).closing === 'information');
  const caveat = informationOnly ? hitWords.informationCaveat : hitWords.wantedCaveat;
  return [...caveat, ...found.flatMap((record, index) => [...(index > 0 ? [''] : []), ...hitBlock(record, script)])];
}

const identifiers: Readonly<Record<string, FieldSet>> = {
  person: ['SOC', 'MNU', 'FBI', 'OLN', 'LIC', 'VIN', 'NIC'],
  property: ['LIC', 'VIN', 'SER', 'OAN', 'BHN', 'REG', 'CGD', 'NIC', 'PNO'],
};
const withIdentifier: Readonly<Record<string, string>> = { LIC: 'LIS', SER: 'TYP', OAN: 'TYP' };

/** One no-record line for each identifier that was searched; `words` begin it. */
function noRecordLines(request: NcicRequest, kind: 'person' | 'property', words: string): readonly string[] {
  const { fields } = request;
  const named = kind === 'person' && fields['NAM'] !== undefined ? [pairs(fields, ['DOB', 'NAM'])] : [];
  const numbered = (identifiers[kind] ?? []).flatMap((code) => {
    const companion = withIdentifier[code];
    const line = pairs(fields, companion === undefined ? [code] : [code, companion]);
    return fields[code] === undefined ? [] : [line];
  });
  const lines = [...named, ...numbered];
  const all = lines.length > 0 ? lines : [pairs(fields, Object.keys(fields))];
  return all.map((line) => [words, ...line].join(' '));
}

/** NCIC's no-record text for an inquiry that found nothing. */
export function federalNoRecord(request: NcicRequest, person: boolean): readonly string[] {
  return person
    ? noRecordLines(request, 'person', noRecordWords.person)
    : noRecordLines(request, 'property', noRecordWords.property);
}

/** The State's no-record text. */
export function stateNoRecord(request: NcicRequest, person: boolean): readonly string[] {
  return noRecordLines(request, person ? 'person' : 'property', stateWords.noRecord);
}

/** The acknowledgement of an entry or change: the NIC, the name or number, and the case number on a line of its own. */
export function acknowledgementLines(action: keyof typeof acknowledgementWords, record: HotRecord): readonly string[] {
  const subject = pairs(record.fields, ['NAM', 'SER', 'VIN', 'LIC', 'REG', 'BHN']).slice(0, 1);
  const oca = pairs(record.fields, ['OCA']);
  return [[`${acknowledgementWords[action]}NIC/${record.nic}`, ...subject].join(' '), ...oca];
}

/** A reject: its cause, and for a duplicate the record that is on file. */
export function rejectLines(refusal: RecordRefusal, script: Script): readonly string[] {
  if (refusal.why === 'field') return [`${rejectWords.field} ${refusal.field}`];
  const words = rejectWords[refusal.why];
  return refusal.why === 'on-file' ? [words, ...hitBlock(refusal.record, script)] : [words];
}

const askedCodes: FieldSet = ['NAM', 'SEX', 'RAC', 'DOB', 'SOC', 'MNU', 'FBI', 'SID', 'PUR'];

/** III's answer to an identity search: one block for each person found. */
export function indexLines(request: NcicRequest, found: readonly CriminalHistory[]): readonly string[] {
  const asked = wrap(pairs(request.fields, askedCodes));
  if (found.length === 0) return [[noRecordWords.history, ...pairs(request.fields, askedCodes)].join(' ')];
  return [
    historyWords.index,
    ...asked,
    ...found.flatMap((one) => [
      '',
      ...wrap([...pairs(one.fields, ['NAM']), `FBI/${one.fbi}`, `SID/${one.sid}`]),
      ...wrap(pairs(one.fields, ['SEX', 'RAC', 'DOB', 'HGT', 'WGT', 'EYE', 'HAI', 'POB'])),
      ...(one.fields['AKA'] ?? []).map((name) => `AKA/${name}`),
      historyWords.deliverySoon,
    ]),
    '',
    historyWords.indexEnd,
  ];
}

/** A rap sheet, or the no-record line. */
export function rapSheetLines(request: NcicRequest, found: CriminalHistory | undefined): readonly string[] {
  if (found === undefined) return [[noRecordWords.history, ...pairs(request.fields, ['FBI', 'SID', 'PUR'])].join(' ')];
  return [
    historyWords.sheet,
    ...wrap([`FBI/${found.fbi}`, ...pairs(request.fields, ['ATN', 'PUR'])]),
    '',
    ...wrap([
      ...pairs(found.fields, ['NAM', 'SEX', 'RAC', 'DOB', 'HGT', 'WGT', 'EYE', 'HAI', 'POB']),
      `SID/${found.sid}`,
    ]),
    ...(found.fields['AKA'] ?? []).map((name) => `AKA/${name}`),
    ...found.arrests.flatMap((arrest, index) => [
      '',
      `${index + 1}-ARRESTED ${arrest.date} ${arrest.agency}`,
      `CHARGE ${arrest.charge}`,
      `DISPOSITION ${arrest.disposition}`,
    ]),
    '',
    historyWords.sheetEnd,
  ];
}

/** Lines of a registration as a State answers them. */
export function registrationLines(found: readonly Registration[]): readonly string[] {
  return found.flatMap((one) => [
    ...wrap(pairs(one.fields, ['LIC', 'LIS', 'LIY', 'LIT'])),
    ...wrap(pairs(one.fields, ['VIN', 'VYR', 'VMA', 'VMO', 'VST', 'VCO'])),
    ...wrap(pairs(one.fields, ['NAM', 'DOB'])),
    ...wrap((one.fields['ADR'] ?? []).map((address) => `ADR/${address}`)),
  ]);
}

/** Lines of a licence as a State answers them. */
export function licenceLines(found: readonly Licence[]): readonly string[] {
  return found.flatMap((one) => [
    ...wrap(pairs(one.fields, ['OLN', 'OLS', 'OLY'])),
    ...wrap(pairs(one.fields, ['NAM', 'SEX', 'DOB', 'HGT', 'WGT', 'EYE', 'HAI'])),
    ...wrap(pairs(one.fields, ['CLS', 'STS'])),
  ]);
}
