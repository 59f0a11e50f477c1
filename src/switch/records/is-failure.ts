import { HitlineError } from '../../faults/fault.ts';

/** True when the world failed and the same may go well later; a rule that says no says it again. */
export function isFailure(error: unknown): boolean {
  return error instanceof HitlineError && (error.code === 'LEDGER_FAILED' || error.code === 'CONFLICT');
}
