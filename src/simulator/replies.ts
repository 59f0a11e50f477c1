/**
 * Every sentence the simulated switch speaks, in one place. The layouts follow what is published (a hit: `MKE/`, runs of
 * `MFC/value`, `ORI IS`, `NIC/ DTE/ DLU/`, a closing line); the wording of no-record, acknowledgement and reject lines
 * is recalled, so a State profile may call it verified for practice and for practice only.
 */

export const hitWords = {
  wantedCaveat: [
    '***WARNING - THE FOLLOWING IS AN NCIC RECORD. CONFIRM IT WITH THE ENTERING',
    'AGENCY BEFORE ANYTHING IS DONE ON IT.',
  ],
  informationCaveat: [
    '***WARNING - THIS RECORD ALONE IS NO CAUSE FOR ARREST OR DETENTION.',
    'CONTACT THE ENTERING AGENCY FOR FURTHER INFORMATION.***',
  ],
  caution: ' - CAUTION',
  located: 'LOCATED ',
  closing: {
    person: 'IMMED CONFIRM WARRANT AND EXTRADITION WITH ORI',
    property: 'IMMED CONFIRM RECORD WITH ORI',
    information: 'IMMED CONFIRM RECORD WITH ORI',
  },
} as const;

/** The first letters of an acknowledgement, by what was done; an entry has none. */
export const acknowledgementWords = {
  enter: '',
  modify: 'MODIFY ',
  cancel: 'CANCEL ',
  clear: 'CLEAR ',
  locate: 'LOCATE ',
  supplement: 'SUPP ',
  cancelSupplement: 'CANCEL SUPP ',
  detain: 'DETAINER ',
  modifyDetainer: 'MODIFY DETAINER ',
  cancelDetainer: 'CANCEL DETAINER ',
} as const;

/** Why a change was rejected. The word after `REJ - ` names the cause. */
export const rejectWords = {
  'on-file': 'REJ - ON FILE',
  'not-on-file': 'REJ - NOT ON FILE',
  full: 'REJ - FILE FULL',
  'not-owner': 'REJ - NOT AUTHORIZED',
  'already-located': 'REJ - ALREADY LOCATED',
  'already-cleared': 'REJ - ALREADY CLEARED',
  'already-canceled': 'REJ - ALREADY CANCELED',
  'supplement-on-file': 'REJ - SUPPLEMENT ON FILE',
  'supplement-not-on-file': 'REJ - SUPPLEMENT NOT ON FILE',
  'not-located': 'REJ - NOT LOCATED',
  'detainer-on-file': 'REJ - DETAINER ON FILE',
  'detainer-not-on-file': 'REJ - DETAINER NOT ON FILE',
  field: 'REJ - FIELD ERROR',
  key: 'REJ - MKE ERROR',
  header: 'REJ - HEADER ERROR',
} as const;

export const noRecordWords = {
  person: 'NO NCIC WANT',
  property: 'NO RECORD',
  history: 'NO RECORD',
} as const;

/** EXL code to the words of its line in a hit; the code list is in ncic.md section 4. */
export const extraditionWords: Readonly<Record<string, string>> = {
  '1': 'FULL EXTRADITION',
  '2': 'LIMITED EXTRADITION SEE MIS FIELD',
  '3': 'EXTRADITION - SURROUNDING STATES ONLY',
  '4': 'NO EXTRADITION - IN-STATE PICK-UP ONLY. SEE MIS FIELD FOR LIMITS',
  '5': 'EXTRADITION ARRANGEMENTS PENDING SEE MIS FIELD',
  '6': 'PENDING EXTRADITION DETERMINATION',
};

/** Nlets error texts by number (nlets.md 5.1). */
export const errorWords = {
  '01': 'INVALID HEADER INFORMATION',
  '02': 'MESSAGE TYPE NOT ALLOWED TO DESTINATION',
  '03': 'TXT NOT FOUND OR IMPROPERLY FORMED XML',
  '05': 'DOB INVALID OR MISSING',
  '22': 'INVALID MESSAGE FORMAT - REFER TO {KEY} MKE OPTIONS BELOW',
} as const;
export type ErrorNumber = keyof typeof errorWords;

/** Nlets status texts by number (nlets.md 5.2). */
export const statusWords = {
  '01': 'USER DOES NOT RESPOND TO MSG TYPE, NLETS WILL NOT FORWARD',
  '02': 'USER OUT OF SERVICE FOR MSG TYPE, NLETS WILL FORWARD',
  '04': 'USER OUT OF SERVICE FOR MSG TYPE, NLETS WILL NOT FORWARD',
} as const;
export type StatusNumber = keyof typeof statusWords;

/** What a scripted agency writes into REM, by what its YR says. */
export const confirmationWords = {
  confirm: 'WARRANT ON HAND, OUTSTANDING. WILL EXTRADITE',
  deny: 'NOT OUTSTANDING. DO NOT HOLD ON OUR RECORD',
  'time-named': 'FILE IS AT THE COURT. WILL ADVISE WITHIN THE TIME NAMED',
  'in-process': 'CHECKING THE FILE',
  'extradition-open': 'WARRANT VALID. EXTRADITION NOT YET DECIDED',
} as const;

/** The State's own banner and sentences: openly fictional, since no Colorado layout is public. */
export const stateWords = {
  banner: 'MESSAGE FROM PRACTICE STATE FILES',
  noRecord: 'NO STATE RECORD',
  notOnFile: 'NOT ON FILE',
} as const;

export const historyWords = {
  index: 'THIS NCIC INTERSTATE IDENTIFICATION INDEX RESPONSE IS THE RESULT OF YOUR INQUIRY ON',
  indexEnd: 'END OF INDEX RESPONSE',
  sheet: 'THIS INTERSTATE IDENTIFICATION INDEX RECORD IS THE RESULT OF YOUR RECORD REQUEST FOR',
  sheetEnd: 'END OF RECORD',
  deliverySoon: 'THE RECORD CAN BE REQUESTED WITH QR BY FBI NUMBER',
} as const;

/** `$.` notices the switch writes by itself (ncic.md 6.5 for the codes). */
export const noticeWords = {
  purged: '$.P. PURGE NOTIFICATION. YOUR RECORD WAS REMOVED BECAUSE ITS TIME ON FILE IS OVER',
  located: '$.L. LOCATE NOTIFICATION. YOUR RECORD WAS LOCATED BY',
  delayedOwner: '$.H. DELAYED INQUIRY NOTIFICATION. AN INQUIRY BEFORE YOUR ENTRY MATCHES YOUR RECORD. INQUIRER',
  delayedInquirer: '$.H. DELAYED INQUIRY NOTIFICATION. A RECORD ENTERED AFTER YOUR INQUIRY MATCHES IT. ENTERED BY',
} as const;
