/**
 * The `$.` notices NCIC sends by itself (LEDS-MKE, verified). The handling of each is read from its wording: `alarm` is told to an
 * operator at once, `service-status` makes a banner and holds what would fail, `notice` is routed and filed.
 */

/** How much of a service runs. */
export type ServiceState = 'full' | 'restricted' | 'out';

/** One notice. */
export interface NoticeRow {
  /** What follows `$.`; without the period it is the switch operators' manual version. */
  readonly code: string;
  readonly title: string;
  readonly handling: 'alarm' | 'service-status' | 'notice';
  readonly service?: { readonly hotFiles?: ServiceState; readonly iii?: ServiceState };
  readonly note?: string;
}

/** Every known notice. */
export const notices: readonly NoticeRow[] = [
  {
    code: '1',
    title: 'ALL NCIC FILES OUT OF SERVICE',
    handling: 'service-status',
    service: { hotFiles: 'out', iii: 'out' },
  },
  { code: '2', title: 'NCIC HOT FILES IN FULL SERVICE', handling: 'service-status', service: { hotFiles: 'full' } },
  { code: '3', title: 'NCIC MESSAGE TRANSMISSION ERROR', handling: 'service-status' },
  {
    code: '4',
    title: 'NCIC HOT FILES IN RESTRICTED SERVICE',
    handling: 'service-status',
    service: { hotFiles: 'restricted' },
  },
  {
    code: '5',
    title: 'NCIC HOT FILES CONTINUING RESTRICTED SERVICE',
    handling: 'service-status',
    service: { hotFiles: 'restricted' },
  },
  {
    code: '6',
    title: 'NCIC LINE REOPENED - ALL NCIC FILES IN FULL SERVICE',
    handling: 'service-status',
    service: { hotFiles: 'full', iii: 'full' },
  },
  {
    code: '7',
    title: 'NCIC LINE REOPENED - ALL NCIC FILES IN RESTRICTED SERVICE',
    handling: 'service-status',
    service: { hotFiles: 'restricted', iii: 'restricted' },
  },
  { code: '8', title: 'NCIC OUT-OF-STATE NOTIFICATION', handling: 'alarm', note: 'Vehicle or plate data.' },
  { code: '10', title: 'NCIC FINGER PRINT MATCHER OUT OF SERVICE', handling: 'notice' },
  { code: '11', title: 'NCIC FINGER PRINT MATCHER IN FULL SERVICE', handling: 'notice' },
  { code: 'A', title: 'NCIC-LEDS ADMINISTRATIVE MESSAGE', handling: 'notice', note: 'III uses $.A.CHR. etc.' },
  { code: 'B', title: 'NCIC FILE-TRANSFER-READY NOTIFICATION', handling: 'notice' },
  { code: 'C', title: 'NCIC REQUEST FOR VALIDATION NOTIFICATION', handling: 'notice' },
  { code: 'D', title: 'NCIC ORIGINATING-AGENCY-DUPLICATE-VEHICLE NOTIFICATION', handling: 'notice' },
  { code: 'E', title: 'NCIC SERIOUS ERROR NOTIFICATION', handling: 'notice' },
  { code: 'F', title: 'NCIC FAILURE-TO-VALIDATE NOTIFICATION', handling: 'alarm' },
  { code: 'G', title: 'NCIC VGTOF REFERENCE-GROUP-OWNERSHIP NOTIFICATION', handling: 'notice' },
  { code: 'H', title: 'NCIC ORI AGENCY NOTIFICATION - DELAYED HIT SYSTEM', handling: 'alarm' },
  { code: 'I', title: 'NCIC IMAGE OWNERSHIP NOTIFICATION', handling: 'notice' },
  { code: 'J', title: 'NCIC EMANCIPATION NOTIFICATION', handling: 'notice' },
  {
    code: 'K',
    title: 'NCIC MISSING INFORMATION NOTIFICATION',
    handling: 'notice',
    note: 'Missing or unidentified person, 30 days after entry (NCJ138002).',
  },
  { code: 'L', title: 'NCIC LOCATE NOTIFICATION', handling: 'alarm', note: 'To the record owner.' },
  { code: 'M', title: 'NCIC UNIDENTIFIED/MISSING PERSON MATCH NOTIFICATION', handling: 'notice' },
  { code: 'N', title: 'NCIC UNIDENTIFIED/MISSING PERSON NO MATCH NOTIFICATION', handling: 'notice' },
  { code: 'O', title: 'NCIC CONVICTED PERSON ON SUPERVISED RELEASE NOTIFICATION', handling: 'notice' },
  { code: 'P', title: 'NCIC PURGE NOTIFICATION', handling: 'notice' },
  { code: 'Q', title: 'NCIC SEXUAL OFFENDER NOTIFICATION', handling: 'notice' },
  { code: 'R', title: 'NCIC TRANSMIT BENEFITS DATA NOTIFICATION', handling: 'notice' },
  { code: 'S', title: 'NCIC STATISTICS MODE NOTIFICATION', handling: 'notice' },
  { code: 'U', title: 'NCIC III FILE OUT OF SERVICE', handling: 'service-status', service: { iii: 'out' } },
  { code: 'V', title: 'NCIC III FILE IN FULL SERVICE', handling: 'service-status', service: { iii: 'full' } },
  {
    code: 'W',
    title: 'NCIC III FILE IN RESTRICTED SERVICE',
    handling: 'service-status',
    service: { iii: 'restricted' },
  },
  {
    code: 'X',
    title: 'NCIC III FILE CONTINUING RESTRICTED SERVICE',
    handling: 'service-status',
    service: { iii: 'restricted' },
  },
  {
    code: 'Y',
    title: 'NCIC LINE REOPENED - NCIC III FULL SERVICE - HOT FILES RESTRICTED',
    handling: 'service-status',
    service: { iii: 'full', hotFiles: 'restricted' },
  },
  {
    code: 'Z',
    title: 'NCIC LINE REOPENED - NCIC III RESTRICTED - HOT FILES IN FULL SERVICE',
    handling: 'service-status',
    service: { iii: 'restricted', hotFiles: 'full' },
  },
  { code: 'NICS', title: 'NICS SERVICE UP-DOWN NOTIFICATION', handling: 'service-status' },
];

const byCode: ReadonlyMap<string, NoticeRow> = new Map(notices.map((row) => [row.code, row]));

/** The code of the notice a line begins, such as the H of `$.H.`, known or not; undefined when it begins none. */
export function noticeCodeAt(line: string): string | undefined {
  const found = /^ *\$(?:\. ?([A-Z0-9]{1,4})|([A-Z0-9]{1,4}))(?![A-Z0-9])/.exec(line);
  if (found === null) return undefined;
  // Without the period only the switch operators' manual versions are notices.
  return found[1] ?? (byCode.has(found[2] ?? '') ? found[2] : undefined);
}

/** The row of a notice by its code, or undefined when no table has it. */
export function noticeOf(code: string): NoticeRow | undefined {
  return byCode.get(code);
}
