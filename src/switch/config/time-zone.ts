/** The time zone of an agency: a name of the IANA table that this machine knows. */
import { z } from 'zod';

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

// An offset such as +01:00 is taken by the machine too, but knows no summer time.
export const timeZoneName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z]/, 'A time zone is a name such as America/Denver.')
  .refine(isTimeZone, 'This time zone is not known.')
  .describe(
    'Time zone whose day is today when dates are checked (IANA name, such as America/Denver). UTC unless given: then a date of tomorrow passes in the evening.',
  );
