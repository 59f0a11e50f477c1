/** A YR stops a clock only when nothing in it speaks against its letter (nlets.md, section 3.4; law 9). */
import { describe, expect, test } from 'vitest';
import { classifyConfirmation } from '../../../src/formats/language.ts';
import type { Message } from '../../../src/formats/message.ts';

/** Letters as a State might have verified them, so that a class would stop a clock with nobody asked. */
const verified = {
  letters: { Y: 'confirmed', N: 'not-confirmed', E: 'valid-extradition-open', I: 'in-process' },
  provenance: 'verified',
} as const;

function classOf(fields: Message['fields']): string {
  const message = { line: 'nlets', key: 'YR', ori: 'WY0990200', destinations: ['CO0990100'], fields } as const;
  return classifyConfirmation(message, verified).proposed;
}

describe('confirmed', () => {
  test.each([
    'STILL CHECKING',
    'STANDBY',
    'WILL ADVISE',
    'PENDING REVIEW OF FILE',
    'WARRANT NOT YET CONFIRMED',
    'NOT VALID',
    'NO SUCH WARRANT',
    'WARRANT WAS SERVED LAST WEEK',
    'RECALLED BY THE COURT',
    'RECOVERED BY OWNER',
    'WE DON’T EXTRADITE',
    'RELEASE SUBJECT',
    'DISREGARD',
  ])('is doubtful with the remark %s', (remark) => {
    expect(classOf({ CON: ['Y'], REM: [remark] })).toBe('unclear');
  });

  test.each(['WILL EXTRADITE', 'WARRANT IS ACTIVE AND OUTSTANDING', 'HOLD FOR PICK UP', 'CALL IF QUESTIONS'])(
    'stays so with the remark %s',
    (remark) => {
      expect(classOf({ CON: ['Y'], REM: [remark] })).toBe('confirmed');
    },
  );

  test('is doubtful with hours until it is confirmed, which are named only while an answer is not final', () => {
    expect(classOf({ CON: ['Y'], HTC: ['2'] })).toBe('unclear');
    expect(classOf({ CON: ['N'], HTC: ['2'] })).toBe('unclear');
    expect(classOf({ CON: ['Y'], HTC: ['0'] })).toBe('confirmed');
  });
});

describe('not confirmed', () => {
  test.each(['RECORD IS CONFIRMED', 'STILL WANTED', 'PLACE A HOLD', 'STAND BY', 'WILL ADVISE'])(
    'is doubtful with the remark %s',
    (remark) => {
      expect(classOf({ CON: ['N'], REM: [remark] })).toBe('unclear');
    },
  );

  test.each(['NOT CONFIRMED', 'WARRANT CLEARED', 'NO LONGER WANTED', 'UNABLE TO CONFIRM'])(
    'stays so with the remark %s',
    (remark) => {
      expect(classOf({ CON: ['N'], REM: [remark] })).toBe('not-confirmed');
    },
  );
});

test('a record said to be valid is doubtful where the remarks say that it is not', () => {
  expect(classOf({ CON: ['E'], REM: ['EXTRADITION NOT DECIDED, PENDING'] })).toBe('valid-extradition-open');
  expect(classOf({ CON: ['E'], REM: ['WARRANT NOT VALID'] })).toBe('unclear');
});
