/**
 * What kind of record a hit is: read from the literal after `MKE/`. Only a want may look like a want; what the table does not know,
 * and whatever bears a caveat against arrest, does not. The literals are inferred from published lists of response classes
 * (LEADS-XML), so a profile may lay its own in front.
 */
import type { Provenance, RecordStanding } from '../message.ts';

/** One kind of record. */
export interface RecordKind {
  /** The words the literal begins with, after `LOCATED `. */
  readonly starts: string;
  readonly file: string;
  readonly standing: RecordStanding;
  /** One of the ten restricted files: protected like a criminal history (CJIS Security Policy 4.2.2). */
  readonly restricted: boolean;
  readonly provenance: Provenance;
}

function kinds(standing: RecordStanding, restricted: boolean, rows: Readonly<Record<string, string>>): RecordKind[] {
  return Object.entries(rows).map(([starts, file]) => ({ starts, file, standing, restricted, provenance: 'recalled' }));
}

/** Every kind known, longer words before shorter ones. */
export const recordKinds: readonly RecordKind[] = [
  ...kinds('want', false, {
    'WANTED PERSON': 'wanted',
    'TEMPORARY FELONY WANT': 'temporary-want',
    WARRANT: 'wanted',
  }),
  ...kinds('caution', true, {
    'HISTORICAL PROTECTION ORDER': 'protection-order',
    'EXPIRED PROTECTION ORDER': 'protection-order',
    'IDENTITY THEFT': 'identity-theft',
    'PROTECTIVE INTEREST': 'protective-interest',
    'VIOLENT PERSON': 'violent-person',
    'VIOLENT GANG': 'gang',
    GANG: 'gang',
    'KNOWN OR SUSPECTED TERRORIST': 'threat-screening',
    'THREAT SCREENING': 'threat-screening',
    TERRORIST: 'threat-screening',
    'SUPERVISED RELEASE': 'supervised-release',
    'CONVICTED PERSON ON SUPERVISED RELEASE': 'supervised-release',
    PROBATION: 'supervised-release',
    PAROLE: 'supervised-release',
    'SEX OFFENDER': 'sex-offender',
    'SEXUAL OFFENDER': 'sex-offender',
    'CONVICTED SEX OFFENDER': 'sex-offender',
    'NATIONAL SEX OFFENDER': 'sex-offender',
    'NICS DENIED': 'nics',
  }),
  ...kinds('caution', false, {
    'PROTECTION ORDER': 'protection-order',
    'TEMPORARY PROTECTION ORDER': 'temporary-protection-order',
    'EXTREME RISK': 'extreme-risk-order',
    'FOREIGN FUGITIVE': 'foreign-fugitive',
    'IMMIGRATION VIOLAT': 'immigration',
    'INVESTIGATIVE INTEREST': 'investigative-interest',
  }),
  ...kinds('welfare', true, { 'PERSON WITH INFORMATION': 'person-with-information' }),
  ...kinds('welfare', false, { MISSING: 'missing', UNIDENTIFIED: 'unidentified' }),
  ...kinds('property', false, {
    'STOLEN VEHICLE': 'vehicle',
    'FELONY VEHICLE': 'felony-vehicle',
    'STOLEN LICENSE PLATE': 'license-plate',
    'STOLEN PLATE': 'license-plate',
    'STOLEN PART': 'part',
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

/** The kind of a literal; `LOCATED ` in front and what follows the known words do not matter. Undefined when not known. */
export function recordKindOf(literal: string, own: readonly RecordKind[] = []): RecordKind | undefined {
  const words = literal.trim().replace(/^LOCATED /, '');
  const fits = (kind: RecordKind) => words.startsWith(kind.starts);
  return own.find(fits) ?? recordKinds.find(fits);
}

const againstArrest =
  /NO CAUSE FOR ARREST|NOT (?:CAUSE|GROUNDS|A BASIS) FOR ARREST|DO NOT (?:ARREST|DETAIN|SEARCH|APPREHEND|TAKE POLICE ACTION)|NOT A WARRANT|NO WARRANT|INVESTIGATIVE PURPOSES? ONLY/;

/**
 * True when prose around a record speaks against arrest. A sentence that says `SOLELY` is the ordinary warning of every hit, that it must
 * be confirmed first, and takes nothing from a want. The wording is recalled; it only ever makes a record look less like a want.
 */
export function speaksAgainstArrest(prose: string): boolean {
  return prose
    .replace(/\s+/g, ' ')
    .split(/[.*]/)
    .some((sentence) => againstArrest.test(sentence) && !sentence.includes('SOLELY'));
}
