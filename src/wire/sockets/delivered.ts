import type { Incoming } from '../link.ts';
import type { SessionEffect } from '../session/state.ts';

/** What the owner of a link says of a payload; without a refusal it is acknowledged. */
export type Answer = (token: number, refusal?: { readonly reason: string; readonly status?: number }) => void;

/** A payload that arrived, and the two ways of answering it; a class, since a busy link makes one for each. */
export class Delivered implements Incoming {
  readonly payload: Buffer;
  readonly exchangeId: number;
  readonly duplicate: boolean;
  readonly #token: number;
  readonly #answer: Answer;

  constructor(effect: Extract<SessionEffect, { type: 'deliver' }>, answer: Answer) {
    this.payload = effect.payload;
    this.exchangeId = effect.exchangeId;
    this.duplicate = effect.duplicate;
    this.#token = effect.token;
    this.#answer = answer;
  }

  acknowledge(): void {
    this.#answer(this.#token);
  }

  refuse(reason: string, status?: number): void {
    this.#answer(this.#token, status === undefined ? { reason } : { reason, status });
  }
}
