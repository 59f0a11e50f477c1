/**
 * Alarms about the gateway itself: its line, its clock, its people, its ledger. One alarm for each beginning of a trouble; a
 * line that comes and goes all the time is told once a minute.
 */
import type { AlarmView } from '../../console/contract.ts';
import type { HeadsNews } from '../ledger/second-place/news.ts';
import type { Parts } from '../parts.ts';
import { type AlarmCode, alarmTable, raise } from './alarm.ts';

export interface HouseAlarms {
  upstreamIs(state: 'up' | 'connecting' | 'down'): void;
  /** The wall stepped: that is an event and an alarm, and moves no deadline. */
  clockStepped(stepMs: number): void;
  /** Who is there now: the operator at the COJ, and how many could approve. */
  present(now: { readonly operator: string | null; readonly approvers: number }): void;
  /** The second place of the ledger fails, or does not agree with it: what it knows and the ledger lacks goes on file. */
  headsAre(news: HeadsNews): void;
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

interface HousePorts {
  /** Puts an alarm on every screen before the ledger has it; once it has, it is told again under the same id. */
  show(alarm: AlarmView): void;
  background(work: Promise<unknown>): void;
}

/** Makes them. */
export function makeHouseAlarms(parts: Parts, ports: HousePorts): HouseAlarms {
  return new AlarmsOfTheHouse(parts, ports);
}

class AlarmsOfTheHouse implements HouseAlarms {
  readonly #parts: Parts;
  readonly #ports: HousePorts;
  readonly #raisedAtMs = new Map<AlarmCode, number>();
  #wasUp = false;
  #before: { operator: string | null; approvers: number } | undefined;
  #failing = false;
  #failedAtMs = 0;
  #closed = false;
  #stopProbe = (): void => undefined;

  constructor(parts: Parts, ports: HousePorts) {
    this.#parts = parts;
    this.#ports = ports;
  }

  get isLedgerFailing(): boolean {
    return this.#failing;
  }

  upstreamIs(state: 'up' | 'connecting' | 'down'): void {
    if (state === 'down' && this.#wasUp) this.#raiseOnce('UPSTREAM_DOWN');
    this.#wasUp = state === 'up' || (this.#wasUp && state !== 'down');
  }

  clockStepped(stepMs: number): void {
    if (this.#closed) return;
    const { change, ids } = this.#parts;
    const alarmId = this.#show('CLOCK_STEPPED');
    this.#ports.background(
      change(async (work) => {
        const data = { ms: Math.round(stepMs) };
        work.file({ stream: 'system', id: ids.next('s'), type: 'CLOCK_STEPPED', actor: 'system', data });
        await raise(work, 'CLOCK_STEPPED', { alarmId });
      }),
    );
  }

  present(now: { readonly operator: string | null; readonly approvers: number }): void {
    const before = this.#before;
    if (before !== undefined && before.operator !== null && now.operator === null) this.#raiseOnce('NO_OPERATOR');
    if (before !== undefined && before.approvers > 0 && now.approvers === 0) this.#raiseOnce('NO_APPROVER');
    this.#before = { ...now };
  }

  headsAre(news: HeadsNews): void {
    if (news.type === 'failed') {
      this.#raiseOnce('SECOND_PLACE_FAILED');
      return;
    }
    if (this.#closed) return;
    const { change, ids } = this.#parts;
    const alarmId = this.#show('LEDGER_DOUBTED');
    this.#ports.background(
      change(async (work) => {
        const data = { ...news.doubt };
        work.file({ stream: 'system', id: ids.next('s'), type: 'LEDGER_DOUBTED', actor: 'system', data });
        await raise(work, 'LEDGER_DOUBTED', { alarmId });
      }),
    );
  }

  ledgerFailed(): void {
    this.#failedAtMs = this.#parts.clock.monoMs();
    if (this.#failing || this.#closed) return;
    this.#failing = true;
    this.#show('LEDGER_FAILED', 'ledger');
    this.#probe();
  }

  ledgerKept(): void {
    // On a disk that is all but full something small still finds a place: it is trusted once nothing has failed for a while.
    const quietMs = this.#parts.clock.monoMs() - this.#failedAtMs;
    if (!this.#failing || this.#closed || quietMs < trustedAfterMs) return;
    this.#failing = false;
    this.#ports.background(this.#raise('LEDGER_FAILED'));
  }

  close(): void {
    this.#closed = true;
    this.#stopProbe();
  }

  /** On every screen at once, whatever becomes of its filing; gives the id under which it is filed then. */
  #show(code: AlarmCode, id = this.#parts.ids.next('a')): string {
    const { level, text } = alarmTable[code];
    this.#ports.show({ id, level, code, text, atMs: Math.floor(this.#parts.clock.wallMs()) });
    return id;
  }

  #raise(code: AlarmCode): Promise<void> {
    return this.#parts.change((work) => raise(work, code, { alarmId: this.#parts.ids.next('a') }));
  }

  async #showAndRaise(code: AlarmCode): Promise<void> {
    const alarmId = this.#show(code);
    await this.#parts.change((work) => raise(work, code, { alarmId }));
  }

  #raiseOnce(code: AlarmCode): void {
    const nowMs = this.#parts.clock.monoMs();
    const lastMs = this.#raisedAtMs.get(code);
    if (this.#closed || (lastMs !== undefined && nowMs - lastMs < sameAgainMs)) return;
    this.#raisedAtMs.set(code, nowMs);
    this.#ports.background(this.#showAndRaise(code));
  }

  /** Asks the ledger to keep something small, each second for as long as it is not trusted. */
  #probe(): void {
    this.#stopProbe = this.#parts.clock.after(probeMs, () => {
      if (this.#closed || !this.#failing) return;
      const { change, ids } = this.#parts;
      const asked = change(async (work) => {
        work.file({ stream: 'system', id: ids.next('s'), type: 'LEDGER_ASKED', actor: 'system', data: {} });
      });
      asked
        .catch(() => undefined)
        .finally(() => {
          if (!this.#closed && this.#failing) this.#probe();
        });
    });
  }
}
