/** How a broken rule becomes a fault or a warning: recalled rules only warn, and every note names its provenance. */
import { type Fault, type FaultCode, makeFault } from '../../faults/fault.ts';
import type { Provenance } from '../message.ts';
import { withRule } from './structure-rules.ts';

/** Most faults or warnings one text can get; a text with more is not a message. */
export const notesCountMax = 100;

/** Where faults and warnings are collected, all at once. */
export interface Report {
  readonly faults: Fault[];
  readonly warnings: Fault[];
}

/** An empty report. */
export function newReport(): Report {
  return { faults: [], warnings: [] };
}

/** Where a note belongs and what more there is to say. */
export interface Where {
  readonly field?: string | undefined;
  /** In characters of the original text; left out when building. */
  readonly offset?: number | undefined;
  readonly detail?: string | undefined;
}

function push(list: Fault[], code: FaultCode, where: Where): void {
  if (list.length < notesCountMax - 1) list.push(makeFault(code, { ...where, detail: withRule(code, where.detail) }));
  else if (list.length === notesCountMax - 1) {
    list.push(makeFault('FAULTS_TOO_MANY', { detail: withRule('FAULTS_TOO_MANY', undefined) }));
  }
}

/** Adds a fault of the structure itself: what follows cannot be read, whoever's rule it is. */
export function addFault(report: Report, code: FaultCode, where: Where = {}): void {
  push(report.faults, code, where);
}

/** Adds a warning. */
export function addWarning(report: Report, code: FaultCode, where: Where = {}): void {
  push(report.warnings, code, where);
}

/** Adds what a rule with provenance has to say: a fault when it is verified or a State's, a warning when recalled. */
export function addByRule(
  report: Report,
  code: FaultCode,
  rule: {
    provenance: Provenance;
    source?: string | undefined;
    field?: string;
    offset?: number | undefined;
    says?: string;
  },
): void {
  const origin = rule.source === undefined || rule.source === rule.provenance ? '' : `: ${rule.source}`;
  const says = rule.says === undefined ? '' : `${rule.says} `;
  const where = { field: rule.field, offset: rule.offset, detail: `${says}(Rule ${rule.provenance}${origin}.)` };
  push(rule.provenance === 'recalled' ? report.warnings : report.faults, code, where);
}
