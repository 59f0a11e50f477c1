import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Makes ids that sort by time and never repeat: `prefix-` + time in base 36 + `-` + counter and chance. No colon, ever. */
export interface Ids {
  next(prefix: string): string;
}

/** Ids from the clock and the machine's chance. */
export function makeIds(clock: Clock): Ids {
  let counter = 0;
  return {
    next(prefix) {
      counter = (counter + 1) % 1296;
      const time = Math.max(0, Math.floor(clock.wallMs())).toString(36).padStart(9, '0');
      const chance = randomBytes(3).readUIntBE(0, 3).toString(36).padStart(5, '0');
      return `${prefix}-${time}-${counter.toString(36).padStart(2, '0')}${chance}`;
    },
  };
}
