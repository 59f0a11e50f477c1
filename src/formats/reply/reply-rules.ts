/**
 * The wording by which replies are read, as versioned data. A recalled rule alone never yields NO RECORD without saying so;
 * a State or practice profile lays its own rules in front, with its own provenance.
 */
import type { Provenance, Reply } from '../message.ts';

/** One rule of wording. */
export interface ReplyRule {
  readonly name: string;
  readonly kind: 'no-record' | 'banner' | 'acknowledgement' | 'reject';
  /** The words a line begins with; those of a banner may wrap over lines. */
  readonly starts: string;
  /** What may follow them on the line: nothing, runs of `MFC/value`, a stamp of numbers, times, dates and ORIs, a switch's count of a message, or anything. */
  readonly rest: 'nothing' | 'fields' | 'stamp' | 'count' | 'anything';
  /** Who answers, when the wording shows it. */
  readonly from?: NonNullable<Reply['source']>;
  readonly provenance: Provenance;
  readonly source: string;
}

/** The version of the rules below; it goes up with every change of them. */
export const replyRulesVersion = 3;

const recalled = { provenance: 'recalled', source: 'recalled' } as const;

/** The rules every profile starts from. */
export const baseReplyRules: readonly ReplyRule[] = [
  { name: 'no-ncic-want', kind: 'no-record', starts: 'NO NCIC WANT', rest: 'fields', from: 'NCIC', ...recalled },
  { name: 'no-ncic-record', kind: 'no-record', starts: 'NO NCIC RECORD', rest: 'fields', from: 'NCIC', ...recalled },
  { name: 'no-record', kind: 'no-record', starts: 'NO RECORD', rest: 'fields', ...recalled },
  {
    name: 'not-on-file',
    kind: 'no-record',
    starts: 'NOT ON FILE',
    rest: 'nothing',
    provenance: 'verified',
    source: 'NLETS N22',
  },
  {
    name: 'qw-scope',
    kind: 'banner',
    starts:
      "***MESSAGE KEY QW SEARCHES WANTED PERSON FILE FELONY RECORDS REGARDLESS OF EXTRADITION AND MISDEMEANOR RECORDS INDICATING POSSIBLE INTERSTATE EXTRADITION FROM THE INQUIRING AGENCY'S LOCATION. ALL OTHER NCIC PERSONS FILES ARE SEARCHED WITHOUT LIMITATIONS.",
    rest: 'nothing',
    ...recalled,
  },
  {
    name: 'message-from-ncic',
    kind: 'banner',
    starts: 'MESSAGE FROM NCIC',
    rest: 'nothing',
    from: 'NCIC',
    provenance: 'state',
    source: 'MJIC',
  },
  // The two lines a switch may put under a reply: its own reference, and what it counted to the station.
  { name: 'switch-reference', kind: 'banner', starts: 'MRI', rest: 'count', provenance: 'verified', source: 'DM 7.5' },
  { name: 'switch-count', kind: 'banner', starts: 'OUT:', rest: 'count', provenance: 'verified', source: 'DM 7.5' },
  { name: 'entry-accepted', kind: 'acknowledgement', starts: 'NIC/', rest: 'fields', ...recalled },
  { name: 'modify-accepted', kind: 'acknowledgement', starts: 'MODIFY NIC/', rest: 'fields', ...recalled },
  { name: 'cancel-accepted', kind: 'acknowledgement', starts: 'CANCEL NIC/', rest: 'fields', ...recalled },
  { name: 'locate-accepted', kind: 'acknowledgement', starts: 'LOCATE NIC/', rest: 'fields', ...recalled },
  { name: 'clear-accepted', kind: 'acknowledgement', starts: 'CLEAR NIC/', rest: 'fields', ...recalled },
  { name: 'supplement-accepted', kind: 'acknowledgement', starts: 'SUPP NIC/', rest: 'fields', ...recalled },
  { name: 'reject', kind: 'reject', starts: 'REJ', rest: 'anything', ...recalled },
];
