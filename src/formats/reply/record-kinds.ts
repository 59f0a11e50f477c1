/**
 * What kind of record a hit is: read from the literal after `MKE/`. Only a want may look like a want; what the table does not know,
 * and whatever bears a caveat against arrest, does not. The literals are inferred from published lists of response classes
 * (LEADS-XML), so a profile may lay its own in front.
 */
import type { Provenance, RecordStanding } from '../message.ts';

/** One kind of record. */
export interface RecordKind {
  /** The words the literal begins with, after `LOCATED `; those of a caution or welfare kind count wherever they stand in it. */
  readonly starts: string;
  readonly file: string;
  readonly standing: RecordStanding;
  /** One of the ten restricted files: protected like a criminal history (CJIS Security Policy 4.2.2). */
  readonly restricted: boolean;
  readonly provenance: Provenance;
  readonly source: string;
}

function kinds(standing: RecordStanding, restricted: boolean, rows: Readonly<Record<string, string>>): RecordKind[] {
  const sure = { provenance: 'recalled', source: 'inferred from the response classes of LEADS-XML' } as const;
  return Object.entries(rows).map(([starts, file]) => ({ starts, file, standing, restricted, ...sure }));
}

/** Every kind known, longer words before shorter ones. */
export const recordKinds: readonly RecordKind[] = [
  ...kinds('want', false, {
    'WANTED PERSON': 'wanted',
    'WANTED JUVENILE': 'wanted',
    'TEMPORARY FELONY WANT': 'temporary-want',
    WARRANT: 'wanted',
  }),
  ...kinds('caution', true, {
    'HISTORICAL PROTECTION ORDER': 'protection-order',
    'HISTORICAL TEMPORARY PROTECTION ORDER': 'temporary-protection-order',
    'EXPIRED PROTECTION ORDER': 'protection-order',
    'EXPIRED TEMPORARY PROTECTION ORDER': 'temporary-protection-order',
    'INACTIVE PROTECTION ORDER': 'protection-order',
    'CANCELED PROTECTION ORDER': 'protection-order',
    'CLEARED PROTECTION ORDER': 'protection-order',
    'IDENTITY THEFT': 'identity-theft',
    'PROTECTIVE INTEREST': 'protective-interest',
    'VIOLENT PERSON': 'violent-person',
    'VIOLENT FELON': 'violent-person',
    'VIOLENT OFFENDER': 'violent-person',
    'VIOLENT GANG': 'gang',
    GANG: 'gang',
    'KNOWN OR SUSPECTED TERRORIST': 'threat-screening',
    'KNOWN OR APPROPRIATELY SUSPECTED TERRORIST': 'threat-screening',
    'THREAT SCREENING': 'threat-screening',
    'TERRORIST SCREENING': 'threat-screening',
    TERRORIST: 'threat-screening',
    'SUPERVISED RELEASE': 'supervised-release',
    'SUPERVISED PERSON': 'supervised-release',
    'CONVICTED PERSON ON SUPERVISED RELEASE': 'supervised-release',
    PROBATION: 'supervised-release',
    PAROLE: 'supervised-release',
    'SEX OFFENDER': 'sex-offender',
    'SEXUAL OFFENDER': 'sex-offender',
    'CONVICTED SEX OFFENDER': 'sex-offender',
    'CONVICTED SEXUAL OFFENDER': 'sex-offender',
    'SEXUALLY VIOLENT PREDATOR': 'sex-offender',
    'NATIONAL SEX OFFENDER': 'sex-offender',
    'NICS DENIED': 'nics',
  }),
  ...kinds('caution', false, {
    'PROTECTION ORDER': 'protection-order',
    'PROTECTIVE ORDER': 'protection-order',
    'TEMPORARY PROTECTION ORDER': 'temporary-protection-order',
    'EXTREME RISK': 'extreme-risk-order',
    'FOREIGN FUGITIVE': 'foreign-fugitive',
    IMMIGRATION: 'immigration',
    'DEPORTED FELON': 'immigration',
    'INVESTIGATIVE INTEREST': 'investigative-interest',
  }),
  ...kinds('welfare', true, { 'PERSON WITH INFORMATION': 'person-with-information' }),
  ...kinds('welfare', false, { MISSING: 'missing', UNIDENTIFIED: 'unidentified' }),
  ...kinds('property', false, {
    'STOLEN VEHICLE': 'vehicle',
    'FELONY VEHICLE': 'felony-vehicle',
    'STOLEN LICENSE PLATE': 'license-plate',
    'STOLEN PLATE': 'license-plate',
    'FELONY LICENSE PLATE': 'license-plate',
    'STOLEN PART': 'part',
    'STOLEN VEHICLE PART': 'part',
    'STOLEN BOAT PART': 'part',
    'STOLEN BOAT': 'boat',
    'STOLEN GUN': 'gun',
    'LOST GUN': 'lost-gun',
    'FELONY GUN': 'felony-gun',
    'RECOVERED GUN': 'recovered-gun',
    'STOLEN ARTICLE': 'article',
    'LOST ARTICLE': 'lost-article',
    'STOLEN SECURIT': 'security',
  }),
].sort((one, other) => other.starts.length - one.starts.length);

