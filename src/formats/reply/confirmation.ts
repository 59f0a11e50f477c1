/**
 * What a YR says. The field CON and its letters are recalled, not published; so a class is only proposed, and a person
 * accepts it, unless a State's profile brings a map it marks verified.
 */
import type { Message, Provenance } from '../message.ts';

/** The classes of a hit confirmation response (DESIGN.md, section 4). */
export type ConfirmationProposal =
  | 'confirmed'
  | 'not-confirmed'
  | 'time-named'
  | 'in-process'
  | 'valid-extradition-open'
  | 'unclear';

/** What the reader proposes, and why. `hours` only when a time was named. */
export interface Confirmation {
  readonly proposed: ConfirmationProposal;
  readonly hours?: number;
  readonly why: string;
  readonly provenance: Provenance;
}

/** Letters of CON and what they mean. */
export interface ConfirmationMap {
  readonly letters: Readonly<Record<string, ConfirmationProposal>>;
  readonly provenance: Provenance;
}

/** The recalled map: Y, N, I, E, with V and P taken as in process (two recollections disagree). */
export const recalledConfirmationMap: ConfirmationMap = {
  letters: {
    Y: 'confirmed',
    N: 'not-confirmed',
    I: 'in-process',
    V: 'in-process',
    P: 'in-process',
    E: 'valid-extradition-open',
  },
  provenance: 'recalled',
};

/** Words in the remarks that may say that the record does not stand. */
const denial = new RegExp(
  [
    '\\bNOT (?:YET |BEEN |BE |IN |AN? |THE |CURRENTLY )*(?:CONFIRM|VALID|ACTIVE|WANTED|OUTSTANDING|STOLEN|MISSING|FOUND|LOCATED|ON FILE|OUR)',
    '\\b(?:NO LONGER|UNCONFIRMED|DISREGARD|NO (?:ACTIVE |SUCH |VALID )?(?:WARRANT|RECORD|WANT))\\b',
    '\\b(?:CANCEL|CLEARED|RECALLED|QUASHED|WITHDRAWN|VACATED|DISMISSED|SERVED|EXPIRED|RECOVERED)',
  ].join('|'),
);
/** Words that may take a confirmation back in part, or say that it is still to come. */
const reservation = new RegExp(
  [
    '\\b(?:DO NOT|DON.?T|WILL NOT|WON.?T|CAN ?NOT|CAN.?T|UNABLE|NOT EXTRADIT|NO EXTRADITION|NO HOLD|RELEASE (?:SUBJECT|HIM|HER|THEM))',
    '\\b(?:PENDING|STILL (?:CHECKING|LOOKING|PULLING|WORKING)|CHECKING|STAND ?BY|WILL (?:ADVISE|CONFIRM|CALL|NOTIFY)|IN PRO(?:CESS|GRESS)|MORE TIME)\\b',
  ].join('|'),
);
/** Words that may say that the record does stand, or is still looked for. */
const assertion =
  /(?<!\bNOT |\bNOT BEEN |\bNOT YET |\bNOT BE )\b(?:CONFIRMED|IS VALID|STILL (?:VALID|ACTIVE|WANTED|STOLEN|MISSING)|PLACE (?:A )?HOLD|WILL EXTRADITE|HOLD (?:SUBJECT|FOR US))\b|\b(?:PENDING|CHECKING|STAND ?BY|WILL ADVISE|IN PRO(?:CESS|GRESS)|MORE TIME)\b/;

/** What makes each class doubtful where it stands in the remarks; a doubtful answer stops no clock. */
const doubts: Partial<Record<ConfirmationProposal, readonly RegExp[]>> = {
  confirmed: [denial, reservation],
  'valid-extradition-open': [denial],
  'not-confirmed': [assertion],
};

const hoursMax = 999;

function hoursOf(message: Message): number | undefined {
  const value = message.fields['HTC']?.[0]?.trim() ?? '';
  if (!/^[0-9]{1,3}(?:\.[0-9]{1,2})?$/.test(value)) return undefined;
  const hours = Number(value);
  return hours > 0 && hours <= hoursMax ? hours : undefined;
}

/** Proposes the class of a YR from CON, HTC and REM. Anything doubtful is `unclear`, and then the clock runs on. */
export function classifyConfirmation(message: Message, map: ConfirmationMap = recalledConfirmationMap): Confirmation {
  const { provenance } = map;
  const values = message.fields['CON'] ?? [];
  const letter = values[0]?.trim().toUpperCase();
  if (message.key !== 'YR' && message.key !== 'FYR') return { proposed: 'unclear', why: 'It is not a YR.', provenance };
  if (letter === undefined) return { proposed: 'unclear', why: 'CON is absent.', provenance };
  if (values.length > 1) return { proposed: 'unclear', why: 'CON stands more than once.', provenance };
  const proposed = Object.hasOwn(map.letters, letter) ? map.letters[letter] : undefined;
  if (proposed === undefined)
    return { proposed: 'unclear', why: 'CON holds a letter that is not in the map.', provenance };
  const remarks = (message.fields['REM'] ?? []).join(' ').toUpperCase().replace(/\s+/g, ' ');
  if (doubts[proposed]?.some((words) => words.test(remarks))) {
    return {
      proposed: 'unclear',
      why: `CON/${letter}, but the remarks hold words that may contradict it.`,
      provenance,
    };
  }
  const hours = hoursOf(message);
  // Hours are named only while an answer is not final (recalled).
  if (hours !== undefined && (proposed === 'confirmed' || proposed === 'not-confirmed')) {
    return { proposed: 'unclear', why: `CON/${letter}, but HTC names hours until it is confirmed.`, provenance };
  }
  if (proposed === 'in-process' && hours !== undefined) {
    return { proposed: 'time-named', hours, why: `CON/${letter} with HTC.`, provenance };
  }
  return { proposed, why: `CON/${letter}.`, provenance };
}
