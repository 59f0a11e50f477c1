/**
 * What belongs to practice and must never meet a live system (DESIGN.md, law 10): the synthetic agencies' ORIs and the
 * accounts whose OSN begins with PRAC.
 */

const practiceOri = /^(CO|WY|DC)099[0-9A-Z]{4}$/;
const practiceOsn = /^PRAC/i;

/** Tells whether an ORI is one of the synthetic set: CO099…, WY099… or DC099… of nine characters. */
export function isPracticeOri(ori: string): boolean {
  return practiceOri.test(ori.toUpperCase());
}

/** Tells whether an operator security number belongs to a practice account. */
export function isPracticeOsn(osn: string): boolean {
  return practiceOsn.test(osn);
}