/** What may stand behind the words of a want without making it anything else. */
const wantTail =
  /^(?:[ -]*(?:CAUTION|JUVENILE|DETAINER|FELONY|MISDEMEANOR|RECORD|FILE|ADULT|(?:FULL|LIMITED|NO) EXTRADITION)\b)*[ .*-]*$/;

const doubtful = { file: 'wanted', standing: 'unknown', restricted: false } as const;

type Kind = Pick<RecordKind, 'file' | 'standing' | 'restricted'>;

function tidied(words: string): string {
  return words.trim().replace(/\s+/g, ' ');
}

/**
 * The kind of a literal; `LOCATED ` in front does not matter. A want with other words behind it than the table allows (another
 * file's name, CANCELED, VICTIM) is of a kind that a person must read. Undefined when not known.
 */
export function recordKindOf(literal: string, own: readonly RecordKind[] = []): Kind | undefined {
  const words = tidied(literal).replace(/^LOCATED /, '');
  const fits = (kind: RecordKind) => words.startsWith(kind.starts);
  const found = own.find(fits) ?? recordKinds.find(fits);
  const holds = ({ standing, starts }: RecordKind) =>
    (standing === 'caution' || standing === 'welfare') && words.includes(starts);
  if (found === undefined) return own.find(holds) ?? recordKinds.find(holds);
  if (found.standing !== 'want') return found;
  return wantTail.test(words.slice(found.starts.length)) ? found : { ...doubtful, file: found.file };
}

/** The same, the literal going on on the next line where it makes no known words by itself. */
export function kindOfRecord(literal: string, nextLine: string, own: readonly RecordKind[]): Kind | undefined {
  const found = recordKindOf(literal, own);
  return found ?? (nextLine.includes('/') ? undefined : recordKindOf(`${literal} ${nextLine}`, own));
}

const letter = (file: string, standing: RecordStanding, restricted = false): Kind => ({ file, standing, restricted });

/**
 * Files by the first letter of a NIC (NIEM list FILE; advisory). A letter alone never makes a want nor property, only the file's
 * name; the letters of caution files keep a record from looking like one.
 */
const byLetter: Readonly<Record<string, Kind>> = {
  A: letter('article', 'unknown'),
  B: letter('boat', 'unknown'),
  C: letter('supervised-release', 'caution', true),
  F: letter('violent-person', 'caution', true),
  G: letter('gun', 'unknown'),
  H: letter('protection-order', 'caution'),
  J: letter('identity-theft', 'caution', true),
  K: letter('protective-interest', 'caution', true),
  L: letter('violent-person', 'caution', true),
  M: letter('missing', 'welfare'),
  N: letter('immigration', 'caution'),
  P: letter('license-plate', 'unknown'),
  S: letter('security', 'unknown'),
  T: letter('threat-screening', 'caution', true),
  U: letter('unidentified', 'welfare'),
  V: letter('vehicle', 'unknown'),
  W: letter('wanted', 'unknown'),
  X: letter('sex-offender', 'caution', true),
  Z: letter('gang', 'caution', true),
};

/** What the letter of a NIC tells of its file; undefined for a letter that stands for none. */
export function kindByNic(nic: string): Kind | undefined {
  return byLetter[nic.charAt(0)];
}
