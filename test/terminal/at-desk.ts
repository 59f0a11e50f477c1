/** A person at the model: presses keys, answers the calls that come out, and sees the screen as text. No program runs. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gives, MethodName, PersonView, StatusView } from '../../src/console/contract.ts';
import type { Size } from '../../src/terminal/frame.ts';
import { type CallEffect, type Effect, type Event, emptyModel, type Model } from '../../src/terminal/model.ts';
import { present } from '../../src/terminal/present.ts';
import { update } from '../../src/terminal/update.ts';
import { clockFace } from '../../src/terminal/words.ts';
import { statusAt, storyStartMs } from './story-gateway.ts';

/** What the pretended gateway answers at once; a method that is not here stays unanswered. */
export type Answers = {
  readonly [M in MethodName]?: (params: Extract<CallEffect, { method: M }>['params']) => Gives<M>;
};

export const operator: PersonView = { osn: '1001', name: 'RECORD, ALEX', roles: ['operator'] };
export const supervisor: PersonView = { osn: '2001', name: 'PRACTICE, SAM', roles: ['supervisor'] };

export class Desk {
  model: Model;
  readonly calls: CallEffect[] = [];
  readonly effects: Effect[] = [];
  answers: Answers;

  constructor(answers: Answers = {}, size: Size = { columns: 80, rows: 24 }) {
    this.answers = {
      list: () => ({ rows: [] }),
      cases: () => ({ rows: [] }),
      alarms: () => ({ rows: [] }),
      status: () => statusAt(storyStartMs),
      logon: () => operator,
      ...answers,
    };
    const face = clockFace('UTC');
    this.model = emptyModel({ size, consoleId: 'COJ1', banner: [], face, nowMs: 0 });
  }

  take(event: Event): this {
    const step = update(this.model, event);
    this.model = step.model;
    for (const effect of step.effects) {
      this.effects.push(effect);
      if (effect.type === 'call') this.#answer(effect);
    }
    return this;
  }

  #answer(effect: CallEffect): void {
    this.calls.push(effect);
    const answer = this.answers[effect.method] as ((params: unknown) => unknown) | undefined;
    if (answer === undefined) return;
    const gives = answer(effect.params);
    if (gives instanceof Refused) {
      this.take({ type: 'failed', token: effect.token, code: gives.code, text: gives.code, faults: gives.faults });
    } else this.take({ type: 'answered', token: effect.token, gives });
  }

  /** Presses named keys; a single character is typed. */
  press(...names: readonly string[]): this {
    for (const name of names)
      this.take({ type: 'key', key: name.length === 1 ? { name: 'char', ch: name } : { name } });
    return this;
  }

  type(text: string): this {
    return this.press(...text);
  }

  wait(ms: number): this {
    return this.take({ type: 'tick', nowMs: this.model.nowMs + ms });
  }

  status(more: Partial<StatusView> = {}): this {
    return this.take({ type: 'said', notification: { name: 'status', says: statusAt(storyStartMs, more) } });
  }

  up(): this {
    return this.take({ type: 'link', link: { state: 'up', reason: '', retryAtMs: null } });
  }

  /** Connected, and logged on by keys. */
  logOn(): this {
    return this.up().status().type('1001').press('enter').type('first').press('enter');
  }

  called(method: MethodName): readonly CallEffect[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** The screen as text. */
  text(size?: Size): string {
    return present(this.model, size)
      .lines.map((spans) =>
        spans
          .map((one) => one.text)
          .join('')
          .trimEnd(),
      )
      .join('\n');
  }

  /** The screen as it is kept in fixtures/screens: its text, and where the cursor stands. */
  drawn(size?: Size): string {
    const { cursor } = present(this.model, size);
    const at = cursor === null ? 'no cursor' : `cursor in row ${cursor.row + 1}, column ${cursor.column + 1}`;
    return `${this.text(size)}\n== ${at} ==\n`;
  }
}

/** Stands for a refusal of the gateway; give it where an answer is expected. */
export class Refused {
  readonly code: string;
  readonly faults: readonly { code: string; field?: string; text: string }[];
  constructor(code: string, faults: readonly { code: string; field?: string; text: string }[] = []) {
    this.code = code;
    this.faults = faults;
  }
}

/** Makes a refusal fit where a method's answer is expected. */
export function refuses(code: string, faults: readonly { code: string; field?: string; text: string }[] = []): never {
  return new Refused(code, faults) as never;
}

const folder = join(import.meta.dirname, '../../fixtures/screens');

/** The drawing kept under this name; HITLINE_DRAW=1 draws it afresh. */
export function kept(name: string, drawn: string): string {
  const file = join(folder, `${name}.txt`);
  if (process.env['HITLINE_DRAW'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, drawn);
  }
  return existsSync(file)
    ? readFileSync(file, 'utf8')
    : `there is no ${name}.txt; run the tests with HITLINE_DRAW=1 and look at it`;
}
