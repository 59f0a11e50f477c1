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

const contradiction =
  /\b(?:NOT CONFIRM|NOT VALID|NOT ACTIVE|NOT WANTED|NO LONGER|CANCEL|CLEARED|RECALLED|QUASHED|DO NOT|WILL NOT|UNABLE TO|NO EXTRADITION|NOT EXTRADIT)/;
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
  const remarks = (message.fields['REM'] ?? []).join(' ').toUpperCase();
  if (proposed === 'confirmed' && contradiction.test(remarks)) {
    return {
      proposed: 'unclear',
      why: `CON/${letter}, but the remarks hold words that may contradict it.`,
      provenance,
    };
  }
  const hours = hoursOf(message);
  if (proposed === 'in-process' && hours !== undefined) {
    return { proposed: 'time-named', hours, why: `CON/${letter} with HTC.`, provenance };
  }
  return { proposed, why: `CON/${letter}.`, provenance };
}
