/**
 * What can be wrong, said in one shape everywhere: a code from the table, where it is, and a sentence a person understands.
 * A fault never carries a value that a peer or person sent.
 */
export interface Fault {
  /** A code of the fault table; codes are never reused. */
  readonly code: FaultCode;
  /** The field code the fault is about, such as `DOB`. */
  readonly field?: string;
  /** Where it begins, in characters of the text (or bytes of the frame), counted from 0. */
  readonly offset?: number;
  /** One sentence for the person who must mend it. */
  readonly text: string;
}

/** A Fault that does not stop the message: a recalled rule, or something odd but allowed. */
export type Warning = Fault;

import { cliFaults } from './cli-faults.ts';
import { consoleFaults } from './console-faults.ts';
import { formatFaults } from './format-faults.ts';
import { simulatorFaults } from './simulator-faults.ts';
import { switchFaults } from './switch-faults.ts';
import { wireFaults } from './wire-faults.ts';

/** Every code hitline can report, with its text. docs/errors.md is made from it. */
export const faultTable = {
  ...formatFaults,
  ...wireFaults,
  ...switchFaults,
  ...consoleFaults,
  ...simulatorFaults,
  ...cliFaults,
} as const;

/** A code of the fault table. */
export type FaultCode = keyof typeof faultTable;

/**
 * Makes a Fault. The text is the table's sentence, followed by `detail` when the rule has more to say;
 * `detail` names rules, sizes and sources, never a value that was sent.
 */
export function makeFault(
  code: FaultCode,
  where: { field?: string | undefined; offset?: number | undefined; detail?: string | undefined } = {},
): Fault {
  const text = where.detail === undefined ? faultTable[code].text : `${faultTable[code].text} ${where.detail}`;
  return {
    code,
    ...(where.field === undefined ? {} : { field: where.field }),
    ...(where.offset === undefined ? {} : { offset: where.offset }),
    text,
  };
}

/** An error to throw when the world failed or a rule refused, carrying a code and never a value. */
export class HitlineError extends Error {
  readonly code: FaultCode;
  readonly faults: readonly Fault[];
  constructor(code: FaultCode, options: { detail?: string; faults?: readonly Fault[]; cause?: unknown } = {}) {
    super(
      makeFault(code, { detail: options.detail }).text,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = 'HitlineError';
    this.code = code;
    this.faults = options.faults ?? [];
  }
}
