/**
 * Prose around a record that speaks against arrest. What such a caveat says word for word is published nowhere, so that the wording
 * here is recalled; it only ever makes a record look less like a want (ncic.md, section 6.1).
 */
import type { ReplyRecord } from '../message.ts';

const act =
  '(?:ARREST|DETAIN|DETENTION|SEARCH|SEIZE|SEIZURE|APPREHEND|CUSTODY|STOP|HOLD|(?:POLICE|ENFORCEMENT) ACTION|ALERT|APPROACH)';
const must = "(?:DO NOT|DON'?T|MUST NOT|SHALL NOT|MAY NOT|SHOULD NOT|SHOULDN'?T|CAN ?NOT|CAN'?T|NEVER|REFRAIN FROM)";
/** How a warrant or a record ends, whatever stands between it and the word. */
const ended =
  '(?:CANCELL?ED|CLEARED|RECALLED|QUASHED|EXPIRED|SERVED|VACATED|WITHDRAWN|DISMISSED|RESCINDED|VOIDED|INACTIVE|SATISFIED)';
const paper = '(?:WARRANTS?|RECORDS?|ORDERS?|WANTS?|ENTRY)';
const link = '(?:HAS|HAVE|WAS|WERE|IS|ARE|BEEN|NOW|SINCE|ALREADY)';

const againstArrest = new RegExp(
  [
    `\\b${must}\\b[^.*]{0,80}\\b${act}`,
    '\\b(?:NO|NOT|NEITHER|INSUFFICIENT)\\b[^.*]{0,40}\\b(?:CAUSE|PC|GROUNDS?|BASIS|REASON|AUTHORITY|AUTHORIZED|SUFFICIENT)\\b[^.*]{0,40}\\b(?:ARREST|DETENTION|DETAIN|SEARCH|SEIZ|STOP|CUSTODY)',
    '\\b(?:NO|NOT|WITHOUT) (?:PROBABLE CAUSE|PC\\b)|\\b(?:NO|NON) ?ARREST(?:ABLE)?\\b(?! (?:RECORD|HISTORY))|\\bNOT (?:BE )?ARRESTABLE',
    `\\b${act}\\b[^.*]{0,40}\\b(?:NOT|IS UN)[ ]?(?:AUTHORIZED|WARRANTED|PERMITTED|ALLOWED|JUSTIFIED)`,
    '\\b(?:ARREST|DETENTION|SEARCH|CUSTODY)\\b[^.*]{0,40}\\b(?:PROHIBITED|FORBIDDEN|UNLAWFUL)',
    '\\bNOT (?:TO )?(?:BE )?(?:ARRESTED|DETAINED|APPREHENDED|TAKEN INTO CUSTODY)|\\bNOT AN? (?:[A-Z]{1,12} )?WARRANT|\\bNO (?:ACTIVE |OUTSTANDING |VALID )?WARRANT',
    '\\bSTANDING ALONE\\b|\\bUNLESS THERE IS EVIDENCE\\b|\\b(?:INVESTIGATIVE|INFORMATION(?:AL)?|INTELLIGENCE|ADVISORY|OFFICER SAFETY)(?: (?:LEADS?|PURPOSES?|INFORMATION|NOTICE))? ONLY\\b',
    '\\b(?:ARREST|DETAIN) ONLY (?:AFTER|IF|ON|UPON|WITH)\\b|\\b(?:LOCATE|IDENTIFY|QUESTIONING|CITATION|SUMMONS) ONLY\\b|\\b(?:CITE|SIGN)(?:\\/| AND | & )RELEASE\\b|\\b(?:TAKE NO|DO NOT TAKE)(?: [A-Z]{1,12}){0,3} ACTION\\b',
    '\\bNOT (?:A |THE |CURRENTLY |NOW )?WANTED\\b|\\bNO LONGER (?:A )?(?:WANT|WANTED|ACTIVE|VALID|OUTSTANDING|IN EFFECT)\\b',
    '\\bVICTIM OF (?:AN? )?(?:IDENTITY|ID|STOLEN|IMPERSONATION|MISTAKEN)\\b|\\b(?:STOLEN (?:ID|IDENTITY)|MISTAKEN IDENTITY)\\b|\\b(?:IDENTITY|ID) (?:THEFT|FRAUD) VICTIM\\b',
    `\\b${ended} ${paper}\\b|\\b${paper} (?:${link} ){0,3}${ended}\\b`,
  ].join('|'),
);

/** The same with every blank gone, for a sentence that a switch has wrapped in the middle of a word. */
const againstArrestUnbroken =
  /(?:DONOT|MUSTNOT|SHALLNOT|MAYNOT|CANNOT|NEVER)[A-Z]{0,60}(?:ARREST|DETAIN|DETENTION|SEARCH|SEIZ|APPREHEND|CUSTODY|POLICEACTION)|(?:CAUSE|GROUNDS|BASIS)FOR(?:THE)?(?:ARREST|DETENTION|SEARCH)|NOTAN?(?:ARREST)?WARRANT|STANDINGALONE|UNLESSTHEREISEVIDENCE|PURPOSESONLY|INFORMATIONONLY|NOTWANTED|NOLONGER(?:WANTED|ACTIVE|VALID)|NOT(?:TO)?(?:BE)?(?:ARRESTED|DETAINED)|(?:ARREST|DETENTION)[A-Z]{0,20}NOT(?:AUTHORIZED|PERMITTED|ALLOWED)/;

/** Without any of these no sentence speaks against arrest; most records hold none, and then nothing more is looked for. */
const anyNegation =
  /\b(?:N(?:O\b|OT|ON|EVER|EITHER)|DON|SHOULDN|CAN|ALONE|ONLY|UN|IN(?:SUFF|ACTIVE)|VICTIM|IDENTITY|STOLEN|MISTAKEN|CLEARED|RE(?:CALLED|SCINDED|FRAIN|LEASE)|QUASHED|EXPIRED|S(?:ERVED|ATISFIED)|V(?:ACATED|OIDED)|WITH(?:DRAWN|OUT)|DISMISSED|PROHIBIT|FORBID)/;
const anyNegationUnbroken = new RegExp(
  ['NOT', 'NEVER', 'ALONE', 'UNLESS', 'ONLY', 'LONGER', 'FORARREST', 'FORTHEARREST', 'FORDETENTION', 'FORSEARCH']
    .concat('FORTHESEARCH')
    .map((word) => [...word].join('\\s*'))
    .join('|'),
);

/** The prose with single blanks, hyphens as blanks, and one apostrophe for all. */
function asWords(prose: string): string {
  return prose.replace(/[’`´]/g, "'").replace(/[\s-]+/g, ' ');
}

/** True when prose around a record, in capitals, speaks against arrest, the ordinary warning against arrest on a record alone included. */
export function speaksAgainstArrest(prose: string): boolean {
  if (anyNegation.test(prose) && againstArrest.test(asWords(prose))) return true;
  return anyNegationUnbroken.test(prose) && againstArrestUnbroken.test(prose.replace(/[^A-Z.*]+/g, ''));
}

/** True for a record that was entered as a want and whose prose speaks against arrest: neither a want, nor known to be none. */
export function isWantWithCaveat({ caveat, file }: ReplyRecord): boolean {
  return caveat !== undefined && file?.includes('want') === true;
}
