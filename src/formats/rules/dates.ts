/** Calendar dates as text. No clock: only whether a date can be, and which of two comes first. */

const daysIn = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function number(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function dayExists(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > (daysIn[month - 1] ?? 0)) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** True for CCYYMMDD with century 19 or 20 and a day that exists (FBI house style: EFTS appendix C). */
export function isDate8(text: string): boolean {
  if (text.length !== 8) return false;
  const year = number(text, 0, 4);
  return year >= 1900 && year <= 2099 && dayExists(year, number(text, 4, 6), number(text, 6, 8));
}

/** True for the mmddyy that Nlets text also takes (NLETS N7, N13). Its century is not known: the day must exist in one of the two. */
export function isDate6(text: string): boolean {
  if (text.length !== 6) return false;
  const [year, month, day] = [number(text, 4, 6), number(text, 0, 2), number(text, 2, 4)];
  return year >= 0 && (dayExists(1900 + year, month, day) || dayExists(2000 + year, month, day));
}

/**
 * The day of a moment as CCYYMMDD, in UTC unless a time zone (IANA name) is given. That of UTC is never behind the day of any place in
 * the States but Guam and the Marianas, so that no date of today is taken for one of tomorrow there.
 */
export function dayOf(wallMs: number, timeZone?: string): string {
  if (timeZone === undefined) return new Date(wallMs).toISOString().slice(0, 10).replaceAll('-', '');
  const form = {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  } as const;
  const parts = new Intl.DateTimeFormat('en-US', form).formatToParts(wallMs);
  return (['year', 'month', 'day'] as const)
    .map((type) => parts.find((one) => one.type === type)?.value ?? '')
    .join('');
}
