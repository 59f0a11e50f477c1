/** The check digit of a 17-character vehicle identification number (49 CFR 565). It warns and never refuses. */

const letterValues: Readonly<Record<string, number>> = {
  A: 1,
  B: 2,
  C: 3,
  D: 4,
  E: 5,
  F: 6,
  G: 7,
  H: 8,
  J: 1,
  K: 2,
  L: 3,
  M: 4,
  N: 5,
  P: 7,
  R: 9,
  S: 2,
  T: 3,
  U: 4,
  V: 5,
  W: 6,
  X: 7,
  Y: 8,
  Z: 9,
};
const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** True when the check digit agrees, or when the number is of another length and has none. */
export function vinCheckAgrees(vin: string): boolean {
  if (vin.length !== 17) return true;
  let sum = 0;
  for (let at = 0; at < 17; at += 1) {
    const letter = vin.charAt(at);
    const digit = letter.charCodeAt(0) - 48;
    const value = digit >= 0 && digit <= 9 ? digit : letterValues[letter];
    if (value === undefined) return false;
    sum += value * (weights[at] ?? 0);
  }
  const check = sum % 11;
  return vin.charAt(8) === (check === 10 ? 'X' : String(check));
}
