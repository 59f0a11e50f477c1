import type { Check } from './check.ts';
import { frameChecks } from './frame-checks.ts';
import { profileChecks } from './profile-checks.ts';
import { sessionChecks } from './session-checks.ts';

/** What a switch or gateway must do, one check a rule, in the order of a report. */
export const checks: readonly Check[] = [...sessionChecks, ...frameChecks, ...profileChecks];
