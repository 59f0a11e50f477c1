/** One side of a session for tests, and short ways to say what came of a step. */
import type { ConnectTerms, Frame } from '../../src/wire/framing/frame.ts';
import type { WireProfile } from '../../src/wire/profile.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { sessionWakeAtMs } from '../../src/wire/session/liveness.ts';
import { stepSession } from '../../src/wire/session/session.ts';
import {
  type LinkSettings,
  nextExchangeId,
  type Role,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
  startSession,
} from '../../src/wire/session/state.ts';
import { linkSettings } from '../../src/wire/settings.ts';

export const foxtalk = wireProfile('foxtalk-1');

/** One side of a session with a hand on its clock. */
export class Side {
  state: SessionState;
  nowMs = 0;
  effects: SessionEffect[] = [];

  constructor(role: Role, settings: Partial<LinkSettings> = {}, profile: WireProfile = foxtalk) {
    const all = linkSettings(profile, { maxIdleMs: 60_000, defaultTimeoutMs: 10_000, ...settings });
    this.state = startSession({
      role,
      rules: profile.rules,
      settings: all,
      digest: (bytes) => bytes.toString('hex'),
      lastId: 100,
      nowMs: 0,
    });
  }

  do(event: SessionEvent): SessionEffect[] {
    const step = stepSession(this.state, event, this.nowMs);
    this.state = step.state;
    this.effects = [...step.effects];
    return this.effects;
  }

  frame(frame: Frame): SessionEffect[] {
    return this.do({ type: 'frame', frame });
  }

  /** Moves to each moment at which the session wants to be woken, up to `untilMs`. */
  run(untilMs: number): SessionEffect[] {
    const all: SessionEffect[] = [];
    for (;;) {
      const atMs = sessionWakeAtMs(this.state);
      if (atMs === undefined || atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, atMs);
      all.push(...this.do({ type: 'tick' }));
    }
    this.nowMs = untilMs;
    return all;
  }

  send(text: string, repeatable = false): number {
    const exchangeId = nextExchangeId(this.state);
    this.state = { ...this.state, lastId: exchangeId };
    this.do({ type: 'send', exchangeId, payload: Buffer.from(text), repeatable });
    return exchangeId;
  }
}

export const frames = (effects: readonly SessionEffect[]) =>
  effects.flatMap((one) => (one.type === 'write' ? [one.frame] : []));
export const reasons = (effects: readonly SessionEffect[]) =>
  effects.flatMap((one) => (one.type === 'close' ? [one.reason] : []));
export const notices = (effects: readonly SessionEffect[]) =>
  effects.flatMap((one) => (one.type === 'notice' ? [one.code] : []));
export const outcomes = (effects: readonly SessionEffect[]) =>
  effects.flatMap((one) => (one.type === 'outcome' ? [one.outcome] : []));
export const deliveries = (effects: readonly SessionEffect[]) =>
  effects.flatMap((one) => (one.type === 'deliver' ? [one] : []));

export const plain: ConnectTerms = {
  major: 1,
  minor: 1,
  frameBytesMax: 65_000,
  maxIdleS: 60,
  defaultTimeoutS: 10,
  encryption: false,
  coding: 'NON',
  newline: 'LF',
};

export function openClient(settings: Partial<LinkSettings> = {}, terms: Partial<ConnectTerms> = {}): Side {
  const side = new Side('client', settings);
  side.do({ type: 'connected' });
  const [wish] = frames(side.effects);
  side.frame({ type: 'connect', exchangeId: wish?.exchangeId ?? 0, terms: { ...plain, ...terms } });
  return side;
}

export function openSwitch(settings: Partial<LinkSettings> = {}): Side {
  const side = new Side('switch', settings);
  side.do({ type: 'connected' });
  side.frame({ type: 'connect', exchangeId: 1, terms: { ...plain, maxIdleS: 0, defaultTimeoutS: 0 } });
  return side;
}

export const data = (exchangeId: number, text: string, final = true): Frame => ({
  type: 'data',
  exchangeId,
  final,
  payload: Buffer.from(text),
});
