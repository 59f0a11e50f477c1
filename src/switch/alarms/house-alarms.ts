/**
 * Alarms about the gateway itself: its line, its clock, its people, its ledger. One alarm for each beginning of a trouble; a
 * line that comes and goes all the time is told once a minute.
 */
import type { AlarmView } from '../../console/contract.ts';
import type { Parts } from '../parts.ts';
import { type AlarmCode, alarmTable, raise } from './alarm.ts';

export interface HouseAlarms {
  upstreamIs(state: 'up' | 'connecting' | 'down'): void;
  /** The wall stepped: that is an event and an alarm, and moves no deadline. */
  clockStepped(stepMs: number): void;
  /** Who is there now: the operator at the COJ, and how many could approve. */
  present(now: { readonly operator: string | null; readonly approvers: number }): void;
  /** The ledger could not keep something; it is asked again until it can, and then the alarm is filed too. */
  ledgerFailed(): void;
  /** The ledger kept something. */
  ledgerKept(): void;
  readonly isLedgerFailing: boolean;
  close(): void;
}

const sameAgainMs = 60_000;
const probeMs = 1_000;
const trustedAfterMs = 2_000;

/** Makes them. `show` puts an alarm on every screen that the ledger cannot keep now. */
export function makeHouseAlarms(
  parts: Parts,
  ports: { show(alarm: AlarmView): void; background(work: Promise<unknown>): void },
): HouseAlarms {
  const raisedAtMs = new Map<AlarmCode, number>();
  let wasUp = false;
  let before: { operator: string | null; approvers: number } | undefined;
  let failing = false;
  let failedAtMs = 0;
  let closed = false;
  let stopProbe = (): void => undefined;

  const raiseNow = (code: AlarmCode): Promise<void> =>
    parts.change((change) => raise(change, code, { alarmId: parts.ids.next('a') }));
  const raiseOnce = (code: AlarmCode): void => {
    const nowMs = parts.clock.monoMs();
    const lastMs = raisedAtMs.get(code);
    if (closed || (lastMs !== undefined && nowMs - lastMs < sameAgainMs)) return;
    raisedAtMs.set(code, nowMs);
    ports.background(raiseNow(code));
  };
  /** Asks the ledger to keep something small, each second for as long as it is not trusted. */
  const probe = (): void => {
    stopProbe = parts.clock.after(probeMs, () => {
      if (closed || !failing) return;
      const asked = parts.change(async (change) => {
        const id = parts.ids.next('s');
        change.file({ stream: 'system', id, type: 'LEDGER_ASKED', actor: 'system', data: {} });
      });
      asked
        .catch(() => undefined)
        .finally(() => {
          if (!closed && failing) probe();
        });
    });
  };

  return {
    upstreamIs(state) {
      if (state === 'down' && wasUp) raiseOnce('UPSTREAM_DOWN');
      wasUp = state === 'up' || (wasUp && state !== 'down');
    },
    clockStepped(stepMs) {
      if (closed) return;
      ports.background(
        parts.change(async (change) => {
          const data = { ms: Math.round(stepMs) };
          change.file({ stream: 'system', id: parts.ids.next('s'), type: 'CLOCK_STEPPED', actor: 'system', data });
          await raise(change, 'CLOCK_STEPPED', { alarmId: parts.ids.next('a') });
        }),
      );
    },
    present(now) {
      if (before !== undefined && before.operator !== null && now.operator === null) raiseOnce('NO_OPERATOR');
      if (before !== undefined && before.approvers > 0 && now.approvers === 0) raiseOnce('NO_APPROVER');
      before = { ...now };
    },
    ledgerFailed() {
      failedAtMs = parts.clock.monoMs();
      if (failing || closed) return;
      failing = true;
      const { level, text } = alarmTable.LEDGER_FAILED;
      ports.show({ id: 'ledger', level, code: 'LEDGER_FAILED', text, atMs: Math.floor(parts.clock.wallMs()) });
      probe();
    },
    ledgerKept() {
      // On a disk that is all but full something small still finds a place: it is trusted once nothing has failed for a while.
      if (!failing || closed || parts.clock.monoMs() - failedAtMs < trustedAfterMs) return;
      failing = false;
      ports.background(raiseNow('LEDGER_FAILED'));
    },
    get isLedgerFailing() {
      return failing;
    },
    close() {
      closed = true;
      stopProbe();
    },
  };
}
