/** Everything the status line says, made of what the gateway knows now. */
import type { PersonView, StatusView } from '../../console/contract.ts';
import type { SchedulerHealth } from '../deadlines/scheduler.ts';
import type { Parts } from '../parts.ts';
import type { ConsoleSession } from './console-door.ts';

/** What the gateway's other rooms say of themselves. */
export interface StatusFacts {
  readonly sessions: readonly ConsoleSession[];
  readonly upstream: StatusView['upstream'];
  readonly scheduler: SchedulerHealth;
  readonly isLedgerFailing: boolean;
  readonly areClocksLate: boolean;
  readonly steppedMs: number;
  /** One sentence for each raw trace that runs. */
  readonly rawTraces: readonly string[];
}

/** Who is there: the operator at the COJ, and how many others could approve. */
export interface Present {
  readonly operator: string | null;
  readonly approvers: number;
}

/** Who is there now, of these accounts. */
export function whoIsPresent(
  { config }: Pick<Parts, 'config'>,
  accounts: readonly PersonView[],
  sessions: readonly ConsoleSession[],
): Present {
  const coj = config.consoles.find((one) => one.coj)?.id;
  const there = sessions.find((one) => one.consoleId === coj && one.person?.roles.includes('operator') === true);
  const operator = there?.person?.osn ?? null;
  const supervisors = accounts.filter((one) => one.roles.includes('supervisor') && one.osn !== operator);
  return { operator, approvers: supervisors.length };
}

/** The status as this console sees it. */
export function statusFor(parts: Parts, consoleId: string, now: { facts: StatusFacts; present: Present }): StatusView {
  const { config, clock, counts } = parts;
  const { facts, present } = now;
  return {
    agency: config.agency.name,
    ori: config.agency.ori,
    consoleId,
    isCoj: config.consoles.some((one) => one.coj && one.id === consoleId),
    practice: config.practice,
    nowMs: Math.floor(clock.wallMs()),
    upstream: facts.upstream,
    scheduler: { kind: facts.scheduler.kind, ok: facts.scheduler.ok, text: facts.scheduler.text },
    operator: present.operator,
    approverPresent: present.approvers > 0,
    heldCount: counts.of('message', 'HELD'),
    openCaseCount: counts.of('case', 'open'),
    openAlarmCount: counts.of('alarm', 'RAISED'),
    notices: noticesOf(parts, facts, present),
  };
}

function noticesOf({ config, room, certificates }: Parts, facts: StatusFacts, present: Present): string[] {
  const notices: string[] = [];
  if (facts.isLedgerFailing) notices.push('LEDGER FAILED - nothing is taken and nothing is sent');
  if (room.verdict === 'reserve') notices.push('LEDGER FULL - only YQ, YR and messages of open cases are taken');
  if (room.verdict === 'low') notices.push('THE DISK OF THE LEDGER IS NEARLY FULL');
  if (present.operator === null) notices.push('NO OPERATOR');
  if (present.approvers === 0) notices.push('NO APPROVER');
  if (certificates.failing.size > 0) notices.push('NEW CERTIFICATES CANNOT BE USED - those before stay in use');
  notices.push(...facts.rawTraces);
  if (facts.areClocksLate) notices.push('CLOCKS ARE LATE - the ledger cannot be asked');
  if (facts.steppedMs !== 0) notices.push('THE CLOCK OF THIS MACHINE STEPPED');
  if (config.clocks.shortenedNotice !== undefined) notices.push(config.clocks.shortenedNotice);
  if (config.practiceNotice !== undefined) notices.push(config.practiceNotice);
  return notices;
}
