/**
 * A deadline: a moment at which something is due. One machine for every clock of the trade. Its id is made of what it is
 * about and its kind, so a thing has at most one armed deadline of a kind.
 */
import type { Change, Effect, Held, Machine, Stepped } from '../change.ts';
import type { JsonObject, Stream } from '../ledger/ledger.ts';

/** What can fall due. What happens then stands in one table, deadline-work.ts. */
export type DeadlineKind =
  | 'confirm'
  | 'answer'
  | 'telephone'
  | 'warn-half'
  | 'warn-late'
  | 'approval'
  | 'release-limit'
  | 'hold-expiry'
  | 'answer-wait'
  | 'follow-up';

export interface DeadlineState extends JsonObject {
  readonly status: 'ARMED' | 'FIRED' | 'CALLED_OFF';
  readonly kind: DeadlineKind;
  readonly about: string;
  readonly aboutStream: Stream;
  readonly caseId: string | null;
  readonly dueAtMs: number;
  readonly firedAtMs: number | null;
}

export type DeadlineEvent =
  | {
      readonly type: 'ARMED';
      readonly kind: DeadlineKind;
      readonly about: string;
      readonly aboutStream: Stream;
      readonly caseId: string | null;
      readonly dueAtMs: number;
    }
  | { readonly type: 'FIRED' }
  | { readonly type: 'CALLED_OFF' };

type Context = Parameters<Machine<DeadlineState, DeadlineEvent>['step']>[2];

function step(state: DeadlineState | undefined, event: DeadlineEvent, context: Context): Stepped<DeadlineState> {
  const { id, version } = context;
  const bell = (at: number) => ({ kind: 'deadline', id, version: at });
  if (event.type === 'ARMED') {
    const effects: Effect[] = [{ do: 'arm', bell: { ...bell(version), dueAtMs: event.dueAtMs } }];
    if (state?.status === 'ARMED') effects.unshift({ do: 'disarm', bell: bell(version - 1) });
    const { type: _type, ...rest } = event;
    return { ok: true, state: { status: 'ARMED', ...rest, firedAtMs: null }, effects };
  }
  if (state === undefined) return { ok: false, code: 'NOT_FOUND' };
  if (state.status !== 'ARMED') return { ok: false, code: 'ALREADY_DONE' };
  if (event.type === 'CALLED_OFF') {
    return {
      ok: true,
      state: { ...state, status: 'CALLED_OFF' },
      effects: [{ do: 'disarm', bell: bell(version - 1) }],
    };
  }
  // Late if it must, never early.
  if (context.now.atMs < state.dueAtMs) return { ok: false, code: 'ALREADY_DONE' };
  return { ok: true, state: { ...state, status: 'FIRED', firedAtMs: context.now.atMs }, effects: [] };
}

/** The machine of deadlines. */
export const deadlineMachine: Machine<DeadlineState, DeadlineEvent> = {
  stream: 'deadline',
  step,
  row: (state) => ({
    status: state.status,
    key: state.kind,
    parent: state.caseId ?? state.about,
    dueAtMs: state.dueAtMs,
    body: state,
  }),
};

/** The id of a thing's deadline of a kind. */
export function deadlineId(about: string, kind: DeadlineKind): string {
  return `${about}.${kind}`;
}

/** Arms, or moves, the deadline of this kind on a thing. */
export async function arm(
  change: Change,
  kind: DeadlineKind,
  on: { readonly stream: Stream; readonly id: string; readonly caseId: string | null; readonly dueAtMs: number },
): Promise<void> {
  const { stream: aboutStream, id: about, caseId, dueAtMs } = on;
  const event = { type: 'ARMED', kind, about, aboutStream, caseId, dueAtMs } as const;
  const act = { event, actor: 'system' };
  if (change.isNew(aboutStream, about)) await change.begin(deadlineMachine, deadlineId(about, kind), act);
  else await change.apply(deadlineMachine, deadlineId(about, kind), act);
}

/** Arms a deadline that was called off once more, at the moment it had then; nothing when there never was one. */
export async function armAgain(change: Change, about: string, kind: DeadlineKind): Promise<void> {
  const held = await change.get(deadlineMachine, deadlineId(about, kind));
  if (held === undefined) return;
  const { aboutStream: stream, caseId, dueAtMs } = held.state;
  await arm(change, kind, { stream, id: about, caseId, dueAtMs });
}

/** Those of a thing's deadlines that are armed. All are asked for at once: each question alone is a way to another thread. */
async function armedOf(
  change: Change,
  about: string,
  kinds: readonly DeadlineKind[],
): Promise<readonly Held<DeadlineState>[]> {
  const all = await Promise.all(kinds.map((kind) => change.get(deadlineMachine, deadlineId(about, kind))));
  return all.filter((held) => held !== undefined).filter((held) => held.state.status === 'ARMED');
}

/** True when one of these deadlines of a thing is armed. */
export async function isArmed(change: Change, about: string, kinds: readonly DeadlineKind[]): Promise<boolean> {
  return (await armedOf(change, about, kinds)).length > 0;
}

/** Calls off the deadlines of these kinds on a thing, where they are armed. */
export async function callOff(change: Change, about: string, kinds: readonly DeadlineKind[]): Promise<void> {
  for (const held of await armedOf(change, about, kinds)) {
    await change.apply(deadlineMachine, held.id, { event: { type: 'CALLED_OFF' }, actor: 'system' });
  }
}
